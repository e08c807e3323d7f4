//! Serde's representation of an enum.

use super::parse::Attributes;

pub(super) enum Tagging {
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    External,
}

/// How the enum is tagged, by what serde is told.
pub(super) fn tagging(attributes: &Attributes) -> Tagging {
    let text = |word| attributes.texts(word, "").into_iter().next();
    match (text("tag"), text("content")) {
        (Some(tag), None) => Tagging::Internal { tag },
        (Some(tag), Some(content)) => Tagging::Adjacent { tag, content },
        (None, _) => Tagging::External,
    }
}
