//! Recognizes types of the standard library by their names.

use syn::{GenericArgument, Path, PathArguments, PathSegment, Type};

/// Returns the last segment, unless the path shows that the type is another one of that name.
pub(crate) fn std_segment(path: &Path) -> Option<&PathSegment> {
    let first = path.segments.first()?;
    let is_std = ["std", "core", "alloc"].iter().any(|root| first.ident == root);
    (is_std || path.segments.len() == 1).then(|| path.segments.last())?
}

/// Returns the first type among the generic arguments of a segment.
pub(crate) fn first_type_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
