//! Root files of all targets, as Cargo finds them.

use std::collections::BTreeSet;

use super::sources::{Sources, folder_of, join};

/// Returns the root files of all targets of all packages.
pub(super) fn roots(sources: &Sources) -> BTreeSet<String> {
    // A template's manifest has placeholders, so its name has an end that Cargo does not read.
    let manifests = ["Cargo.toml", "Cargo.toml.liquid"].into_iter().flat_map(|name| sources.ending(name));
    let manifests = manifests.filter(|(_, text)| text.contains("[package]"));
    manifests.flat_map(|(path, text)| roots_of(sources, folder_of(path), text)).collect()
}

fn roots_of(sources: &Sources, folder: &str, manifest: &str) -> Vec<String> {
    let mut roots = named(folder, manifest);
    for file in ["build.rs", "src/lib.rs", "src/main.rs"] {
        roots.push(join(folder, file));
    }
    for (switch, place) in [
        ("autobins", "src/bin"),
        ("autobenches", "benches"),
        ("autoexamples", "examples"),
        ("autotests", "tests"),
    ] {
        if !manifest.contains(&format!("{switch} = false")) {
            roots.extend(discovered(sources, &join(folder, place)));
        }
    }
    roots.retain(|file| sources.texts.contains_key(file));
    roots
}

/// Returns the files that a manifest names: `path = "main.rs"`, `build = "script.rs"`.
fn named(folder: &str, manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"").or_else(|| line.strip_prefix("build = \"")))
        .filter_map(|path| path.strip_suffix('"'))
        .map(|path| join(folder, path))
        .collect()
}

/// Returns the files that Cargo takes for targets on its own: each file, and `main.rs` of each
/// folder.
fn discovered(sources: &Sources, place: &str) -> Vec<String> {
    let below = format!("{place}/");
    let is_target = |path: &str| {
        path.strip_prefix(&below).is_some_and(|rest| match rest.split_once('/') {
            None => true,
            Some((_, name)) => name == "main.rs",
        })
    };
    sources.ending(".rs").map(|(path, _)| path.to_owned()).filter(|path| is_target(path)).collect()
}

#[test]
fn targets_are_found_by_name_and_by_place() {
    let sources = Sources::made_up(&[
        ("a/Cargo.toml", "[package]\nautotests = false\n[[test]]\npath = \"t/main.rs\"\n"),
        ("a/src/lib.rs", ""),
        ("a/src/inner.rs", ""),
        ("a/benches/one.rs", ""),
        ("a/benches/two/main.rs", ""),
        ("a/benches/two/part.rs", ""),
        ("a/tests/not.rs", ""),
        ("a/t/main.rs", ""),
        ("b/Cargo.toml.liquid", "[package]\nname = \"{{project-name}}\"\n"),
        ("b/src/main.rs", ""),
    ]);
    let expected =
        ["a/benches/one.rs", "a/benches/two/main.rs", "a/src/lib.rs", "a/t/main.rs", "b/src/main.rs"];
    assert_eq!(roots(&sources), BTreeSet::from(expected.map(str::to_owned)));
}
