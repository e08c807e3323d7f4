//! What axum's router would panic about, found before it is asked.

use std::{collections::BTreeMap, fmt};

use axum::routing::MethodFilter;

use super::fallbacks::Fallbacks;
use crate::error::{Error, Result};

/// The methods of routes that axum made: nothing is known about them.
type Methods = Option<MethodFilter>;

/// The paths of a router, and what was wrong with the ones that were left out.
#[derive(Default)]
pub(super) struct Paths {
    methods: BTreeMap<String, Vec<Methods>>,
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
    pub(super) fn add(&mut self, path: &str, methods: Methods) -> Verdict {
        if let Err(fault) = self.check(path, methods) {
            self.faults.push(fault);
            return Verdict::Bad;
        }
        let routes = self.methods.entry(path.to_owned()).or_default();
        routes.push(methods);
        if routes.len() > 1 && routes.contains(&None) {
            return Verdict::Unsure(vec![path.to_owned()]);
        }
        Verdict::Good
    }

    /// Notes that axum has found a method twice on one of these paths.
    pub(super) fn set_twice(&mut self, paths: &[String]) {
        self.faults.push(twice(&paths.join("` or `")));
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
        self.take_in(other, str::to_owned)
    }

    /// Notes all routes of another router below `prefix`.
    pub(super) fn nest(&mut self, prefix: &str, mut other: Paths) -> Verdict {
        // As axum does it.
        let rename = |path: &str| match path {
            path if prefix.ends_with('/') => format!("{prefix}{}", path.trim_start_matches('/')),
            "/" => prefix.to_owned(),
            path => format!("{prefix}{path}"),
        };
        let fallbacks = std::mem::take(&mut other.fallbacks);
        let nested = check_prefix(prefix).and_then(|()| self.fallbacks.nest(fallbacks, rename));
        if let Err(fault) = nested {
            self.faults.push(fault);
            self.faults.extend(other.faults);
            return Verdict::Bad;
        }
        self.take_in(other, rename)
    }

    pub(super) fn into_result(self) -> Result<()> {
        if self.faults.is_empty() { Ok(()) } else { Err(Error::route(self.faults.join("; "))) }
    }

    fn take_in(&mut self, other: Paths, rename: impl Fn(&str) -> String) -> Verdict {
        let (mut unsure, mut bad) = (Vec::new(), false);
        for (path, methods) in other.methods {
            // Its own routes went through axum together; only what stands here already can be in their way.
            let path = rename(&path);
            let is_new = !self.methods.contains_key(&path);
            for methods in methods {
                match self.add(&path, methods) {
                    Verdict::Unsure(_) if is_new => {}
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

    fn check(&mut self, path: &str, methods: Methods) -> Result<(), String> {
        check_syntax(path)?;
        match (self.methods.get(path), methods) {
            (Some(taken), Some(methods)) => {
                if taken.iter().flatten().any(|taken| overlap(*taken, methods)) {
                    return Err(twice(path));
                }
            }
            (Some(_), None) => {}
            (None, _) => {
                self.matcher.insert(path, ()).map_err(|error| match error {
                    matchit::InsertError::Conflict { with } => {
                        format!("the path `{path}` conflicts with `{with}`")
                    }
                    error => format!("the path `{path}` is malformed: {error}"),
                })?;
            }
        }
        Ok(())
    }
}

fn twice(path: &str) -> String {
    format!("the path `{path}` is given twice")
}

fn overlap(a: MethodFilter, b: MethodFilter) -> bool {
    let all = [MethodFilter::GET, MethodFilter::POST, MethodFilter::CONNECT];
    all.into_iter().any(|method| a.or(method) == a && b.or(method) == b)
}

fn check_syntax(path: &str) -> Result<(), String> {
    let malformed = |why: &str| Err(format!("the path `{path}` is malformed: {why}"));
    if !path.starts_with('/') {
        return malformed("it must start with `/`");
    }
    for segment in path.split('/') {
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
        f.debug_list().entries(self.methods.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Methods = Some(MethodFilter::GET);

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
        assert!(good(paths.add("/a", GET)) && good(paths.add("/a", Some(MethodFilter::POST))));
        assert_eq!(paths.add("/a", None), Verdict::Unsure(vec!["/a".into()]));
        assert_eq!(paths.add("/a", Some(MethodFilter::GET.or(MethodFilter::CONNECT))), Verdict::Bad);
        assert_eq!(fault(paths), "the path `/a` is given twice");
        let mut paths = Paths::default();
        assert!(good(paths.add("/a/{x}", GET)) && !good(paths.add("/a/{y}", GET)));
        assert_eq!(fault(paths), "the path `/a/{y}` conflicts with `/a/{x}`");
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
