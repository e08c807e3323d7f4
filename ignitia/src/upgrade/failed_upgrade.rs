//! Response to a failed handshake.

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use super::handshake_failure::HandshakeFailure;
use crate::handshake::Rejection;

/// Response to a failed handshake, with the reason.
#[derive(Debug)]
pub(super) struct FailedUpgrade {
    pub(super) reason: HandshakeFailure,
    pub(super) response: Response,
}

impl FailedUpgrade {
    pub(super) fn new(reason: HandshakeFailure, response: impl IntoResponse) -> Self {
        Self { reason, response: response.into_response() }
    }

    pub(super) fn panicked() -> Self {
        Self::new(HandshakeFailure::Panicked, StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Rejection> for FailedUpgrade {
    fn from(rejection: Rejection) -> Self {
        Self::new(rejection.into(), rejection)
    }
}
