//! Errors that answer a message.

use std::{borrow::Cow, convert::Infallible, fmt::Display};

use crate::{
    close::{CloseCode, CloseFrame},
    error::Error,
};

/// An error that answers a message.
///
/// The client receives `{"type":"$error","code":..,"message":..}`, and then the connection goes on,
/// or closes if [`close`](Self::close) returns a frame. The `Display` text goes to the log only.
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
///             ChatError::Database(_) => "something went wrong".into(), // no details
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to a client as an error",
    label = "the error of a reply needs `MessageError`",
    note = "implement `ignitia::MessageError` for `{Self}`: a code, and a text for the client"
)]
pub trait MessageError: Display {
    /// Returns the code of the error, for programs: a word that does not change.
    fn code(&self) -> &'static str;

    /// Returns the text of the error, for people, without anything that the client should not know.
    fn public_message(&self) -> Cow<'_, str>;

    /// Returns the frame to close the connection with behind the error. Default: none, the
    /// connection goes on.
    fn close(&self) -> Option<CloseFrame> {
        None
    }

    /// Returns all codes that an error of this type may have, for the contract of an endpoint.
    /// Default: none, they are not known.
    fn codes() -> &'static [&'static str]
    where
        Self: Sized,
    {
        &[]
    }
}

/// An error of this crate is unexpected here: the client gets no details, and the connection closes
/// with 1011; with 1008 if it [`is_taken`](Error::is_taken), and with 1013 if it
/// [`is_unavailable`](Error::is_unavailable).
impl MessageError for Error {
    fn code(&self) -> &'static str {
        match self {
            error if error.is_taken() => "taken",
            error if error.is_unavailable() => "unavailable",
            _ => "internal",
        }
    }

    fn public_message(&self) -> Cow<'_, str> {
        match self {
            error if error.is_taken() => "the seat is taken",
            error if error.is_unavailable() => "not available at the moment: try again later",
            _ => "something went wrong",
        }
        .into()
    }

    fn close(&self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            error if error.is_taken() => (CloseCode::POLICY, "taken"),
            error if error.is_unavailable() => (CloseCode::TRY_AGAIN_LATER, "unavailable"),
            _ => (CloseCode::INTERNAL_ERROR, ""),
        };
        Some(CloseFrame { code, reason: reason.into() })
    }

    fn codes() -> &'static [&'static str] {
        &["internal", "taken", "unavailable"]
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
