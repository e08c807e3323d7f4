//! Methods of pages, also of axum's method routers, which do not tell them.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use axum::routing::{MethodFilter, MethodRouter, Route};
use axum_core::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::Method;
use tower_layer::Layer;
use tower_service::Service;

/// Methods of the pages of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PageMethods {
    /// `None` if there are none: axum has no empty filter.
    methods: Option<MethodFilter>,
    /// True if there is a handler for all methods that have none.
    has_fallback: bool,
}

const METHODS: [(Method, MethodFilter); 9] = [
    (Method::CONNECT, MethodFilter::CONNECT),
    (Method::DELETE, MethodFilter::DELETE),
    (Method::GET, MethodFilter::GET),
    (Method::HEAD, MethodFilter::HEAD),
    (Method::OPTIONS, MethodFilter::OPTIONS),
    (Method::PATCH, MethodFilter::PATCH),
    (Method::POST, MethodFilter::POST),
    (Method::PUT, MethodFilter::PUT),
    (Method::TRACE, MethodFilter::TRACE),
];

impl PageMethods {
    pub(super) const fn of(methods: MethodFilter) -> Self {
        Self { methods: Some(methods), has_fallback: false }
    }

    /// Reads those of a method router. Its handlers are exchanged for others, and those are called:
    /// the answer tells which one has got a request. Returns `None` if an answer is not there at
    /// once.
    pub(super) fn read(router: &MethodRouter) -> Option<Self> {
        // Handlers without a state would be wrapped for each request anew.
        let mut marked = router.clone().with_state::<()>(()).layer(Marking::default());
        let other = Method::from_bytes(b"OTHER").ok()?;
        let fallback = mark_of(&mut marked, other.clone())?;
        let get = mark_of(&mut marked, Method::GET)?;
        let mut methods: Option<MethodFilter> = None;
        for (method, filter) in METHODS {
            let mark = mark_of(&mut marked, method)?;
            // Without a handler of its own, HEAD gets that of GET.
            let is_of_get = filter == MethodFilter::HEAD && mark == get;
            if mark != fallback && !is_of_get {
                methods = Some(methods.map_or(filter, |methods| methods.or(filter)));
            }
        }
        let without_fallback = || ready(Mark::NONE);
        let mut router = axum::Router::new().route("/", marked).method_not_allowed_fallback(without_fallback);
        let has_fallback = mark_of(&mut router, other)? != Mark::NONE;
        Some(Self { methods, has_fallback })
    }

    pub(super) fn take(self, method: MethodFilter) -> bool {
        self.methods.is_some_and(|methods| methods.or(method) == methods)
    }

    pub(super) fn have_fallback(self) -> bool {
        self.has_fallback
    }

    /// Returns true if axum refuses both on one path.
    pub(super) fn overlap(self, other: Self) -> bool {
        let is_shared = |method: MethodFilter| self.take(method) && other.take(method);
        self.has_fallback && other.has_fallback || METHODS.iter().any(|(_, method)| is_shared(*method))
    }
}

/// Mark of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark(usize);

impl Mark {
    /// The mark of a fallback that was not there.
    const NONE: Self = Self(usize::MAX);
}

impl IntoResponse for Mark {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// Layer that exchanges each handler for one that answers with a mark of its own.
#[derive(Clone, Default)]
struct Marking(Arc<AtomicUsize>);

impl Layer<Route> for Marking {
    type Service = Marked;

    fn layer(&self, _: Route) -> Marked {
        Marked(Mark(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

#[derive(Clone)]
struct Marked(Mark);

impl Service<Request> for Marked {
    type Response = Mark;
    type Error = Infallible;
    type Future = Ready<Result<Mark, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        ready(Ok(self.0))
    }
}

/// Returns the mark of the handler that gets the requests with a method.
fn mark_of<T>(service: &mut T, method: Method) -> Option<Mark>
where
    T: Service<Request, Response = Response, Error = Infallible>,
{
    let mut request = Request::new(Body::empty());
    *request.method_mut() = method;
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(service.call(request)).poll(&mut cx) {
        Poll::Ready(Ok(response)) => response.extensions().get().copied(),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{any, delete, get, head, post};

    use super::*;

    async fn handler() {
        unreachable!("it is not to be called");
    }

    fn read(router: MethodRouter) -> PageMethods {
        PageMethods::read(&router).expect("they can be read")
    }

    #[test]
    fn methods_are_read_and_no_handler_is_called() {
        for (method, filter) in METHODS {
            assert_eq!(read(axum::routing::on(filter, handler)), PageMethods::of(filter), "{method}");
        }
        let several = MethodFilter::GET.or(MethodFilter::DELETE);
        assert_eq!(read(get(handler).delete(handler)), PageMethods::of(several));
        let both = MethodFilter::GET.or(MethodFilter::HEAD);
        assert_eq!(read(get(handler).head(handler)), PageMethods::of(both));
        assert_eq!(read(MethodRouter::new()), PageMethods { methods: None, has_fallback: false });
        assert_eq!(read(any(handler)), PageMethods { methods: None, has_fallback: true });
        let some = PageMethods { methods: Some(MethodFilter::POST), has_fallback: true };
        assert_eq!(read(post(handler).fallback(handler)), some);
    }

    /// axum itself is asked, and panics for those that overlap.
    #[test]
    fn those_overlap_that_axum_refuses() {
        let routers = || {
            [
                MethodRouter::new(),
                get(handler),
                head(handler),
                get(handler).head(handler),
                delete(handler).post(handler),
                any(handler),
                post(handler).fallback(handler),
            ]
        };
        for (a, first) in routers().into_iter().enumerate() {
            for (b, second) in routers().into_iter().enumerate() {
                let overlap = read(first.clone()).overlap(read(second.clone()));
                let merge = || drop(first.clone().merge(second));
                let is_refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(merge)).is_err();
                assert_eq!(overlap, is_refused, "{a} and {b}");
            }
        }
    }
}
