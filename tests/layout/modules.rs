//! The tree of a crate's modules, and the file that defines a path's item.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    sources::{folder_of, join},
    syntax::{Declaration, Scope},
};

/// All modules of a target. The root is the first.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) modules: Vec<Module<'a>>,
    /// Declarations without a file: the file and the line of each, and its name.
    pub(super) missing: Vec<(String, usize, String)>,
}

/// A module: a file, or a part of one.
#[derive(Debug)]
pub(super) struct Module<'a> {
    pub(super) file: String,
    pub(super) scope: &'a Scope,
    pub(super) parent: Option<usize>,
    pub(super) is_test: bool,
    /// Conditions of the module and of all modules around it.
    pub(super) conditions: Vec<String>,
    children: BTreeMap<&'a str, Vec<usize>>,
}

/// Meaning of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    Module(usize),
    /// An item that this module defines.
    ItemOf(usize),
}

/// Globs and imports that were followed already: a circle of them ends there.
type Followed = BTreeSet<(usize, usize, String)>;

impl<'a> Tree<'a> {
    /// Builds the tree from a root file.
    pub(super) fn new(files: &'a BTreeMap<String, Scope>, root: &str) -> Self {
        let mut tree = Self { modules: Vec::new(), missing: Vec::new() };
        tree.add(files, Place::of_root(root), &files[root], None, false, Vec::new());
        tree
    }

    fn add(
        &mut self,
        files: &'a BTreeMap<String, Scope>,
        place: Place,
        scope: &'a Scope,
        parent: Option<usize>,
        is_test: bool,
        conditions: Vec<String>,
    ) -> usize {
        let id = self.modules.len();
        self.modules.push(Module {
            file: place.file.clone(),
            scope,
            parent,
            is_test,
            conditions: conditions.clone(),
            children: BTreeMap::new(),
        });
        for declared in &scope.modules {
            let (child, body) = match &declared.body {
                Some(body) => (place.inline(&declared.name), body),
                None => {
                    match place.files_of(declared).into_iter().find(|place| files.contains_key(&place.file)) {
                        Some(child) => {
                            let body = &files[&child.file];
                            (child, body)
                        }
                        None => {
                            self.missing.push((place.file.clone(), declared.lines.0, declared.name.clone()));
                            continue;
                        }
                    }
                }
            };
            let conditions = [&conditions[..], &declared.conditions].concat();
            let child = self.add(files, child, body, Some(id), is_test || declared.is_test, conditions);
            self.modules[id].children.entry(&declared.name).or_default().push(child);
        }
        id
    }

    /// Returns true if `module` is `ancestor` or stands below it.
    pub(super) fn is_within(&self, module: usize, ancestor: usize) -> bool {
        let parent = |module: &usize| self.modules[*module].parent;
        std::iter::successors(Some(module), parent).any(|module| module == ancestor)
    }

    /// Resolves a path that stands in the module `from`; nothing for names of other crates.
    pub(super) fn resolve(&self, from: usize, path: &[String]) -> Vec<Target> {
        self.follow(from, path, &mut Followed::new())
    }

    /// Resolves a macro that is called by its name: `macro_rules!` of a module around the call.
    pub(super) fn resolve_macro(&self, from: usize, name: &str) -> Vec<Target> {
        let parent = |module: &usize| self.modules[*module].parent;
        let around = std::iter::successors(Some(from), parent)
            .find(|module| self.modules[*module].scope.macro_rules.contains(name));
        match around {
            Some(module) => vec![Target::ItemOf(module)],
            None => self.resolve(from, &[name.to_owned()]),
        }
    }

    fn follow(&self, from: usize, path: &[String], followed: &mut Followed) -> Vec<Target> {
        let Some(first) = path.first() else { return vec![Target::Module(from)] };
        match first.as_str() {
            "crate" => self.walk(0, &path[1..], followed),
            "self" => self.walk(from, &path[1..], followed),
            "super" => {
                let Some(parent) = self.modules[from].parent else { return Vec::new() };
                match path.get(1).is_some_and(|next| next == "super") {
                    true => self.follow(parent, &path[1..], followed),
                    false => self.walk(parent, &path[1..], followed),
                }
            }
            _ => self.look_up(from, path, followed),
        }
    }

    /// Resolves the rest of a path within a module of this crate. A name that is neither defined
    /// nor imported there is one that a macro in the module's file has made.
    fn walk(&self, module: usize, path: &[String], followed: &mut Followed) -> Vec<Target> {
        if path.is_empty() {
            return vec![Target::Module(module)];
        }
        let found = self.look_up(module, path, followed);
        let Module { scope, children, .. } = &self.modules[module];
        let is_imported = scope.imports.iter().any(|import| import.name.as_ref() == Some(&path[0]));
        let is_made_up = found.is_empty() && !is_imported && !children.contains_key(path[0].as_str());
        if is_made_up { vec![Target::ItemOf(module)] } else { found }
    }

    fn look_up(&self, module: usize, path: &[String], followed: &mut Followed) -> Vec<Target> {
        let Module { scope, children, .. } = &self.modules[module];
        let (name, rest) = (&path[0], &path[1..]);
        let mut found = Vec::new();
        let children = children.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        for child in children {
            found.extend(self.walk(*child, rest, followed));
        }
        // A function or a macro may be called like the module, but a path goes on in the module.
        if !children.is_empty() && !rest.is_empty() {
            return found;
        }
        if scope.names.contains(name) {
            found.push(Target::ItemOf(module));
        }
        for (index, import) in scope.imports.iter().enumerate() {
            if import.name.as_ref() == Some(name) && followed.insert((module, index, name.clone())) {
                found.extend(self.follow(module, &[&import.path[..], rest].concat(), followed));
            }
        }
        if !found.is_empty() {
            return found;
        }
        for (index, import) in scope.imports.iter().enumerate() {
            if import.name.is_none() && followed.insert((module, index, name.clone())) {
                for target in self.follow(module, &import.path, followed) {
                    if let Target::Module(target) = target {
                        found.extend(self.look_up(target, path, followed));
                    }
                }
            }
        }
        found
    }
}

/// A module's file, and the folder of the files of its children.
#[derive(Debug)]
struct Place {
    file: String,
    folder: String,
    is_inline: bool,
}

impl Place {
    fn of_root(file: &str) -> Self {
        Self { file: file.to_owned(), folder: folder_of(file).to_owned(), is_inline: false }
    }

    fn inline(&self, name: &str) -> Self {
        Self { file: self.file.clone(), folder: join(&self.folder, name), is_inline: true }
    }

    /// Returns the places where the file of a declaration may stand.
    fn files_of(&self, declared: &Declaration) -> Vec<Self> {
        if let Some(path) = &declared.path {
            let folder = if self.is_inline { &self.folder } else { folder_of(&self.file) };
            return vec![Self::of_root(&join(folder, path))];
        }
        let folder = join(&self.folder, &declared.name);
        vec![
            Self { file: format!("{folder}.rs"), folder: folder.clone(), is_inline: false },
            Self { file: format!("{folder}/mod.rs"), folder, is_inline: false },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{sources::Sources, syntax::facts},
        *,
    };

    const FILES: &[(&str, &str)] = &[
        (
            "src/lib.rs",
            "mod a; pub mod b; fn b() {} pub use a::Thing; mod inner { pub use crate::b::deep::*; }",
        ),
        ("src/a.rs", "pub struct Thing; pub use super::b::Deep as Renamed; made_up!();"),
        ("src/b/mod.rs", "mod deep; pub use self::deep::Deep; use super::a; use http::Method;"),
        ("src/b/deep.rs", "pub struct Deep; pub fn f() {} #[path = \"../else.rs\"] mod other; mod none;"),
        ("src/else.rs", "pub struct Other;"),
    ];

    fn resolved(module: usize, path: &str) -> Vec<String> {
        let files = facts(&Sources::made_up(FILES));
        let tree = Tree::new(&files, "src/lib.rs");
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        let targets = tree.resolve(module, &path);
        targets
            .into_iter()
            .map(|target| match target {
                Target::Module(module) => format!("mod {}", tree.modules[module].file),
                Target::ItemOf(module) => tree.modules[module].file.clone(),
            })
            .collect()
    }

    #[test]
    fn a_path_leads_to_the_file_that_defines_its_item() {
        assert_eq!(resolved(0, "crate::a::Thing::new"), ["src/a.rs"]);
        assert_eq!(resolved(0, "a"), ["mod src/a.rs"]);
        assert_eq!(resolved(0, "b::deep::other::Other"), ["src/else.rs"]);
        assert_eq!(resolved(0, "b"), ["mod src/b/mod.rs", "src/lib.rs"]);
        assert_eq!(resolved(2, "a::Thing"), ["src/a.rs"]);
    }

    #[test]
    fn re_exports_and_globs_are_followed() {
        assert_eq!(resolved(1, "super::Thing"), ["src/a.rs"]);
        assert_eq!(resolved(0, "a::Renamed"), ["src/b/deep.rs"]);
        assert_eq!(resolved(0, "inner::f"), ["src/b/deep.rs"]);
        assert_eq!(resolved(0, "inner::Deep"), ["src/b/deep.rs"]);
    }

    #[test]
    fn names_of_other_crates_lead_nowhere() {
        assert_eq!(resolved(2, "Method::GET"), [""; 0]);
        assert_eq!(resolved(0, "http::Method"), [""; 0]);
        assert_eq!(resolved(0, "crate::b::Method"), [""; 0]);
    }

    #[test]
    fn a_name_that_a_macro_has_made_belongs_to_its_module() {
        assert_eq!(resolved(0, "crate::a::MadeUp"), ["src/a.rs"]);
    }

    #[test]
    fn a_declaration_without_file_is_missing() {
        let files = facts(&Sources::made_up(FILES));
        let tree = Tree::new(&files, "src/lib.rs");
        assert_eq!(tree.missing, [("src/b/deep.rs".to_owned(), 1, "none".to_owned())]);
    }
}
