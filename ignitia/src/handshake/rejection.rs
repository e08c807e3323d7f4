use axum_core::response::{IntoResponse, Response};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE},
};

/// Reason for refusing a handshake before the 101. Each has its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// 405: not GET, nor POST on a route that reads a body.
    MethodNotAllowed { post: bool },
    /// 400: a request over HTTP/2 that is not an extended CONNECT.
    ConnectRequired,
    /// 501: an extended CONNECT for another protocol.
    UnknownProtocol,
    /// 426: not an upgrade to `websocket`.
    UpgradeRequired,
    /// 426: an upgrade to `websocket` over HTTP/1.0, which has no upgrades.
    Http10,
    /// 426: not version 13. 400 over HTTP/2, which has no upgrades.
    UnsupportedVersion { http2: bool },
    /// 400: no key.
    MissingKey,
    /// 400: two keys, or a key that is not 16 bytes in base64.
    InvalidKey,
    /// 400: no host, two hosts, or an invalid one.
    InvalidHost,
    /// 400: the offered subprotocols are not a list of tokens without repetition.
    InvalidSubprotocols,
    /// 400: the offered extensions are not a list of extensions.
    InvalidExtensions,
    /// 403: a page of a foreign origin.
    ForeignOrigin,
    /// 400: a request body that no extractor has read. It would be taken for frames.
    UnreadBody,
    /// 503: the extractors took longer than `handshake_timeout`.
    TimedOut,
    /// 503: the server is shutting down gracefully.
    Draining { retry_after: u64 },
    /// 503: the total number of WebSockets or the rate of handshakes has reached its limit.
    Overloaded { retry_after: u64 },
    /// 429: the number of the peer's WebSockets has reached its limit.
    TooMany { retry_after: u64 },
    /// 500: the server that runs this service cannot upgrade connections.
    NotUpgradable,
}

impl Rejection {
    fn status(self) -> StatusCode {
        match self {
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::UpgradeRequired | Self::Http10 | Self::UnsupportedVersion { http2: false } => {
                StatusCode::UPGRADE_REQUIRED
            }
            Self::UnknownProtocol => StatusCode::NOT_IMPLEMENTED,
            Self::ConnectRequired
            | Self::UnsupportedVersion { http2: true }
            | Self::MissingKey
            | Self::InvalidKey
            | Self::InvalidHost
            | Self::InvalidSubprotocols
            | Self::InvalidExtensions
            | Self::UnreadBody => StatusCode::BAD_REQUEST,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::TimedOut | Self::Draining { .. } | Self::Overloaded { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotUpgradable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the text of the response.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::MethodNotAllowed { .. } => "a WebSocket handshake must be a GET request",
            Self::ConnectRequired => "over HTTP/2 a WebSocket is opened with an extended CONNECT request",
            Self::UnknownProtocol => "this endpoint accepts only WebSocket connections",
            Self::UpgradeRequired => "this endpoint accepts only WebSocket connections",
            Self::Http10 => "a WebSocket needs HTTP/1.1 or HTTP/2: this request came over HTTP/1.0",
            Self::UnsupportedVersion { .. } => "only version 13 of the WebSocket protocol is supported",
            Self::MissingKey => {
                "Sec-WebSocket-Key is missing; a proxy that translates from HTTP/2 must add one"
            }
            Self::InvalidKey => "Sec-WebSocket-Key must be 16 bytes in base64, once",
            Self::InvalidHost => "exactly one valid Host header is needed",
            Self::InvalidSubprotocols => "Sec-WebSocket-Protocol must be a list of distinct tokens",
            Self::InvalidExtensions => "Sec-WebSocket-Extensions must be a list of extensions",
            Self::ForeignOrigin => "this origin is not allowed",
            Self::UnreadBody => "this endpoint takes no request body",
            Self::TimedOut => "the handshake took too long",
            Self::Draining { .. } => "the server is shutting down",
            Self::Overloaded { .. } => "the server has too many connections",
            Self::TooMany { .. } => "too many connections from this address",
            Self::NotUpgradable => "this connection cannot be upgraded",
        }
    }

    fn headers(self) -> Vec<(HeaderName, HeaderValue)> {
        let fixed = HeaderValue::from_static;
        match self {
            Self::MethodNotAllowed { post } => vec![(ALLOW, fixed(if post { "GET,POST" } else { "GET" }))],
            // A 426 names what to upgrade to: RFC 9110, section 15.5.22.
            Self::UpgradeRequired | Self::Http10 | Self::UnsupportedVersion { http2: false } => vec![
                (CONNECTION, fixed("upgrade")),
                (UPGRADE, fixed("websocket")),
                (SEC_WEBSOCKET_VERSION, fixed("13")),
            ],
            Self::UnsupportedVersion { http2: true } => vec![(SEC_WEBSOCKET_VERSION, fixed("13"))],
            // The rest of the body must not be parsed as the next request.
            Self::UnreadBody => vec![(CONNECTION, fixed("close"))],
            Self::Draining { retry_after } => {
                vec![(RETRY_AFTER, retry_after.into()), (CONNECTION, fixed("close"))]
            }
            Self::Overloaded { retry_after } | Self::TooMany { retry_after } => {
                vec![(RETRY_AFTER, retry_after.into())]
            }
            _ => Vec::new(),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.message()).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response.headers_mut().extend(self.headers());
        response
    }
}
