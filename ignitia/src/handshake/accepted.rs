use axum_core::response::{IntoResponse, Response};
use http::header::{SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL};

use super::{accept_key::AcceptKey, headers::to_value, http1, http2};
use crate::compression::NegotiatedCompression;

/// Accepted handshake. Frames follow its response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(super) response: SuccessResponse,
    pub(crate) subprotocol: Option<String>,
    pub(crate) compression: Option<NegotiatedCompression>,
}

/// Response that accepts a handshake.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SuccessResponse {
    /// 101, for the upgrade of HTTP/1.1.
    SwitchingProtocols(AcceptKey),
    /// 200, for the extended CONNECT of HTTP/2. It has an accept key only if the request had a key.
    Connected(Option<AcceptKey>),
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let mut response = match self.response {
            SuccessResponse::SwitchingProtocols(key) => http1::switching_protocols(key),
            SuccessResponse::Connected(key) => http2::connected(key),
        };
        if let Some(subprotocol) = &self.subprotocol {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, to_value(subprotocol));
        }
        if let Some(compression) = &self.compression {
            response.headers_mut().insert(SEC_WEBSOCKET_EXTENSIONS, to_value(&compression.to_string()));
        }
        response
    }
}
