//! Locates the runtime crate for the expansions.

use std::{env, fs, path::Path as FilePath};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Generics, Path};

const NAME: &str = "ignitia";

/// Returns the path of the module that expansions refer to, in `ignitia` or in the crate that
/// `crate = ..` names.
pub(crate) fn private_module(crate_path: Option<&Path>) -> TokenStream {
    match crate_path {
        Some(path) => quote!(#path::__private),
        None => quote!(::ignitia::__private),
    }
}

/// Returns true if the compiled crate has no dependency called `ignitia`, because another crate
/// re-exports it. Returns false without a compiler or a manifest, which leave this unknown.
pub(crate) fn is_missing(crate_path: Option<&Path>) -> bool {
    let manifest = || {
        let directory = env::var_os("CARGO_MANIFEST_DIR")?;
        fs::read_to_string(FilePath::new(&directory).join("Cargo.toml")).ok()
    };
    crate_path.is_none()
        && proc_macro::is_available()
        && manifest().is_some_and(|manifest| !has_dependency(&manifest))
}

/// Returns true if the manifest may contain a dependency called `ignitia`. A part of another name,
/// a file, or the package of a renamed dependency does not count.
fn has_dependency(manifest: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
    manifest.match_indices(NAME).any(|(start, _)| {
        let (before, behind) = (&manifest[..start], &manifest[start + NAME.len()..]);
        let is_package = before.trim_end_matches([' ', '=', '"', '\'']).ends_with("package");
        !before.ends_with(is_part) && !behind.starts_with(|c| is_part(c) && c != '/') && !is_package
    })
}

/// Emits the only error of a type without a runtime crate. rustc asks nothing more of a type that
/// implements an unresolved trait, so the trait's name is the message.
pub(crate) fn missing_impl(generics: &Generics, ty: impl ToTokens) -> TokenStream {
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let text = Ident::new("ignitia__say_where_it_is_with_crate_equals_path", Span::call_site());
    quote!(impl #impl_generics ::#text::Type for #ty #where_clause {})
}

#[cfg(test)]
mod tests {
    use super::has_dependency;

    #[test]
    fn a_manifest_tells_what_the_crate_is_called() {
        for manifest in [
            "[dependencies]\nignitia = \"1\"",
            "[dependencies]\nignitia.workspace = true",
            "[dependencies.ignitia]\npackage = \"ignitia\"",
            "dependencies = { ignitia = { path = \"../ignitia\" } }",
            "[package]\nname = \"ignitia\"",
            "[features]\ntls = [\"ignitia/rustls\"]",
        ] {
            assert!(has_dependency(manifest), "{manifest}");
        }
        for manifest in [
            "[dependencies]\nfacade = { path = \"../ignitia\" }",
            "[package]\nname = \"my-ignitia-app\"\n[dependencies]\nignitia-facade = \"1\"\nmy_ignitia = \"1\"",
            "[dependencies]\nweb = { package = \"ignitia\", version = \"1\" }",
            "[dependencies.web]\npackage=\"ignitia\"",
            "",
        ] {
            assert!(!has_dependency(manifest), "{manifest}");
        }
    }
}
