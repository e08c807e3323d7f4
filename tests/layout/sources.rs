//! The files of the repository.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// Folders that are no part of the repository.
const SKIPPED: &[&str] = &[".git", "artifacts", "corpus", "node_modules", "target"];

/// Inputs of the compiler. They are not read: expected errors name their lines, and a comment that
/// is wrapped moves those.
const UNREAD: &[&str] = &["ui-tests/cases/", "ui-tests/reexported/"];

/// Paths of all files, and texts of those that the guards read. Paths are relative to the root.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) paths: BTreeSet<String>,
    pub(super) texts: BTreeMap<String, String>,
}

impl Sources {
    /// Returns the files of the repository.
    pub(super) fn repository() -> &'static Self {
        static REPOSITORY: LazyLock<Sources> = LazyLock::new(|| {
            let root = env::var_os("LAYOUT_ROOT")
                .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), PathBuf::from);
            let mut sources = Sources::default();
            sources.read(&root, "");
            sources
        });
        &REPOSITORY
    }

    /// Makes files up, for tests of a guard.
    pub(super) fn made_up(files: &[(&str, &str)]) -> Self {
        let mut sources = Self::default();
        for (path, text) in files {
            sources.paths.insert((*path).to_owned());
            sources.texts.insert((*path).to_owned(), (*text).to_owned());
        }
        sources
    }

    /// Returns the files whose name ends with `end`.
    pub(super) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .filter(move |(path, _)| path.ends_with(end))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Returns true if `path` is a file or a folder.
    pub(super) fn exists(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.paths.contains(path)
            || self.paths.range(folder.clone()..).next().is_some_and(|next| next.starts_with(&folder))
    }

    fn read(&mut self, root: &Path, folder: &str) {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                self.read(root, &path);
                continue;
            }
            let is_read = !UNREAD.iter().any(|folder| path.starts_with(folder));
            if is_read
                && [".rs", ".md", "Cargo.toml", "Cargo.toml.liquid"].iter().any(|end| path.ends_with(end))
            {
                self.texts.insert(path.clone(), fs::read_to_string(entry.path()).unwrap());
            }
            self.paths.insert(path);
        }
    }
}

/// Joins a relative path to a folder and resolves `.` and `..`.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Returns the folder of a file; the root's is empty.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
