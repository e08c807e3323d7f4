//! From syntax without faults to decisions.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, FnArg, Ident, Pat, PatType, ReturnType, Type, ext::IdentExt, parse_quote};

use super::{
    model::{Argument, Connection, Endpoint, Source, Stub},
    parse::{Attributes, Function},
    validate::takes_parameters,
};
use crate::{path_template::PathTemplate, runtime};

/// The longest list of arguments that a function can be mounted with.
const MAX_MOUNTED: usize = 9;

/// The model of a function that `validate` has found good.
pub(super) fn endpoint(attributes: &Attributes, function: Function) -> Endpoint {
    let path = attributes.path.as_ref().map(|path| path.template.clone());
    let path = path.expect("`validate` has seen to the path");
    let Function { attributes: outer, visibility, signature, body } = function;
    let mut typed: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    let connection = typed.pop().expect("`validate` has seen to the connection");
    let count = typed.len();
    let connection = Connection { name: shown_name(connection, count), ty: (*connection.ty).clone() };
    let arguments =
        typed.iter().enumerate().map(|(index, argument)| self::argument(&path, index, argument)).collect();
    let output = match &signature.output {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => parse_quote!(()),
    };
    let (mut docs, rest): (Vec<_>, Vec<_>) =
        outer.into_iter().partition(|attribute| is_one_of(attribute, &["doc", "deprecated"]));
    // Some lints are about the head of a function, some about its body; `expect` would be disappointed in one of them.
    docs.extend(
        rest.iter().filter(|attribute| is_one_of(attribute, &["allow", "warn", "deny", "forbid"])).cloned(),
    );
    let (conditions, attributes_left): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_condition);
    Endpoint {
        private: runtime::private(attributes.crate_path.as_ref()),
        path,
        docs,
        conditions,
        attributes: attributes_left,
        visibility,
        name: signature.ident.clone(),
        generics: signature.generics.clone(),
        arguments,
        connection,
        output,
        signature,
        body,
    }
}

/// What is left of a function with faults.
pub(super) fn stub(attributes: &Attributes, function: &Function) -> Stub {
    let signature = &function.signature;
    // Types that name something generic or borrowed would be faults of their own.
    let is_plain = signature.generics.params.is_empty() && signature.receiver().is_none();
    let types: Vec<Type> = if is_plain {
        typed(signature.inputs.iter())
            .map(|argument| (*argument.ty).clone())
            .filter(is_nameable)
            .take(MAX_MOUNTED)
            .collect()
    } else {
        Vec::new()
    };
    Stub {
        private: runtime::private(attributes.crate_path.as_ref()),
        conditions: function.attributes.iter().filter(|attribute| is_condition(attribute)).cloned().collect(),
        visibility: function.visibility.clone(),
        name: signature.ident.clone(),
        types,
        stands_alone: signature.receiver().is_none() && function.has_body(),
        path: attributes.path.as_ref().map(|path| path.template.clone()),
        original: original(function),
    }
}

/// The function as it was meant: what is wrong with its head is reported already.
fn original(function: &Function) -> Option<TokenStream> {
    let mut signature = function.signature.clone();
    if signature.receiver().is_some() || signature.variadic.is_some() || !function.has_body() {
        return None;
    }
    signature.constness = None;
    signature.abi = None;
    signature.safety = syn::Safety::Default;
    signature.asyncness = Some(signature.asyncness.unwrap_or_default());
    let body = &function.body;
    Some(quote!(#signature #body))
}

fn is_one_of(attribute: &Attribute, names: &[&str]) -> bool {
    names.iter().any(|name| attribute.path().is_ident(name))
}

fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

fn is_nameable(ty: &Type) -> bool {
    !matches!(ty, Type::ImplTrait(_) | Type::Reference(_) | Type::Infer(_))
}

/// The arguments that are no `self`.
pub(super) fn typed<'a>(inputs: impl Iterator<Item = &'a FnArg>) -> impl Iterator<Item = &'a PatType> {
    inputs.filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

fn argument(path: &PathTemplate, index: usize, argument: &PatType) -> Argument {
    // `room: Path<String>` is axum's extractor, whatever its name.
    let name = own_name(argument).filter(|_| !takes_parameters(&argument.ty));
    let source = name.and_then(|name| parameter(path, &name.unraw().to_string()));
    Argument {
        name: shown_name(argument, index),
        value: Ident::new(&format!("__argument_{index}"), Span::mixed_site()),
        ty: (*argument.ty).clone(),
        source: source.unwrap_or(Source::Extractor),
    }
}

fn parameter(path: &PathTemplate, wanted: &str) -> Option<Source> {
    path.parameters().find(|name| *name == wanted).map(|name| Source::Parameter(name.to_owned()))
}

/// The name of an argument that is just a name.
pub(super) fn own_name(argument: &PatType) -> Option<&Ident> {
    match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        _ => None,
    }
}

/// The name that the documentation shows: the argument's own, or the one that its pattern binds, or a number.
fn shown_name(argument: &PatType, index: usize) -> Ident {
    let bound = match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        Pat::TupleStruct(pattern) => match pattern.elems.first() {
            Some(Pat::Ident(inner)) if pattern.elems.len() == 1 => Some(&inner.ident),
            _ => None,
        },
        _ => None,
    };
    // `State(Db)` binds nothing if `Db` is a unit struct.
    let is_variable =
        |name: &&Ident| !name.unraw().to_string().starts_with(|first: char| first.is_uppercase());
    bound
        .filter(is_variable)
        .cloned()
        .unwrap_or_else(|| format_ident!("arg{}", index, span = Span::mixed_site()))
}
