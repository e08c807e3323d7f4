//! Facts of a file that the guards need, as plain data: names, imports, paths, modules.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use proc_macro2::Span;
use syn::{
    Attribute, Block, Expr, ExprMethodCall, Field, ImplItem, Item, ItemMacro, ItemMod, Lit, Local, Macro,
    Meta, MetaNameValue, Path, UseTree, VisRestricted, Visibility,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{
    sources::Sources,
    tokens::{items_in_macro, paths_in_macro},
};

/// Contents of a module: of a file, or of `mod name { .. }`. Code for tests is left out.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) names: BTreeSet<String>,
    pub(super) macro_rules: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// Paths in code, each with its first line.
    pub(super) paths: BTreeMap<Vec<String>, usize>,
    /// Macros that are called by a single name.
    pub(super) macro_calls: BTreeMap<String, usize>,
    pub(super) method_calls: BTreeMap<String, usize>,
    pub(super) modules: Vec<Declaration>,
    pub(super) types: Vec<TypeName>,
}

/// One name, or all names, that a `use` brings into a module.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// Name in the module; `None` for `*`.
    pub(super) name: Option<String>,
    pub(super) is_public: bool,
    pub(super) line: usize,
}

/// A `mod`, with its body if it stands in the same file.
#[derive(Debug)]
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) lines: (usize, usize),
    pub(super) conditions: Vec<String>,
    pub(super) is_test: bool,
    pub(super) path: Option<String>,
    pub(super) body: Option<Scope>,
}

/// A type that a module defines.
#[derive(Debug)]
pub(super) struct TypeName {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) conditions: Vec<String>,
}

/// Returns the facts of all files of the repository.
pub(super) fn repository() -> &'static BTreeMap<String, Scope> {
    static REPOSITORY: LazyLock<BTreeMap<String, Scope>> = LazyLock::new(|| facts(Sources::repository()));
    &REPOSITORY
}

/// Returns the facts of all files.
pub(super) fn facts(sources: &Sources) -> BTreeMap<String, Scope> {
    sources.ending(".rs").map(|(path, text)| (path.to_owned(), read(path, text))).collect()
}

fn read(path: &str, text: &str) -> Scope {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut reader = Reader::default();
    file.items.iter().for_each(|item| reader.visit_item(item));
    reader.scope
}

/// Returns true for a condition that holds in test builds only.
fn requires_test(meta: &Meta) -> bool {
    match meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => {
            let parts = list.parse_args_with(Punctuated::<Meta, syn::Token![,]>::parse_terminated);
            parts.is_ok_and(|parts| parts.iter().any(requires_test))
        }
        _ => false,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args().is_ok_and(|meta| requires_test(&meta))
    })
}

fn conditions(attributes: &[Attribute]) -> Vec<String> {
    let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    conditions
        .filter_map(|attribute| Some(attribute.meta.require_list().ok()?.tokens.to_string().replace(' ', "")))
        .collect()
}

fn line(span: Span) -> usize {
    span.start().line
}

/// Attributes, and the name that the item defines.
fn parts(item: &Item) -> (&[Attribute], Option<&syn::Ident>) {
    match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, None),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Union(item) => (&item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

fn is_type(item: &Item) -> bool {
    matches!(item, Item::Enum(_) | Item::Struct(_) | Item::Trait(_) | Item::Type(_) | Item::Union(_))
}

/// Collects a [`Scope`].
#[derive(Debug, Default)]
struct Reader {
    scope: Scope,
    /// Number of blocks around the code that is read.
    depth: usize,
}

impl Reader {
    fn declare(&mut self, item: &ItemMod) {
        let path = item.attrs.iter().find_map(|attribute| match &attribute.meta {
            Meta::NameValue(MetaNameValue { path, value: Expr::Lit(literal), .. })
                if path.is_ident("path") =>
            {
                match &literal.lit {
                    Lit::Str(path) => Some(path.value()),
                    _ => None,
                }
            }
            _ => None,
        });
        let body = item.content.as_ref().map(|(_, items)| {
            let mut reader = Self::default();
            items.iter().for_each(|item| reader.visit_item(item));
            reader.scope
        });
        self.scope.modules.push(Declaration {
            name: item.ident.to_string(),
            lines: (line(item.span()), item.span().end().line),
            conditions: conditions(&item.attrs),
            is_test: is_test(&item.attrs),
            path,
            body,
        });
    }

    fn define(&mut self, item: &Item, attributes: &[Attribute], name: &syn::Ident) {
        let conditions = conditions(attributes);
        if matches!(item, Item::Macro(_)) {
            self.scope.macro_rules.insert(name.to_string());
        }
        if is_type(item) {
            let name = name.to_string();
            self.scope.types.push(TypeName { name, line: line(item.span()), conditions });
        }
        self.scope.names.insert(name.to_string());
    }

    fn define_by_macro(&mut self, item: &ItemMacro) {
        for (keyword, name, line) in items_in_macro(item.mac.tokens.clone()) {
            if ["struct", "enum", "trait", "type", "union"].contains(&keyword.as_str()) {
                let conditions = conditions(&item.attrs);
                self.scope.types.push(TypeName { name: name.clone(), line, conditions });
            }
            self.scope.names.insert(name);
        }
    }

    fn import(&mut self, tree: &UseTree, prefix: &[String], is_public: bool) {
        let line = line(tree.span());
        let with = |name: &syn::Ident| match name.to_string().as_str() {
            "self" => prefix.to_vec(),
            name => [prefix, &[name.to_owned()]].concat(),
        };
        let (path, name) = match tree {
            UseTree::Path(path) => {
                return self.import(&path.tree, &[prefix, &[path.ident.to_string()]].concat(), is_public);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.import(tree, prefix, is_public));
            }
            UseTree::Name(name) => (with(&name.ident), with(&name.ident).last().cloned()),
            UseTree::Rename(rename) => (with(&rename.ident), Some(rename.rename.to_string())),
            UseTree::Glob(_) => (prefix.to_vec(), None),
        };
        self.scope.imports.push(Import { path, name, is_public, line });
    }

    fn note(&mut self, path: Vec<String>, line: usize) {
        let first = self.scope.paths.entry(path).or_insert(line);
        *first = line.min(*first);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = parts(item);
        match item {
            Item::Mod(module) => return self.declare(module),
            _ if is_test(attributes) => return,
            Item::Use(import) => {
                let is_public = !matches!(import.vis, Visibility::Inherited);
                if import.leading_colon.is_none() {
                    self.import(&import.tree, &[], is_public);
                }
                return;
            }
            Item::Macro(item) if item.ident.is_none() && self.depth == 0 => self.define_by_macro(item),
            _ => {}
        }
        if let Some(name) = name
            && self.depth == 0
        {
            self.define(item, attributes, name);
        }
        visit::visit_item(self, item);
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.depth += 1;
        visit::visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_test(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if !is_test(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !is_test(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.note(names, line(path.span()));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().map_or_else(String::new, |last| last.ident.to_string());
        if call.path.segments.len() == 1 {
            self.scope.macro_calls.entry(name.clone()).or_insert(line(call.path.span()));
        } else {
            self.visit_path(&call.path);
        }
        for (path, line) in paths_in_macro(&name, call.tokens.clone()) {
            self.note(path, line);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.scope.method_calls.entry(call.method.to_string()).or_insert(line(call.method.span()));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        read("sample", text).paths.keys().map(|path| path.join("::")).collect()
    }

    #[test]
    fn imports_are_read_from_nested_groups() {
        let scope = read("sample", "pub(crate) use a::{self, b::{C, D as E}, f::*};");
        let imports: Vec<_> =
            scope.imports.iter().map(|import| (import.path.join("::"), import.name.as_deref())).collect();
        let expected = [("a", Some("a")), ("a::b::C", Some("C")), ("a::b::D", Some("E")), ("a::f", None)];
        assert_eq!(imports, expected.map(|(path, name)| (path.to_owned(), name)));
        assert!(scope.imports.iter().all(|import| import.is_public));
    }

    #[test]
    fn paths_are_read_from_code_alone() {
        let text = "/// [`crate::doc`]
            #[cfg(test)] mod tests { fn f() { crate::test() } }
            #[cfg(all(test, unix))] fn g() { crate::test() }
            pub(in crate::seen) fn f(x: crate::A<super::B>) { x.y(z::w()); println!(\"{}\", self::C) }";
        assert_eq!(paths(text), ["crate::A", "self::C", "super::B", "x", "z::w"]);
    }

    #[test]
    fn types_are_read_outside_of_blocks_and_impls() {
        let text = "struct A; impl T for A { type B = u8; } fn f() { struct C; } pin! { enum D {} }";
        let scope = read("sample", text);
        assert_eq!(scope.types.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["A", "D"]);
    }

    #[test]
    fn modules_have_their_conditions() {
        let scope = read("sample", "#[cfg(shuttle)] #[path = \"../x.rs\"] mod x; #[cfg(test)] mod tests {}");
        let [x, tests] = &scope.modules[..] else { panic!("two modules") };
        assert_eq!((x.path.as_deref(), &x.conditions[..]), (Some("../x.rs"), &["shuttle".to_owned()][..]));
        assert!(!x.is_test && tests.is_test && tests.body.is_some());
    }
}
