use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum_core::{body::Body, response::Response};
use bytes::Bytes;
use http::StatusCode;
use http_body::Frame;

/// Returns a 101 without the headers of the handshake, for a server that writes them itself.
pub(super) fn bare_101() -> Response {
    let mut response = Response::new(Body::new(NoBody));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response
}

/// No body, and of no length: axum would add a `Content-Length`, which a 101 must not have.
struct NoBody;

impl http_body::Body for NoBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}
