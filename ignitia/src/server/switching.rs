//! Answers with a 101, and how the connection below learns of them.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Response, StatusCode};
use hyper::service::Service;
use pin_project_lite::pin_project;

use crate::connection::{Switching, Wire};

/// Puts a [`Wire`] around the connection, and lets the service tell it when a 101 comes.
pub(super) fn watched<T, S>(stream: T, service: S) -> (Wire<T>, Watched<S>) {
    let switching = Switching::default();
    (Wire::new(stream, switching.clone()), Watched { service, switching })
}

/// A service that says when it answers with a 101.
pub(super) struct Watched<S> {
    service: S,
    switching: Switching,
}

impl<S, R, B> Service<R> for Watched<S>
where
    S: Service<R, Response = Response<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn call(&self, request: R) -> Self::Future {
        Answering { answer: self.service.call(request), switching: self.switching.clone() }
    }
}

pin_project! {
    /// The answer under way.
    pub(super) struct Answering<F> {
        #[pin]
        answer: F,
        switching: Switching,
    }
}

impl<F, B, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(cx));
        if answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::SWITCHING_PROTOCOLS) {
            this.switching.begin();
        }
        Poll::Ready(answer)
    }
}
