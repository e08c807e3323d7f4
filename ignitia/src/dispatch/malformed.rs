//! Descriptions of malformed input, for the client.

use std::fmt;

use super::{
    client_message::{ClientMessage, Tagging},
    correlation_id::{EXPECTED, Id},
    diagnose::{Fault, FaultKind, JsonPath, known_tags},
    error_reply::ErrorReply,
};

/// All codes of a [`Malformed`].
pub(crate) const MALFORMED_CODES: &[&str] = &[
    "binary",
    "duplicate_field",
    "invalid",
    "invalid_id",
    "invalid_json",
    "invalid_length",
    "invalid_type",
    "invalid_value",
    "missing_field",
    "missing_tag",
    "unknown_field",
    "unknown_tag",
];

/// Description of an input that is none of the expected messages.
///
/// It is safe to send to the client: it holds neither the input nor the names of Rust types.
///
/// | code | cause | expected |
/// |---|---|---|
/// | `invalid_json` | not JSON, or empty | |
/// | `missing_tag`, `unknown_tag` | the kind of the message | the known kinds |
/// | `missing_field`, `unknown_field`, `duplicate_field` | a field | the field, or the known ones |
/// | `invalid_type`, `invalid_value`, `invalid_length` | a value | description of a valid value |
/// | `invalid_id` | the correlation id | description of a valid id |
/// | `invalid` | refused by code of the application | |
/// | `binary` | a binary message where text is expected | |
#[derive(Debug, Clone, PartialEq)]
pub struct Malformed {
    code: &'static str,
    path: String,
    message: String,
    expected: Vec<String>,
    pub(super) id: Option<Id<'static>>,
}

impl Malformed {
    pub(super) fn empty() -> Self {
        Self::new("invalid_json", "the message is empty")
    }

    /// Keeps the text of the syntax error: it names the position, and repeats nothing of the input.
    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        Self::new("invalid_json", format!("the message is not JSON: {error}"))
    }

    pub(super) fn binary() -> Self {
        Self::new("binary", "messages are JSON text, not binary")
    }

    fn new(code: &'static str, message: impl Into<String>) -> Self {
        debug_assert!(MALFORMED_CODES.contains(&code), "{code}");
        Self { code, path: String::new(), message: message.into(), expected: Vec::new(), id: None }
    }

    /// Describes the error that the diagnosis has found; `None` if it has found none.
    pub(super) fn from_fault<'de, M: ClientMessage<'de>>(
        fault: Option<Fault>,
        id_name: Option<&'static str>,
        id: Option<Id<'static>>,
    ) -> Self {
        let Some(fault) = fault else {
            return Self { id, ..Self::new("invalid", "the message was refused") };
        };
        let known = || known_tags::<M>().iter().map(|tag| (*tag).to_owned()).collect();
        let (tag, content) = match M::TAGGING {
            Tagging::Internal { tag } => (Some(tag), None),
            Tagging::Adjacent { tag, content } => (Some(tag), Some(content)),
            Tagging::External => (None, None),
        };
        let is = |name: Option<&str>| name.is_some_and(|name| fault.path.is_key(name));
        let (is_tag, is_id) = (is(tag), is(id_name));
        let (path, expected) = (fault.path.to_string(), fault.expected.clone());
        let tag = tag.unwrap_or_default();
        let (code, path, message, expected) = match fault.kind {
            FaultKind::MissingField if is_tag => {
                ("missing_tag", path, format!("`{tag}` is missing"), known())
            }
            FaultKind::MissingField => {
                ("missing_field", path.clone(), format!("`{path}` is missing"), expected)
            }
            _ if is_id => ("invalid_id", path, "the id cannot be used".to_owned(), vec![EXPECTED.to_owned()]),
            FaultKind::UnknownVariant if is_tag || fault.path.is_empty() => {
                let message = match tag {
                    "" => "unknown kind of message".to_owned(),
                    tag => format!("`{tag}` names an unknown kind of message"),
                };
                let path = if tag.is_empty() { path } else { JsonPath::of_key(tag).to_string() };
                ("unknown_tag", path, message, expected)
            }
            FaultKind::UnknownVariant => ("invalid_value", path, "the value is unknown".to_owned(), expected),
            FaultKind::InvalidType if is_tag => {
                ("invalid_type", path, "the value must be a string".to_owned(), vec!["a string".to_owned()])
            }
            // serde reports a field beside the tag and the content, where no other is allowed, as
            // an invalid value.
            FaultKind::InvalidValue
                if content.is_some() && fault.path.is_of_one_key() && !is_tag && !is(content) =>
            {
                let fields = [Some(tag), content].into_iter().flatten().map(str::to_owned).collect();
                ("unknown_field", path, "there is no such field".to_owned(), fields)
            }
            FaultKind::UnknownField => ("unknown_field", path, "there is no such field".to_owned(), expected),
            FaultKind::DuplicateField => {
                ("duplicate_field", path, "the field appears twice".to_owned(), expected)
            }
            FaultKind::InvalidType => {
                let message = format!("the value must be {}", expected.join(" or "));
                ("invalid_type", path, message, expected)
            }
            FaultKind::InvalidValue => {
                let message = format!("the value must be {}", expected.join(" or "));
                ("invalid_value", path, message, expected)
            }
            FaultKind::InvalidLength => {
                let message = format!("there must be {}", expected.join(" or "));
                ("invalid_length", path, message, expected)
            }
            FaultKind::Refused | FaultKind::Format => {
                ("invalid", path, "the value was refused".to_owned(), expected)
            }
        };
        debug_assert!(MALFORMED_CODES.contains(&code), "{code}");
        Self { code, path, message, expected, id }
    }

    /// Returns the code of the error, for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Returns the JSON path of the value, like `items[2].price`, of at most 128 bytes. It is empty
    /// for the message as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the text of the error, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns names or descriptions of the expected values.
    pub fn expected(&self) -> &[String] {
        &self.expected
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, " (at {})", self.path) }
    }
}

impl std::error::Error for Malformed {}

impl<'a> From<&'a Malformed> for ErrorReply<'a> {
    fn from(malformed: &'a Malformed) -> Self {
        ErrorReply {
            code: malformed.code,
            path: Some(&malformed.path).filter(|path| !path.is_empty()).map(String::as_str),
            message: malformed.message.as_str().into(),
            expected: &malformed.expected,
        }
    }
}
