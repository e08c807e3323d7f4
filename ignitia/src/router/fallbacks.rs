//! axum keeps a route for the fallback of every nested router: these, too, can be in each other's way.

/// What a fallback is there for, behind its prefix.
const TAIL: &str = "/{*rest}";

/// Where there are fallbacks.
pub(super) struct Fallbacks {
    is_own: bool,
    /// The prefixes of nested routers that have one.
    nested: Vec<String>,
    /// What axum's matcher has for them.
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
    /// The router has one itself.
    pub(super) fn set_own(&mut self) {
        self.is_own = true;
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<(), String> {
        if self.is_own && other.is_own {
            return Err("two routers with a fallback each cannot be merged".into());
        }
        self.is_own |= other.is_own;
        other.nested.into_iter().try_for_each(|prefix| self.add(prefix))
    }

    /// axum leaves out all fallbacks of a router that has none of its own.
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
