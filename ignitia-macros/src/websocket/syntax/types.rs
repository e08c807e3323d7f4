//! Recognizes types by their names.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, parse_quote};

use crate::{
    std_types::{first_type_argument, std_segment},
    tokens::has_ident,
};

/// Extractors that read the body of the request.
pub(in crate::websocket) const BODY_EXTRACTORS: &[&str] =
    &["Json", "Form", "Multipart", "Bytes", "Request", "RawForm"];

/// Extractors that are certainly not an alias of the connection.
pub(in crate::websocket) const HEAD_EXTRACTORS: &[&str] =
    &["State", "Path", "Query", "Headers", "Extension", "Cookies", "RequestId", "HeaderMap", "Method", "Uri"];

/// Types that can only be parameters of the path.
pub(in crate::websocket) const PARAMETER_TYPES: &[&str] = &[
    "String", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "Uuid",
];

/// Returns true if the last segment of the type's path is one of the names.
pub(in crate::websocket) fn is_named(ty: &Type, names: &[&str]) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// Returns true for axum's `Path<..>`, an `Option<Path<..>>`, or a `Result` of it.
pub(in crate::websocket) fn is_path_extractor(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    if last.ident == "Path" || last.ident == "RawPathParams" {
        return true;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    (last.ident == "Option" || last.ident == "Result")
        && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if is_path_extractor(ty))
}

/// Returns true for `Events<..>`, the handle for a session's own events.
pub(in crate::websocket) fn is_events(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| {
        last.ident == "Events"
            && matches!(&last.arguments, PathArguments::AngleBracketed(inner) if inner.args.len() == 1)
    })
}

/// Returns true for `ReplyTo`, the handle for answering later.
pub(in crate::websocket) fn is_reply_to(ty: &Type) -> bool {
    is_named(ty, &["ReplyTo"])
}

/// Returns the type in a list, an option or a pointer.
pub(in crate::websocket) fn wrapped_type(ty: &Type) -> Option<&Type> {
    const WRAPPERS: &[&str] =
        &["Vec", "VecDeque", "HashSet", "BTreeSet", "Option", "Result", "Box", "Arc", "Rc", "Cow"];
    let Type::Path(path) = ty else { return None };
    let name = std_segment(&path.path)?;
    first_type_argument(name).filter(|_| WRAPPERS.iter().any(|wrapper| name.ident == wrapper))
}

/// Returns true if the type has a lifetime other than `'static` and those it declares itself
/// (`for<'a> fn(&'a str)`).
pub(in crate::websocket) fn borrows(ty: &Type) -> bool {
    fn in_tokens(tokens: TokenStream) -> bool {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) if in_tokens(group.stream()) => return true,
                TokenTree::Ident(word) if word == "for" => return false,
                TokenTree::Punct(tick) if tick.as_char() == '\'' => match tokens.peek() {
                    Some(TokenTree::Ident(name)) if name == "static" => {}
                    _ => return true,
                },
                _ => {}
            }
        }
        false
    }
    matches!(ty, Type::Reference(_)) || in_tokens(ty.to_token_stream())
}

pub(in crate::websocket) fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Returns the type that a function returns.
pub(in crate::websocket) fn output_type(signature: &Signature) -> Type {
    match &signature.output {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => parse_quote!(()),
    }
}

/// Returns true if the type can be named only in its signature.
pub(in crate::websocket) fn is_opaque(ty: &Type) -> bool {
    has_ident(ty.to_token_stream(), &|word| word == "impl")
}
