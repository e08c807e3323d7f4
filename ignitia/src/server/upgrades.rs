//! Requests for an upgrade over HTTP/1.1, as far as the connection below has to know of them.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response, StatusCode, Version};
use hyper::{service::Service, upgrade::OnUpgrade};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use crate::stream::{UpgradableStream, UpgradeSignal};

/// How often a peer that waits for its answer is looked after.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Puts a [`UpgradableStream`] around the connection, and lets the service tell it how upgrades go on.
pub(super) fn watched<T, S>(stream: T, service: S) -> (UpgradableStream<T>, Watched<S>) {
    let upgrading = UpgradeSignal::default();
    (UpgradableStream::new(stream, upgrading.clone()), Watched { service, upgrading })
}

/// A service that says when an upgrade is waited for, and when it answers with a 101.
pub(super) struct Watched<S> {
    service: S,
    upgrading: UpgradeSignal,
}

impl<S, A, B> Service<Request<A>> for Watched<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn call(&self, request: Request<A>) -> Self::Future {
        let is_upgrade =
            request.version() < Version::HTTP_2 && request.extensions().get::<OnUpgrade>().is_some();
        let answer = self.service.call(request);
        Answering { answer, is_upgrade, next_look: None, upgrading: self.upgrading.clone() }
    }
}

pin_project! {
    /// The answer under way.
    pub(super) struct Answering<F> {
        #[pin]
        answer: F,
        is_upgrade: bool,
        // Most answers are there at once, and need no clock.
        next_look: Option<Pin<Box<Sleep>>>,
        upgrading: UpgradeSignal,
    }
}

impl<F, B, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(answer) = this.answer.poll(cx) {
            if answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::SWITCHING_PROTOCOLS) {
                this.upgrading.announce_101();
            }
            return Poll::Ready(answer);
        }
        if *this.is_upgrade {
            let next_look = this.next_look.get_or_insert_with(|| Box::pin(sleep(LOOK_EVERY)));
            while next_look.as_mut().poll(cx).is_ready() {
                // In this turn hyper still has to flush: that is when it is done.
                this.upgrading.check_peer();
                next_look.set(sleep(LOOK_EVERY));
            }
        }
        Poll::Pending
    }
}
