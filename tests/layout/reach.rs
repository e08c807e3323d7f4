//! Guard: every file is part of a target, and every declared module has a file.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    modules::Tree,
    packages::roots,
    report::{Violation, hold},
    sources::Sources,
    syntax::{self, Scope},
};

#[test]
fn every_file_is_reached_from_a_root() {
    let violations = unreached(syntax::repository(), &roots(Sources::repository()));
    hold(violations, "Declare the module, or delete the file.");
}

fn unreached(files: &BTreeMap<String, Scope>, roots: &BTreeSet<String>) -> Vec<Violation> {
    let mut reached = BTreeSet::new();
    let mut violations = Vec::new();
    for root in roots {
        let tree = Tree::new(files, root);
        reached.extend(tree.modules.into_iter().map(|module| module.file));
        let missing = tree.missing.into_iter();
        violations.extend(missing.map(|(file, line, name)| {
            Violation::new(&file, line, format!("there is no file for `mod {name}`"))
        }));
    }
    let dead = files.keys().filter(|file| !reached.contains(*file));
    violations.extend(dead.map(|file| Violation::new(file, 1, "no target has a module for this file")));
    violations
}

#[test]
fn dead_files_and_missing_files_are_found() {
    let files = syntax::facts(&Sources::made_up(&[
        ("lib.rs", "mod a;\n#[cfg(test)] mod tests;\nmod gone;"),
        ("a.rs", ""),
        ("tests.rs", ""),
        ("dead.rs", ""),
    ]));
    let found = unreached(&files, &BTreeSet::from(["lib.rs".to_owned()]));
    assert_eq!(
        found,
        [
            Violation::new("lib.rs", 3, "there is no file for `mod gone`"),
            Violation::new("dead.rs", 1, "no target has a module for this file"),
        ]
    );
}
