//! Serde's representation of the enum.

use super::parse::Attributes;

/// Representation of an enum on the wire, in Serde's terms.
pub(super) enum Tagging {
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    External,
}

/// Returns the representation that Serde's attributes choose.
pub(super) fn tagging(attributes: &Attributes) -> Tagging {
    let text = |word| attributes.texts(word, "").into_iter().next();
    match (text("tag"), text("content")) {
        (Some(tag), None) => Tagging::Internal { tag },
        (Some(tag), Some(content)) => Tagging::Adjacent { tag, content },
        (None, _) => Tagging::External,
    }
}
