//! The cases: programs, and what is expected of each.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::message::Message;

/// A program, and what rustc is expected to say about it.
pub(crate) struct Case {
    /// Path below the package's folder.
    pub(crate) path: PathBuf,
    mistakes: usize,
    warnings: usize,
    must_compile: bool,
}

impl Case {
    fn read(path: PathBuf) -> Self {
        let source = fs::read_to_string(package().join(&path)).expect("the case is readable");
        let declared = |what| {
            let number = source.lines().find_map(|line| line.strip_prefix(what))?;
            Some(number.parse().expect("a number"))
        };
        let must_compile = path.iter().any(|part| part == "pass");
        let usual = if must_compile { 0 } else { 1 };
        Self {
            mistakes: declared("// Errors: ").or_else(|| declared("// Mistakes: ")).unwrap_or(usual),
            warnings: declared("// Warnings: ").unwrap_or_default(),
            must_compile,
            path,
        }
    }

    /// Name that no other case has, fit for a file.
    pub(crate) fn name(&self) -> String {
        self.path.with_extension("").to_string_lossy().replace('/', "-")
    }

    /// File with the expected text of rustc.
    fn expectation(&self) -> PathBuf {
        package().join(self.path.with_extension("stderr"))
    }

    /// Compares the text with the expected one, or writes it there if that is asked for.
    pub(crate) fn check_text(&self, text: &str) -> Result<(), String> {
        if self.must_compile {
            return Ok(());
        }
        if env::var_os("UI_OVERWRITE").is_some() {
            fs::write(self.expectation(), text).expect("the expected text is writable");
            return Ok(());
        }
        let expected = fs::read_to_string(self.expectation()).unwrap_or_default();
        if expected == text {
            return Ok(());
        }
        Err(format!("EXPECTED:\n{}ACTUAL:\n{}", indented(&expected), indented(text)))
    }

    /// Compares the number of messages with that of the mistakes.
    pub(crate) fn check_count(&self, messages: &[Message]) -> Result<(), String> {
        let shown: Vec<_> = messages.iter().filter(|message| !message.is_summary()).collect();
        let errors = shown.iter().filter(|message| message.is_error()).count();
        let warnings = shown.len() - errors;
        if (errors, warnings) == (self.mistakes, self.warnings) {
            return Ok(());
        }
        let list: String = shown.iter().map(|message| indented(&message.to_string())).collect();
        Err(format!(
            "{errors} errors for {}, {warnings} warnings for {}:\n{list}",
            self.mistakes, self.warnings
        ))
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// Returns the folder of this package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the cases of all kinds, or those that `UI_CASES` selects.
pub(crate) fn suite() -> Vec<Case> {
    let mut kinds = entries(Path::new("cases"));
    kinds.sort();
    chosen(kinds.iter().flat_map(|kind| of_kind(kind)).collect())
}

/// Returns the cases in which another crate re-exports `ignitia`.
pub(crate) fn reexported() -> Vec<Case> {
    chosen(of_kind(Path::new("reexported")))
}

/// Returns the programs in a directory outside of the suite.
pub(crate) fn programs(directory: &Path) -> Vec<Case> {
    sources(directory)
}

fn of_kind(kind: &Path) -> Vec<Case> {
    ["fail", "pass"].iter().flat_map(|end| sources(&kind.join(end))).collect()
}

fn sources(directory: &Path) -> Vec<Case> {
    let mut paths = entries(directory);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.sort();
    paths.into_iter().map(Case::read).collect()
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(package().join(directory)) else { return Vec::new() };
    entries.map(|entry| directory.join(entry.expect("an entry").file_name())).collect()
}

fn chosen(mut cases: Vec<Case>) -> Vec<Case> {
    if let Ok(part) = env::var("UI_CASES") {
        cases.retain(|case| case.path.to_string_lossy().contains(&part));
    }
    cases
}
