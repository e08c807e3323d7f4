//! Uses of one file's items by another file.

use std::collections::{BTreeMap, btree_map::Entry};

use super::modules::{Target, Tree};

/// The first place in a file where an item of another file is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) line: usize,
    pub(super) path: String,
}

/// Uses by file and used file.
pub(super) type Uses = BTreeMap<(String, String), Use>;

/// Returns all uses between the files of a target, outside of code for tests.
///
/// A module that only re-exports the items of its children does not use them. Neither does a path
/// that leads through a module, nor an import of a module as a whole.
pub(super) fn uses(tree: &Tree<'_>) -> Uses {
    let mut uses = Uses::new();
    for (id, module) in tree.modules.iter().enumerate().filter(|(_, module)| !module.is_test) {
        let mut note = |targets: Vec<Target>, line: usize, path: &[String], is_reexport: bool| {
            for target in targets {
                let Target::ItemOf(owner) = target else { continue };
                let used = &tree.modules[owner].file;
                if *used == module.file || (is_reexport && tree.is_within(owner, id)) {
                    continue;
                }
                let found = Use { line, path: path.join("::") };
                match uses.entry((module.file.clone(), used.clone())) {
                    Entry::Vacant(entry) => {
                        entry.insert(found);
                    }
                    Entry::Occupied(mut entry) if line < entry.get().line => {
                        entry.insert(found);
                    }
                    Entry::Occupied(_) => {}
                }
            }
        };
        for import in &module.scope.imports {
            if import.name.is_some() {
                note(tree.resolve(id, &import.path), import.line, &import.path, import.is_public);
            }
        }
        for (path, line) in &module.scope.paths {
            note(tree.resolve(id, path), *line, path, false);
        }
        for (name, line) in &module.scope.macro_calls {
            note(tree.resolve_macro(id, name), *line, &[format!("{name}!")], false);
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::{
        super::{sources::Sources, syntax::facts},
        *,
    };

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files = facts(&Sources::made_up(files));
        let uses = uses(&Tree::new(&files, "lib.rs"));
        uses.iter().map(|((from, to), found)| format!("{from} {to} {}:{}", found.line, found.path)).collect()
    }

    #[test]
    fn imports_and_paths_are_uses() {
        let lib = "mod a; mod b; mod c;";
        let b = "use super::a::{self, A};\nfn f() { a::f(); crate::c::MAX }";
        let files = [
            ("lib.rs", lib),
            ("a.rs", "pub struct A; pub fn f() {}"),
            ("b.rs", b),
            ("c.rs", "pub const MAX: u8 = 1;"),
        ];
        assert_eq!(found(&files), ["b.rs a.rs 1:super::a::A", "b.rs c.rs 2:crate::c::MAX"]);
    }

    #[test]
    fn a_re_export_of_a_child_is_no_use_until_its_name_is_used() {
        let lib = "mod a; pub use a::A;";
        assert_eq!(found(&[("lib.rs", lib), ("a.rs", "pub struct A;")]), [""; 0]);
        let lib = "mod a; pub use a::A;\nfn f(a: A) {}";
        assert_eq!(found(&[("lib.rs", lib), ("a.rs", "pub struct A;")]), ["lib.rs a.rs 2:A"]);
    }

    #[test]
    fn globs_and_macros_are_uses_where_a_name_is_used() {
        let lib = "macro_rules! twice { () => {} } mod a; mod b;";
        let b = "use super::a::*;\nfn f() -> Vec<u8> { twice!(); vec![g()] }";
        let files = [("lib.rs", lib), ("a.rs", "pub fn g() {}"), ("b.rs", b)];
        assert_eq!(found(&files), ["b.rs a.rs 2:g", "b.rs lib.rs 2:twice!"]);
    }
}
