use axum_core::response::{IntoResponse, Response};
use http::header::SEC_WEBSOCKET_PROTOCOL;

use super::{accept_key::AcceptKey, headers::to_value, http1, http2};

/// A handshake that may be answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(super) response: SuccessResponse,
    pub(crate) subprotocol: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum SuccessResponse {
    SwitchingProtocols(AcceptKey),
    Connected(Option<AcceptKey>),
}

/// The answer after which frames follow.
impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let mut response = match &self.response {
            SuccessResponse::SwitchingProtocols(key) => http1::switching_protocols(key),
            SuccessResponse::Connected(key) => http2::connected(key.as_ref()),
        };
        if let Some(subprotocol) = &self.subprotocol {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, to_value(subprotocol));
        }
        response
    }
}
