//! Options of a server.

/// Options of a server.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreOptions {
    /// True if a restart finds no data.
    pub(crate) is_volatile: bool,
    /// Arguments of the program.
    pub(crate) arguments: Vec<String>,
    /// Program in place of the one that all tests use.
    pub(crate) program: Option<&'static str>,
}

impl StoreOptions {
    /// Returns those of a server that loses its data with the process.
    pub(crate) fn volatile() -> Self {
        Self { is_volatile: true, ..Self::default() }
    }

    /// Adds an option with its values.
    pub(crate) fn with<'a>(mut self, option: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.push(format!("--{option}"));
        self.arguments.extend(values.into_iter().map(str::to_owned));
        self
    }
}
