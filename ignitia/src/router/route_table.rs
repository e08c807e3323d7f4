//! Checks of routes that come before axum's, whose router panics.

use std::{collections::BTreeMap, fmt};

use super::{
    endpoint_list::EndpointList,
    fallbacks::Fallbacks,
    path_syntax::{check_prefix, check_syntax},
    route_conflict::{Conflict, RouteEntry, conflict, given_twice, nested_page},
};
use crate::{
    error::{Error, Result},
    handler::body_as_parameter_error,
    path::{canonical, readable},
};

/// Table of a router's routes, and the faults of those that were left out.
#[derive(Default)]
pub(super) struct RouteTable {
    routes: BTreeMap<String, Vec<RouteEntry>>,
    /// axum's matcher, which knows the patterns that conflict.
    matcher: matchit::Router<()>,
    fallbacks: Fallbacks,
    pub(super) endpoints: EndpointList,
    /// Paths of pages that are for this machine only.
    pub(super) local_pages: Vec<String>,
    faults: Vec<String>,
}

/// Result of a check: says whether axum may get the routes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RouteCheck {
    Accepted,
    /// axum may find a method twice on one of these paths, in a method router that cannot be read.
    Uncertain(Vec<String>),
    Rejected,
}

impl RouteTable {
    /// Adds a route.
    pub(super) fn add(&mut self, path: &str, route: RouteEntry) -> RouteCheck {
        if let Err(fault) = check_syntax(path) {
            self.faults.push(fault);
            return RouteCheck::Rejected;
        }
        let path = &canonical(path);
        let before = self.count(path);
        self.insert(path, route, before)
    }

    /// Returns the number of routes of a path.
    fn count(&self, path: &str) -> usize {
        self.routes.get(path).map_or(0, Vec::len)
    }

    /// Adds a route. It is compared with the first `before` routes of its path only.
    fn insert(&mut self, path: &str, new: RouteEntry, before: usize) -> RouteCheck {
        let conflict = match self.check(path, new, before) {
            Ok(conflict) => conflict,
            Err(fault) => {
                self.faults.push(fault);
                return RouteCheck::Rejected;
            }
        };
        if conflict == Conflict::SameFile {
            return RouteCheck::Rejected;
        }
        self.routes.entry(path.to_owned()).or_default().push(new);
        if conflict == Conflict::Possible {
            RouteCheck::Uncertain(vec![path.to_owned()])
        } else {
            RouteCheck::Accepted
        }
    }

    /// Records that axum has found a method twice on one of these paths.
    pub(super) fn add_duplicate(&mut self, paths: &[String]) {
        self.faults.push(given_twice(&paths.join("` or `"), [None, None]));
    }

    /// Records that axum has found a conflict with a route that cannot be read.
    pub(super) fn add_unknown_conflict(&mut self) {
        self.faults.push("a route of an `axum::Router` conflicts with another one".into());
    }

    /// Records faults of the configuration of routes.
    pub(super) fn add_faults(&mut self, faults: impl IntoIterator<Item = String>) {
        self.faults.extend(faults);
    }

    /// Records that the router has a fallback.
    pub(super) fn set_fallback(&mut self) {
        self.fallbacks.set_own();
    }

    /// Adds all routes of another router.
    pub(super) fn merge(&mut self, mut other: RouteTable) -> RouteCheck {
        if let Err(fault) = self.fallbacks.merge(std::mem::take(&mut other.fallbacks)) {
            self.faults.push(fault);
            self.faults.extend(other.faults);
            return RouteCheck::Rejected;
        }
        self.extend(other, str::to_owned, false)
    }

    /// Adds all routes of another router below `prefix`.
    pub(super) fn nest(&mut self, prefix: &str, mut other: RouteTable) -> RouteCheck {
        let (written, prefix) = (prefix, &*canonical(prefix));
        // axum joins them in the same way.
        let rename = |path: &str| match path {
            path if prefix.ends_with('/') => format!("{prefix}{}", path.trim_start_matches('/')),
            "/" => prefix.to_owned(),
            path => format!("{prefix}{path}"),
        };
        let fallbacks = std::mem::take(&mut other.fallbacks);
        let nested = check_prefix(written).and_then(|()| self.fallbacks.nest(fallbacks, rename));
        if let Err(fault) = nested {
            self.faults.push(fault);
            self.faults.extend(other.faults);
            return RouteCheck::Rejected;
        }
        self.extend(other, rename, true)
    }

    /// Returns all faults as one error.
    pub(super) fn into_result(self) -> Result<()> {
        if self.faults.is_empty() { Ok(()) } else { Err(Error::route(readable(&self.faults.join("; ")))) }
    }

    fn extend(&mut self, other: RouteTable, rename: impl Fn(&str) -> String, nests: bool) -> RouteCheck {
        let (mut uncertain, mut is_rejected) = (Vec::new(), false);
        for (path, entries) in other.routes {
            // Its routes were checked against each other before, so each is compared only with the
            // routes that this table already has at its path.
            let path = rename(&path);
            let before = self.count(&path);
            for old in entries {
                match self.insert(&path, RouteEntry { is_nested: old.is_nested || nests, ..old }, before) {
                    RouteCheck::Uncertain(paths) => uncertain.extend(paths),
                    RouteCheck::Accepted => {}
                    RouteCheck::Rejected => is_rejected = true,
                }
            }
        }
        self.local_pages.extend(other.local_pages.iter().map(|path| rename(path)));
        self.endpoints.extend(other.endpoints, rename);
        self.faults.extend(other.faults);
        uncertain.dedup();
        match uncertain.is_empty() {
            _ if is_rejected => RouteCheck::Rejected,
            true => RouteCheck::Accepted,
            false => RouteCheck::Uncertain(uncertain),
        }
    }

    /// Returns the conflict of a new route with the routes of its path, or a fault.
    fn check(&mut self, path: &str, new: RouteEntry, before: usize) -> Result<Conflict, String> {
        if let Some(fault) = new.bare_body.and_then(|body| body_as_parameter_error(path, body)) {
            return Err(fault);
        }
        let Some(entries) = self.routes.get(path) else {
            self.matcher.insert(path, ()).map_err(|error| match error {
                matchit::InsertError::Conflict { with } => {
                    format!("the path `{path}` conflicts with `{with}`")
                }
                error => format!("the path `{path}` is malformed: {error}"),
            })?;
            return Ok(Conflict::None);
        };
        let mut worst = Conflict::None;
        for old in entries.iter().take(before) {
            match conflict(*old, new) {
                Conflict::None => {}
                Conflict::Possible => worst = Conflict::Possible,
                Conflict::SameFile => return Ok(Conflict::SameFile),
                Conflict::SameMethod => return Err(given_twice(path, [old.own, new.own])),
                Conflict::NestedPage => return Err(nested_page(path)),
            }
        }
        Ok(worst)
    }
}

impl fmt::Debug for RouteTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.routes.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::MethodFilter;

    use super::*;
    use crate::router::{page_methods::PageMethods, route_conflict::RouteKind};

    const GET: RouteEntry = entry(RouteKind::Pages(PageMethods::of(MethodFilter::GET)));
    const POST: RouteEntry = entry(RouteKind::Pages(PageMethods::of(MethodFilter::POST)));
    const UNKNOWN: RouteEntry = entry(RouteKind::MethodRouter(None));
    const UPGRADE: RouteEntry = entry(RouteKind::WebSocket(MethodFilter::GET.or(MethodFilter::CONNECT)));
    const READING: RouteEntry =
        entry(RouteKind::WebSocket(MethodFilter::GET.or(MethodFilter::CONNECT).or(MethodFilter::POST)));

    const fn entry(kind: RouteKind) -> RouteEntry {
        RouteEntry::new(kind)
    }

    fn good(check: RouteCheck) -> bool {
        check == RouteCheck::Accepted
    }

    fn fault(paths: RouteTable) -> String {
        paths.into_result().expect_err("a fault").to_string()
    }

    #[test]
    fn faults_name_the_path() {
        for (path, part) in [
            ("ws", "must start with `/`"),
            ("", "must start with `/`"),
            ("/ws/<room>", "`{room}`"),
            ("/ws/<rest..>", "`{*rest}`"),
            ("/ws/:room", "`{room}`"),
            ("/ws/*rest", "`{*rest}`"),
            ("/ws/{room", "malformed"),
            ("/ws/{}", "malformed"),
            ("/ws/{*rest}/x", "malformed"),
            ("/ws?x=1", "query"),
        ] {
            let mut paths = RouteTable::default();
            assert_eq!(paths.add(path, GET), RouteCheck::Rejected, "{path}");
            let fault = fault(paths);
            assert!(fault.contains(&format!("`{path}`")) && fault.contains(part), "{path}: {fault}");
        }
    }

    #[test]
    fn twice_is_twice_by_method() {
        let mut paths = RouteTable::default();
        assert!(good(paths.add("/a", GET)) && good(paths.add("/a", POST)));
        assert_eq!(paths.add("/a", UNKNOWN), RouteCheck::Uncertain(vec!["/a".into()]));
        assert_eq!(paths.add("/a", GET), RouteCheck::Rejected);
        assert_eq!(fault(paths), "the path `/a` is registered twice");
        let mut paths = RouteTable::default();
        assert!(good(paths.add("/a/{x}", GET)) && !good(paths.add("/a/{y}", GET)));
        assert_eq!(fault(paths), "the path `/a/{y}` conflicts with `/a/{x}`");
    }

    #[test]
    fn a_page_and_a_websocket_share_a_path_but_for_a_method_that_both_need() {
        for (page, websocket, check) in [
            (GET, UPGRADE, true),
            (GET, READING, true),
            (POST, UPGRADE, true),
            (POST, READING, false),
            (UNKNOWN, UPGRADE, true),
            (UNKNOWN, READING, true),
            (UPGRADE, UPGRADE, false),
        ] {
            for (first, second) in [(page, websocket), (websocket, page)] {
                let mut paths = RouteTable::default();
                assert!(good(paths.add("/a", first)));
                assert_eq!(good(paths.add("/a", second)), check, "{:?} {:?}", first.kind, second.kind);
            }
        }
    }

    #[test]
    fn a_nested_page_shares_its_path_with_no_websocket() {
        for (inner, outer) in [(GET, UPGRADE), (UPGRADE, GET)] {
            let nesting = || {
                let (mut nested, mut paths) = (RouteTable::default(), RouteTable::default());
                assert!(good(nested.add("/", inner)) && good(paths.nest("/a", nested)));
                paths
            };
            let mut paths = nesting();
            assert_eq!(paths.add("/a", outer), RouteCheck::Rejected);
            assert!(fault(paths).contains("neither is nested"));
            let mut paths = RouteTable::default();
            assert!(good(paths.add("/a", outer)));
            assert_eq!(paths.merge(nesting()), RouteCheck::Rejected);
        }
    }

    #[test]
    fn nested_and_merged_paths_are_compared_as_they_will_be() {
        let inner = || {
            let mut inner = RouteTable::default();
            assert!(good(inner.add("/", GET)) && good(inner.add("/x", GET)));
            inner
        };
        let mut paths = RouteTable::default();
        assert!(good(paths.nest("/api", inner())) && good(paths.merge(inner())));
        for path in ["/api", "/api/x", "/x"] {
            assert_eq!(paths.add(path, GET), RouteCheck::Rejected, "{path}");
        }
        assert_eq!(
            (paths.nest("/", inner()), paths.nest("/{*all}", inner())),
            (RouteCheck::Rejected, RouteCheck::Rejected)
        );
    }
}
