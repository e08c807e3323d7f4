//! The error of the application, before the upgrade and after it.

use std::{borrow::Cow, fmt};

use ignitia::{IntoResponse, MessageError, Response, StatusCode};
use ring::error::Unspecified;

use crate::store::StoreError;

/// Reason for which a request or a message is refused.
#[derive(Debug)]
pub(crate) enum DeskError {
    /// Nobody is logged in.
    NoSession,
    WrongPassword,
    Forbidden,
    NotFound,
    /// Wrong input, with the rule that it breaks.
    BadInput(&'static str),
    Store(StoreError),
    /// The system has no random numbers, or the thread that hashes has ended.
    Hashing,
    Delivery(ignitia::Error),
}

impl DeskError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoSession | Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadInput(_) => StatusCode::BAD_REQUEST,
            Self::Store(_) | Self::Hashing | Self::Delivery(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The answer to a request.
impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        if self.status().is_server_error() {
            tracing::error!(error = %self, "a request failed");
        }
        (self.status(), self.public_message().into_owned()).into_response()
    }
}

/// The answer to a message. The connection stays open.
impl MessageError for DeskError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSession => "no_session",
            Self::WrongPassword => "wrong_password",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::BadInput(_) => "bad_input",
            Self::Store(_) | Self::Hashing | Self::Delivery(_) => "internal",
        }
    }

    fn public_message(&self) -> Cow<'_, str> {
        match self {
            Self::NoSession => "log in first".into(),
            Self::WrongPassword => "wrong name or password".into(),
            Self::Forbidden => "this is not for you".into(),
            Self::NotFound => "there is no such thing".into(),
            Self::BadInput(rule) => (*rule).into(),
            Self::Store(_) | Self::Hashing | Self::Delivery(_) => {
                "this does not work at the moment: try again".into()
            }
        }
    }

    fn codes() -> &'static [&'static str] {
        &["no_session", "wrong_password", "forbidden", "not_found", "bad_input", "internal"]
    }
}

/// For the log.
impl fmt::Display for DeskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Delivery(error) => error.fmt(f),
            Self::Hashing => f.write_str("a password or a token cannot be made"),
            other => f.write_str(&other.public_message()),
        }
    }
}

impl std::error::Error for DeskError {}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ignitia::Error> for DeskError {
    fn from(error: ignitia::Error) -> Self {
        Self::Delivery(error)
    }
}

/// The only error that ring has.
impl From<Unspecified> for DeskError {
    fn from(_: Unspecified) -> Self {
        Self::Hashing
    }
}
