//! Fallbacks of a router and its nested ones. axum has a route for the fallback of every nested
//! router, so fallbacks can conflict, too.

/// Path of a fallback, after its prefix.
const TAIL: &str = "/{*rest}";

/// Fallbacks of a router.
pub(super) struct Fallbacks {
    is_own: bool,
    /// Prefixes of nested routers that have one.
    nested: Vec<String>,
    /// axum's matcher with the paths of the fallbacks.
    matcher: matchit::Router<()>,
}

impl Default for Fallbacks {
    fn default() -> Self {
        let mut fallbacks = Self { is_own: false, nested: Vec::new(), matcher: matchit::Router::new() };
        fallbacks.insert("/").expect("it is the first one");
        fallbacks
    }
}

impl Fallbacks {
    /// Records that the router itself has a fallback.
    pub(super) fn set_own(&mut self) {
        self.is_own = true;
    }

    /// Adds the fallbacks of a merged router.
    pub(super) fn merge(&mut self, other: Self) -> Result<(), String> {
        if self.is_own && other.is_own {
            return Err("two routers that both have a fallback cannot be merged".into());
        }
        self.is_own |= other.is_own;
        other.nested.into_iter().try_for_each(|prefix| self.add(prefix))
    }

    /// Adds the fallbacks of a nested router. axum drops all fallbacks of a router that has none of
    /// its own.
    pub(super) fn nest(&mut self, other: Self, rename: impl Fn(&str) -> String) -> Result<(), String> {
        if !other.is_own {
            return Ok(());
        }
        self.add(rename("/"))?;
        other.nested.iter().try_for_each(|prefix| self.add(rename(prefix)))
    }

    fn add(&mut self, prefix: String) -> Result<(), String> {
        self.insert(&prefix).map_err(|error| match error {
            matchit::InsertError::Conflict { with } => {
                let with = match with.strip_suffix(TAIL) {
                    Some("") => "/",
                    Some(prefix) => prefix,
                    None => &with,
                };
                format!("the fallback of `{prefix}` conflicts with that of `{with}`")
            }
            error => format!("the path `{prefix}` is malformed: {error}"),
        })?;
        self.nested.push(prefix);
        Ok(())
    }

    fn insert(&mut self, prefix: &str) -> Result<(), matchit::InsertError> {
        self.matcher.insert(prefix, ())?;
        self.matcher.insert(format!("{}{TAIL}", prefix.strip_suffix('/').unwrap_or(prefix)), ())
    }
}
