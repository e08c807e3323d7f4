//! Conflicts between routes of one path.

use axum::routing::MethodFilter;

use super::page_methods::PageMethods;

/// Kind of a route, with the methods that it takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum RouteKind {
    /// Handlers of ordinary requests.
    Pages(PageMethods),
    /// A method router of axum's; `None` if its methods could not be read.
    MethodRouter(Option<PageMethods>),
    WebSocket(MethodFilter),
}

impl RouteKind {
    fn page_methods(self) -> Option<PageMethods> {
        match self {
            Self::Pages(methods) => Some(methods),
            Self::MethodRouter(methods) => methods,
            Self::WebSocket(_) => None,
        }
    }
}

/// Route of a path.
#[derive(Clone, Copy)]
pub(super) struct RouteEntry {
    pub(super) kind: RouteKind,
    pub(super) is_nested: bool,
    /// Name of the argument that is the raw body, if the body may have been taken for a parameter.
    pub(super) bare_body: Option<&'static str>,
    pub(super) own: Option<OwnPage>,
}

impl RouteEntry {
    pub(super) const fn new(kind: RouteKind) -> Self {
        Self { kind, is_nested: false, bare_body: None, own: None }
    }
}

/// Page of the library itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnPage {
    /// Method of `Router` that was called for it.
    pub(crate) added_by: &'static str,
    /// True if it is one of the files of another page, which has the same path but for its end.
    pub(crate) is_file: bool,
}

/// Conflict of two routes on one path.
#[derive(PartialEq, Eq)]
pub(super) enum Conflict {
    None,
    /// Both take the same method.
    SameMethod,
    /// Both are files of pages that conflict, too.
    SameFile,
    /// A page and a WebSocket, one of which is in a nested router.
    NestedPage,
    /// Only axum can tell.
    Possible,
}

/// Returns the conflict of two routes on the same path.
pub(super) fn conflict(old: RouteEntry, new: RouteEntry) -> Conflict {
    let is_nested = old.is_nested || new.is_nested;
    let is_file = |entry: RouteEntry| entry.own.is_some_and(|page| page.is_file);
    if is_file(old) && old.own == new.own {
        return Conflict::SameFile;
    }
    match (old.kind, new.kind) {
        (RouteKind::WebSocket(_), RouteKind::WebSocket(_)) => Conflict::SameMethod,
        (RouteKind::WebSocket(methods), pages) | (pages, RouteKind::WebSocket(methods)) => {
            conflict_with_websocket(pages, methods, is_nested)
        }
        (old, new) => match (old.page_methods(), new.page_methods()) {
            (Some(old), Some(new)) if old.overlap(new) => Conflict::SameMethod,
            (Some(_), Some(_)) => Conflict::None,
            _ => Conflict::Possible,
        },
    }
}

/// Returns the conflict of pages with a WebSocket. If neither is nested, the router tells their
/// requests apart.
fn conflict_with_websocket(pages: RouteKind, websocket: MethodFilter, is_nested: bool) -> Conflict {
    let is_stated = matches!(pages, RouteKind::Pages(_));
    let Some(pages) = pages.page_methods() else {
        return if is_nested { Conflict::Possible } else { Conflict::None };
    };
    let is_shared = |method: MethodFilter| pages.take(method) && websocket.or(method) == websocket;
    match is_nested {
        false if is_stated && is_shared(MethodFilter::POST) => Conflict::SameMethod,
        false => Conflict::None,
        true if is_shared(MethodFilter::POST) || is_shared(MethodFilter::CONNECT) => Conflict::SameMethod,
        true if is_shared(MethodFilter::GET) => Conflict::NestedPage,
        // One that shares its path has a fallback, too.
        true if pages.have_fallback() => Conflict::Possible,
        true => Conflict::None,
    }
}

/// Returns the fault of a path that was given twice, with what the library added there itself.
pub(super) fn given_twice(path: &str, pages: [Option<OwnPage>; 2]) -> String {
    let fault = format!("the path `{path}` is registered twice");
    let by = |page: OwnPage| format!("by `Router::{}`", page.added_by);
    let times = match pages {
        [None, None] => return fault,
        [Some(a), Some(b)] if a == b => format!("both times {}", by(a)),
        [Some(a), Some(b)] => format!("once {} and once {}", by(a), by(b)),
        [Some(page), None] | [None, Some(page)] => format!("once {}", by(page)),
    };
    format!("{fault}, {times}: give one of the two another path")
}

pub(super) fn nested_page(path: &str) -> String {
    let given_twice = given_twice(path, [None, None]);
    format!("{given_twice}: a page and a WebSocket can share it if neither is nested there")
}
