//! HandshakeAnswer to a handshake, from the request to the response.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum_core::response::Response;
use http::{
    Version,
    header::{CONNECTION, UPGRADE},
    request::Parts,
};
use pin_project_lite::pin_project;
use tracing::{Span, instrument::Instrumented};

use super::{failed_upgrade::FailedUpgrade, report::HandshakeReport};
use crate::extract::PendingResponse;

/// HandshakeAnswer to a handshake that is under way.
#[derive(Debug)]
pub(super) struct HandshakeAnswer {
    pub(super) report: HandshakeReport,
    pending: PendingResponse,
    version: Version,
}

impl HandshakeAnswer {
    /// Begins the answer to a request: see [`PendingResponse::to`].
    pub(super) fn begin(report: HandshakeReport, request: &mut Parts) -> Self {
        Self { report, pending: PendingResponse::to(request), version: request.version }
    }

    /// Turns the outcome into the response, and reports it. The span is the handshake's.
    pub(super) fn finish(self, mut outcome: Result<Response, FailedUpgrade>, span: &Span) -> Response {
        let Self { report, pending, version } = self;
        if let Ok(answer) = &mut outcome {
            pending.complete(answer);
        }
        let mut response = span.in_scope(|| report.end(outcome));
        span.record("status", response.status().as_u16());
        if version == Version::HTTP_2 {
            // HTTP/2 forbids headers about the connection, which other streams share: RFC 9113,
            // section 8.2.2.
            response.headers_mut().remove(CONNECTION);
            response.headers_mut().remove(UPGRADE);
        }
        pending.echo_request_id(&mut response);
        response
    }
}

pin_project! {
    /// Future of a handshake's response.
    pub(super) struct HandshakeFuture<F> {
        // Dropped first: a report that is dropped without an outcome is that of a client that left.
        #[pin]
        serving: Instrumented<F>,
        answer: Option<HandshakeAnswer>,
    }
}

impl<F> HandshakeFuture<F> {
    pub(super) fn new(serving: Instrumented<F>, answer: HandshakeAnswer) -> Self {
        Self { serving, answer: Some(answer) }
    }
}

impl<F> Future for HandshakeFuture<F>
where
    F: Future<Output = Result<Response, FailedUpgrade>>,
{
    type Output = Response;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        let mut this = self.project();
        let outcome = ready!(this.serving.as_mut().poll(cx));
        let answer = this.answer.take().expect("a future is not polled after its output");
        Poll::Ready(answer.finish(outcome, this.serving.span()))
    }
}
