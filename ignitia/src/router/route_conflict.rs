//! Conflicts between routes of one path.

use axum::routing::MethodFilter;

/// Kind of a route, with the methods that it takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum RouteKind {
    /// Handlers of ordinary requests; `None` if the methods are unknown, as those of axum's method
    /// routers are.
    Pages(Option<MethodFilter>),
    WebSocket(MethodFilter),
}

/// Route of a path.
#[derive(Clone, Copy)]
pub(super) struct RouteEntry {
    pub(super) kind: RouteKind,
    pub(super) is_nested: bool,
    /// Name of the argument that is the raw body, if the body may have been taken for a parameter.
    pub(super) bare_body: Option<&'static str>,
}

/// Conflict of two routes on one path.
#[derive(PartialEq, Eq)]
pub(super) enum Conflict {
    None,
    /// Both take the same method.
    SameMethod,
    /// A page and a WebSocket, one of which is in a nested router.
    NestedPage,
    /// Only axum can tell.
    Possible,
}

/// Returns the conflict of two routes on the same path.
pub(super) fn conflict(old: RouteEntry, new: RouteEntry) -> Conflict {
    let is_nested = old.is_nested || new.is_nested;
    match (old.kind, new.kind) {
        (RouteKind::WebSocket(_), RouteKind::WebSocket(_)) => Conflict::SameMethod,
        (RouteKind::Pages(Some(old)), RouteKind::Pages(Some(new))) => {
            if overlap(old, new) {
                Conflict::SameMethod
            } else {
                Conflict::None
            }
        }
        (RouteKind::Pages(_), RouteKind::Pages(_)) => Conflict::Possible,
        (RouteKind::Pages(pages), RouteKind::WebSocket(websocket))
        | (RouteKind::WebSocket(websocket), RouteKind::Pages(pages)) => match pages {
            Some(pages) if takes(pages, MethodFilter::POST) && takes(websocket, MethodFilter::POST) => {
                Conflict::SameMethod
            }
            Some(pages) if takes(pages, MethodFilter::GET) && is_nested => Conflict::NestedPage,
            None if is_nested => Conflict::Possible,
            _ => Conflict::None,
        },
    }
}

pub(super) fn given_twice(path: &str) -> String {
    format!("the path `{path}` is registered twice")
}

pub(super) fn nested_page(path: &str) -> String {
    let given_twice = given_twice(path);
    format!("{given_twice}: a page and a WebSocket can share it if neither is nested there")
}

fn overlap(a: MethodFilter, b: MethodFilter) -> bool {
    let all = [MethodFilter::GET, MethodFilter::POST, MethodFilter::CONNECT];
    all.into_iter().any(|method| takes(a, method) && takes(b, method))
}

fn takes(methods: MethodFilter, method: MethodFilter) -> bool {
    methods.or(method) == methods
}
