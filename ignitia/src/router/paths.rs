//! What axum's router would panic about, found before it is asked.

use std::{collections::BTreeMap, fmt};

use axum::routing::MethodFilter;

use super::fallbacks::Fallbacks;
use crate::{
    error::{Error, Result},
    handler::body_as_parameter_error,
    path::{canonical, readable},
};

/// What is added at a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Added {
    /// Handlers of ordinary requests. Nothing is known about the methods of what axum made.
    Pages(Option<MethodFilter>),
    WebSocket(MethodFilter),
}

/// What stands at a path.
#[derive(Clone, Copy)]
struct Standing {
    what: Added,
    is_nested: bool,
    /// The name of the argument that is the body, where it may have been meant for a parameter.
    bare_body: Option<&'static str>,
}

/// The paths of a router, and what was wrong with the ones that were left out.
#[derive(Default)]
pub(super) struct Paths {
    standing: BTreeMap<String, Vec<Standing>>,
    /// axum's own matcher: it knows which patterns exclude each other.
    matcher: matchit::Router<()>,
    fallbacks: Fallbacks,
    faults: Vec<String>,
}

/// Whether axum may have routes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    /// axum may find a method twice on one of these paths, where we cannot see it.
    Unsure(Vec<String>),
    Bad,
}

impl Paths {
    /// Notes a route.
    pub(super) fn add(&mut self, path: &str, what: Added) -> Verdict {
        self.add_reading(path, what, None)
    }

    /// Notes a route whose handler may have taken the body for a parameter: see [`Serve::bare_body`](crate::upgrade::Serve::bare_body).
    pub(super) fn add_reading(
        &mut self,
        path: &str,
        what: Added,
        bare_body: Option<&'static str>,
    ) -> Verdict {
        if let Err(fault) = check_syntax(path) {
            self.faults.push(fault);
            return Verdict::Bad;
        }
        let path = &canonical(path);
        let before = self.count(path);
        self.put(path, Standing { what, is_nested: false, bare_body }, before)
    }

    /// How many stand at a path.
    fn count(&self, path: &str) -> usize {
        self.standing.get(path).map_or(0, Vec::len)
    }

    /// Notes a route that only so many of those at its path can be in the way of.
    fn put(&mut self, path: &str, new: Standing, before: usize) -> Verdict {
        let clash = match self.check(path, new, before) {
            Ok(clash) => clash,
            Err(fault) => {
                self.faults.push(fault);
                return Verdict::Bad;
            }
        };
        self.standing.entry(path.to_owned()).or_default().push(new);
        if clash == Clash::Perhaps { Verdict::Unsure(vec![path.to_owned()]) } else { Verdict::Good }
    }

    /// Notes that axum has found a method twice on one of these paths.
    pub(super) fn set_twice(&mut self, paths: &[String]) {
        self.faults.push(twice(&paths.join("` or `")));
    }

    /// Notes that axum has found one where nobody could know.
    pub(super) fn set_unknown(&mut self) {
        self.faults.push("a route of an `axum::Router` is in the way of another one".into());
    }

    /// Notes what is wrong with the configuration of routes.
    pub(super) fn add_faults(&mut self, faults: impl IntoIterator<Item = String>) {
        self.faults.extend(faults);
    }

    pub(super) fn set_fallback(&mut self) {
        self.fallbacks.set_own();
    }

    /// Notes all routes of another router.
    pub(super) fn merge(&mut self, mut other: Paths) -> Verdict {
        if let Err(fault) = self.fallbacks.merge(std::mem::take(&mut other.fallbacks)) {
            self.faults.push(fault);
            self.faults.extend(other.faults);
            return Verdict::Bad;
        }
        self.take_in(other, str::to_owned, false)
    }

    /// Notes all routes of another router below `prefix`.
    pub(super) fn nest(&mut self, prefix: &str, mut other: Paths) -> Verdict {
        let (written, prefix) = (prefix, &*canonical(prefix));
        // As axum does it.
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
            return Verdict::Bad;
        }
        self.take_in(other, rename, true)
    }

    pub(super) fn into_result(self) -> Result<()> {
        if self.faults.is_empty() { Ok(()) } else { Err(Error::route(readable(&self.faults.join("; ")))) }
    }

    fn take_in(&mut self, other: Paths, rename: impl Fn(&str) -> String, nests: bool) -> Verdict {
        let (mut unsure, mut bad) = (Vec::new(), false);
        for (path, standing) in other.standing {
            // Its own routes went through axum together; only what stands here already can be in their way.
            let path = rename(&path);
            let before = self.count(&path);
            for old in standing {
                match self.put(&path, Standing { is_nested: old.is_nested || nests, ..old }, before) {
                    Verdict::Unsure(paths) => unsure.extend(paths),
                    Verdict::Good => {}
                    Verdict::Bad => bad = true,
                }
            }
        }
        self.faults.extend(other.faults);
        unsure.dedup();
        match unsure.is_empty() {
            _ if bad => Verdict::Bad,
            true => Verdict::Good,
            false => Verdict::Unsure(unsure),
        }
    }

    fn check(&mut self, path: &str, new: Standing, before: usize) -> Result<Clash, String> {
        if let Some(fault) = new.bare_body.and_then(|body| body_as_parameter_error(path, body)) {
            return Err(fault);
        }
        let Some(standing) = self.standing.get(path) else {
            self.matcher.insert(path, ()).map_err(|error| match error {
                matchit::InsertError::Conflict { with } => {
                    format!("the path `{path}` conflicts with `{with}`")
                }
                error => format!("the path `{path}` is malformed: {error}"),
            })?;
            return Ok(Clash::No);
        };
        let mut worst = Clash::No;
        for old in standing.iter().take(before) {
            match clash(*old, new) {
                Clash::No => {}
                Clash::Perhaps => worst = Clash::Perhaps,
                Clash::Yes => return Err(twice(path)),
                Clash::AcrossRouters => return Err(across_routers(path)),
            }
        }
        Ok(worst)
    }
}

/// Whether two routes are in each other's way on one path.
#[derive(PartialEq, Eq)]
enum Clash {
    No,
    Yes,
    /// They are a page and a WebSocket, one of which is nested.
    AcrossRouters,
    /// Only axum knows.
    Perhaps,
}

fn clash(old: Standing, new: Standing) -> Clash {
    let is_nested = old.is_nested || new.is_nested;
    match (old.what, new.what) {
        (Added::WebSocket(_), Added::WebSocket(_)) => Clash::Yes,
        (Added::Pages(Some(old)), Added::Pages(Some(new))) => {
            if overlap(old, new) {
                Clash::Yes
            } else {
                Clash::No
            }
        }
        (Added::Pages(_), Added::Pages(_)) => Clash::Perhaps,
        (Added::Pages(pages), Added::WebSocket(websocket))
        | (Added::WebSocket(websocket), Added::Pages(pages)) => match pages {
            Some(pages) if takes(pages, MethodFilter::POST) && takes(websocket, MethodFilter::POST) => {
                Clash::Yes
            }
            Some(pages) if takes(pages, MethodFilter::GET) && is_nested => Clash::AcrossRouters,
            None if is_nested => Clash::Perhaps,
            _ => Clash::No,
        },
    }
}

fn twice(path: &str) -> String {
    format!("the path `{path}` is given twice")
}

fn across_routers(path: &str) -> String {
    let twice = twice(path);
    format!("{twice}: a page and a WebSocket can share it if neither is nested there")
}

fn overlap(a: MethodFilter, b: MethodFilter) -> bool {
    let all = [MethodFilter::GET, MethodFilter::POST, MethodFilter::CONNECT];
    all.into_iter().any(|method| takes(a, method) && takes(b, method))
}

fn takes(methods: MethodFilter, method: MethodFilter) -> bool {
    methods.or(method) == methods
}

/// Whether every brace of a segment is doubled, and so means itself, or one of a pair around a parameter's name.
fn has_whole_parameters(segment: &str) -> bool {
    let single = segment.replace("{{", "").replace("}}", "");
    let mut is_open = false;
    let fits = single.chars().filter(|c| matches!(c, '{' | '}')).all(|brace| {
        let was_open = std::mem::replace(&mut is_open, brace == '{');
        was_open == (brace == '}')
    });
    fits && !is_open
}

fn check_syntax(path: &str) -> Result<(), String> {
    let malformed = |why: &str| Err(format!("the path `{path}` is malformed: {why}"));
    if !path.starts_with('/') {
        return malformed("it must start with `/`");
    }
    for segment in path.split('/') {
        if !has_whole_parameters(segment) {
            return malformed("a parameter is written `{name}`, within one segment");
        }
        if segment.starts_with('<') && segment.ends_with('>') {
            let name = segment.trim_matches(['<', '>']);
            return match name.strip_suffix("..") {
                Some(rest) => malformed(&format!("a parameter is written `{{*{rest}}}` here")),
                None => malformed(&format!("a parameter is written `{{{name}}}` here")),
            };
        }
        if let Some(name) = segment.strip_prefix(':') {
            return malformed(&format!("a parameter is written `{{{name}}}`"));
        }
        if let Some(name) = segment.strip_prefix('*') {
            return malformed(&format!("the tail of a path is written `{{*{name}}}`"));
        }
        if segment.contains(['?', '#']) {
            return malformed("a query is no part of it: take it with `Query`");
        }
    }
    Ok(())
}

fn check_prefix(prefix: &str) -> Result<(), String> {
    check_syntax(prefix)?;
    if prefix == "/" {
        return Err("a router cannot be nested at `/`: merge it".into());
    }
    if prefix.contains("{*") {
        return Err(format!("a router cannot be nested at `{prefix}`: it ends in a tail"));
    }
    // A router without routes has none that would show it.
    let malformed = |error| format!("the path `{prefix}` is malformed: {error}");
    matchit::Router::new().insert(prefix, ()).map_err(malformed)
}

impl fmt::Debug for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.standing.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Added = Added::Pages(Some(MethodFilter::GET));
    const POST: Added = Added::Pages(Some(MethodFilter::POST));
    const AXUMS: Added = Added::Pages(None);
    const UPGRADE: Added = Added::WebSocket(MethodFilter::GET.or(MethodFilter::CONNECT));
    const READING: Added =
        Added::WebSocket(MethodFilter::GET.or(MethodFilter::CONNECT).or(MethodFilter::POST));

    fn good(verdict: Verdict) -> bool {
        verdict == Verdict::Good
    }

    fn fault(paths: Paths) -> String {
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
            let mut paths = Paths::default();
            assert_eq!(paths.add(path, GET), Verdict::Bad, "{path}");
            let fault = fault(paths);
            assert!(fault.contains(&format!("`{path}`")) && fault.contains(part), "{path}: {fault}");
        }
    }

    #[test]
    fn twice_is_twice_by_method() {
        let mut paths = Paths::default();
        assert!(good(paths.add("/a", GET)) && good(paths.add("/a", POST)));
        assert_eq!(paths.add("/a", AXUMS), Verdict::Unsure(vec!["/a".into()]));
        assert_eq!(paths.add("/a", GET), Verdict::Bad);
        assert_eq!(fault(paths), "the path `/a` is given twice");
        let mut paths = Paths::default();
        assert!(good(paths.add("/a/{x}", GET)) && !good(paths.add("/a/{y}", GET)));
        assert_eq!(fault(paths), "the path `/a/{y}` conflicts with `/a/{x}`");
    }

    #[test]
    fn a_page_and_a_websocket_share_a_path_but_for_a_method_that_both_need() {
        for (page, websocket, verdict) in [
            (GET, UPGRADE, true),
            (GET, READING, true),
            (POST, UPGRADE, true),
            (POST, READING, false),
            (AXUMS, UPGRADE, true),
            (AXUMS, READING, true),
            (UPGRADE, UPGRADE, false),
        ] {
            for (first, second) in [(page, websocket), (websocket, page)] {
                let mut paths = Paths::default();
                assert!(good(paths.add("/a", first)));
                assert_eq!(good(paths.add("/a", second)), verdict, "{first:?} {second:?}");
            }
        }
    }

    #[test]
    fn a_nested_page_shares_its_path_with_no_websocket() {
        for (inner, outer) in [(GET, UPGRADE), (UPGRADE, GET)] {
            let nesting = || {
                let (mut nested, mut paths) = (Paths::default(), Paths::default());
                assert!(good(nested.add("/", inner)) && good(paths.nest("/a", nested)));
                paths
            };
            let mut paths = nesting();
            assert_eq!(paths.add("/a", outer), Verdict::Bad);
            assert!(fault(paths).contains("neither is nested"));
            let mut paths = Paths::default();
            assert!(good(paths.add("/a", outer)));
            assert_eq!(paths.merge(nesting()), Verdict::Bad);
        }
    }

    #[test]
    fn nested_and_merged_paths_are_compared_as_they_will_be() {
        let inner = || {
            let mut inner = Paths::default();
            assert!(good(inner.add("/", GET)) && good(inner.add("/x", GET)));
            inner
        };
        let mut paths = Paths::default();
        assert!(good(paths.nest("/api", inner())) && good(paths.merge(inner())));
        for path in ["/api", "/api/x", "/x"] {
            assert_eq!(paths.add(path, GET), Verdict::Bad, "{path}");
        }
        assert_eq!((paths.nest("/", inner()), paths.nest("/{*all}", inner())), (Verdict::Bad, Verdict::Bad));
    }
}
