//! Tracking of upgrade requests over HTTP/1.1, for the stream below the connection.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, Version};
use hyper::{service::Service, upgrade::OnUpgrade};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use crate::stream::{UpgradableStream, UpgradeSignal};

/// Interval between checks that a peer that waits for its response is still there.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// Wraps the stream of a connection, of which these bytes were read already, and its service. The
/// service signals the progress of upgrades to the stream.
pub(super) fn track_upgrades<T, S>(
    stream: T,
    read_ahead: Bytes,
    service: S,
) -> (UpgradableStream<T>, TrackUpgrades<S>) {
    let signal = UpgradeSignal::default();
    (UpgradableStream::new(stream, read_ahead, signal.clone()), TrackUpgrades { service, signal })
}

/// Service that signals while an upgrade request waits, and before it answers one with a 101.
pub(super) struct TrackUpgrades<S> {
    service: S,
    signal: UpgradeSignal,
}

impl<S, A, B> Service<Request<A>> for TrackUpgrades<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = TrackedResponse<S::Future>;

    fn call(&self, request: Request<A>) -> Self::Future {
        let is_upgrade =
            request.version() < Version::HTTP_2 && request.extensions().get::<OnUpgrade>().is_some();
        let response = self.service.call(request);
        TrackedResponse { response, is_upgrade, next_check: None, signal: self.signal.clone() }
    }
}

pin_project! {
    /// Future of a response.
    pub(super) struct TrackedResponse<F> {
        #[pin]
        response: F,
        is_upgrade: bool,
        // Set on demand: most responses are ready at once, and need no timer.
        next_check: Option<Pin<Box<Sleep>>>,
        signal: UpgradeSignal,
    }
}

impl<F, B, E> Future for TrackedResponse<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(response) = this.response.poll(cx) {
            if response.as_ref().is_ok_and(|response| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
                this.signal.announce_101();
            }
            return Poll::Ready(response);
        }
        if *this.is_upgrade {
            let next_check = this.next_check.get_or_insert_with(|| Box::pin(sleep(CHECK_INTERVAL)));
            while next_check.as_mut().poll(cx).is_ready() {
                // hyper flushes after it has polled this, and the stream checks on that flush.
                this.signal.check_peer();
                next_check.set(sleep(CHECK_INTERVAL));
            }
        }
        Poll::Pending
    }
}
