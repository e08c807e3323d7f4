use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, PatType, Path, PathArguments, ReturnType, Type, parse_quote};

use super::{
    options::{id_checks, policy},
    request_arguments::{argument, shown_name},
};
use crate::{
    runtime_crate,
    websocket::{
        model::{Endpoint, Last, OnMessage, Shape, Stub},
        parse::{Attributes, Function, Given, HalfTyped},
        syntax::{
            arguments::typed,
            attributes::{conditions, is_condition, is_one_of},
            connection::{is_connection, is_usual_alias},
            types::{is_reply_to, is_unit},
        },
    },
};

/// The model of a function that `validate` has found good.
pub(in crate::websocket) fn endpoint(attributes: &Attributes, function: Function) -> Endpoint {
    let path = attributes.path.as_ref().map(|path| path.template.clone());
    let path = path.expect("`validate` has seen to the path");
    let Function { attributes: outer, visibility, signature, body } = function;
    let mut typed: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    let last = typed.pop().expect("`validate` has seen to the last argument");
    let last = self::last(last, typed.len());
    let shape = match attributes.on_message {
        None => Shape::Connection(last),
        Some(_) => {
            let parameters: Vec<&str> = path.parameters().collect();
            let connection = typed
                .pop_if(|argument| is_connection(&argument.ty) || is_usual_alias(argument, &parameters))
                .map(|argument| self::last(argument, typed.len()));
            let reply_to = typed
                .pop_if(|argument| is_reply_to(&argument.ty))
                .map(|argument| self::last(argument, typed.len()));
            let path_of = |option: &Option<Given<Path>>| option.as_ref().map(|option| option.value.clone());
            let (on_raw, on_binary) = (path_of(&attributes.on_raw), path_of(&attributes.on_binary));
            let policy = policy(attributes, on_binary.is_some());
            Shape::OnMessage(OnMessage { reply_to, connection, message: last, policy, on_raw, on_binary })
        }
    };
    let arguments =
        typed.iter().enumerate().map(|(index, argument)| self::argument(&path, index, argument)).collect();
    let output = match &signature.output {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => parse_quote!(()),
    };
    let (message, reply, id_checks) = match &shape {
        Shape::Connection(connection) => {
            let (message, reply) = typed_messages(&connection.ty);
            (message, reply, None)
        }
        Shape::OnMessage(shape) => {
            let message = &shape.message.ty;
            let named = Some(&output).filter(|ty| !is_opaque(ty));
            let id_checks = id_checks(attributes, &signature.generics, message, named);
            (Some(message), Some(&output).filter(|ty| !is_unit(ty)), id_checks)
        }
    };
    let (message, reply) = (message.cloned(), reply.cloned());
    let (mut docs, rest): (Vec<_>, Vec<_>) =
        outer.into_iter().partition(|attribute| is_one_of(attribute, &["doc", "deprecated"]));
    // Some lints are about the head of a function, some about its body; `expect` would be disappointed in one of them.
    docs.extend(
        rest.iter().filter(|attribute| is_one_of(attribute, &["allow", "warn", "deny", "forbid"])).cloned(),
    );
    let (conditions, attributes_left): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_condition);
    Endpoint {
        private: runtime_crate::private_module(attributes.crate_path.as_ref()),
        path,
        docs,
        conditions,
        attributes: attributes_left,
        visibility,
        name: signature.ident.clone(),
        generics: signature.generics.clone(),
        arguments,
        shape,
        message,
        reply,
        id_checks,
        output,
        signature,
        body,
    }
}

/// What is left of a function with faults.
pub(in crate::websocket) fn stub(attributes: &Attributes, function: &Function) -> Stub {
    let signature = &function.signature;
    Stub {
        private: runtime_crate::private_module(attributes.crate_path.as_ref()),
        conditions: conditions(&function.attributes),
        visibility: function.visibility.clone(),
        name: signature.ident.clone(),
        stands_alone: signature.receiver().is_none() && function.has_body(),
        original: original(function),
    }
}

/// What is left of a function that cannot be read.
pub(in crate::websocket) fn half_typed(attributes: &Attributes, function: &HalfTyped) -> Stub {
    Stub {
        private: runtime_crate::private_module(attributes.crate_path.as_ref()),
        conditions: conditions(&function.attributes),
        visibility: function.visibility.clone(),
        name: function.name.clone(),
        stands_alone: !function.is_method,
        original: Some(function.original.clone()),
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

fn last(argument: &PatType, index: usize) -> Last {
    Last { name: shown_name(argument, index), ty: (*argument.ty).clone() }
}

/// The messages of a `TypedConnection<In, Out>`.
fn typed_messages(connection: &Type) -> (Option<&Type>, Option<&Type>) {
    let Type::Path(path) = connection else { return (None, None) };
    let Some(last) = path.path.segments.last() else { return (None, None) };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return (None, None) };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    if last.ident == "TypedConnection" { (types.next(), types.next()) } else { (None, None) }
}

/// Whether a type cannot be named outside of the signature.
fn is_opaque(ty: &Type) -> bool {
    ty.to_token_stream().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "impl"))
}
