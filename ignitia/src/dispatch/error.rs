use std::{borrow::Cow, convert::Infallible, fmt::Display};

use crate::{
    close::{CloseCode, CloseFrame},
    error::Error,
};

/// An error that answers a message: what the client is told of it, and whether the connection goes on.
///
/// The client gets `{"type":"$error","code":..,"message":..}`. What `Display` says goes to the log only.
///
/// ```
/// use std::{borrow::Cow, fmt};
/// use ignitia::MessageError;
///
/// #[derive(Debug)]
/// enum ChatError {
///     Muted,
///     Database(std::io::Error),
/// }
///
/// impl fmt::Display for ChatError {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         match self {
///             ChatError::Muted => f.write_str("muted"),
///             ChatError::Database(error) => write!(f, "database: {error}"), // for the log
///         }
///     }
/// }
///
/// impl MessageError for ChatError {
///     fn code(&self) -> &'static str {
///         match self {
///             ChatError::Muted => "muted",
///             ChatError::Database(_) => "internal",
///         }
///     }
///
///     fn public_message(&self) -> Cow<'_, str> {
///         match self {
///             ChatError::Muted => "you cannot speak for a while".into(),
///             ChatError::Database(_) => "something went wrong".into(), // nothing about why
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error that a client can be told",
    label = "the error of a reply needs `MessageError`",
    note = "implement `ignitia::MessageError` for `{Self}`: a code, and a text for the client"
)]
pub trait MessageError: Display {
    /// What went wrong, for programs: a word that does not change.
    fn code(&self) -> &'static str;

    /// What went wrong, for people; nothing that the client should not know.
    fn public_message(&self) -> Cow<'_, str>;

    /// Closes the connection behind the error, if there is a frame. Default: it goes on.
    fn close(&self) -> Option<CloseFrame> {
        None
    }
}

/// An error of ours is unexpected: it says nothing, and closes with 1011.
impl MessageError for Error {
    fn code(&self) -> &'static str {
        "internal"
    }

    fn public_message(&self) -> Cow<'_, str> {
        "something went wrong".into()
    }

    fn close(&self) -> Option<CloseFrame> {
        Some(CloseFrame { code: CloseCode::INTERNAL_ERROR, reason: String::new() })
    }
}

impl MessageError for Infallible {
    fn code(&self) -> &'static str {
        match *self {}
    }

    fn public_message(&self) -> Cow<'_, str> {
        match *self {}
    }
}
