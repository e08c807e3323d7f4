//! Inspects patterns.

use syn::{Ident, Pat};

/// Returns the names that the pattern of a variant binds.
pub(in crate::websocket) fn bound_names(pattern: &Pat) -> Vec<Ident> {
    match pattern {
        Pat::Struct(variant) => variant.fields.iter().flat_map(|field| names(&field.pat)).collect(),
        Pat::TupleStruct(variant) => variant.elems.iter().flat_map(names).collect(),
        // The name of the variant binds nothing.
        _ => Vec::new(),
    }
}

fn names(pattern: &Pat) -> Vec<Ident> {
    match pattern {
        Pat::Ident(name) => {
            let mut all = vec![name.ident.clone()];
            if let Some((_, inner)) = &name.subpat {
                all.extend(names(inner));
            }
            all
        }
        Pat::Tuple(tuple) => tuple.elems.iter().flat_map(names).collect(),
        Pat::Slice(slice) => slice.elems.iter().flat_map(names).collect(),
        Pat::Paren(inner) => names(&inner.pat),
        Pat::Reference(inner) => names(&inner.pat),
        nested => bound_names(nested),
    }
}
