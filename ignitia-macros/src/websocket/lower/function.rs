//! Lowers a function to the model of its expansion.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, PatType, Path, PathArguments, Type};

use super::{
    options::{id_checks, policy},
    request_arguments::{request_argument, shown_name},
};
use crate::{
    runtime_crate,
    websocket::{
        model::{Endpoint, EndpointKind, FunctionPlaceholder, MessageFunction, TrailingArgument},
        parse::{EndpointOptions, Function, OptionValue, UnparsableFunction},
        syntax::{
            arguments::typed_arguments,
            attributes::{cfg_attributes, is_cfg, is_named_attribute},
            connection::{is_connection, is_usual_alias},
            types::{is_opaque, is_reply_to, is_unit, output_type},
        },
    },
};

/// Returns the model of a valid function.
pub(in crate::websocket) fn endpoint(options: &EndpointOptions, function: Function) -> Endpoint {
    let path = options.path.as_ref().map(|path| path.template.clone());
    let path = path.expect("`validate` has checked the path");
    let Function { attributes: outer, visibility, signature, body } = function;
    let mut typed: Vec<&PatType> = typed_arguments(signature.inputs.iter()).collect();
    let last = typed.pop().expect("`validate` has checked the last argument");
    let last = trailing_argument(last, typed.len());
    let kind = match options.on_message {
        None => EndpointKind::Connection(last),
        Some(_) => {
            let parameters: Vec<&str> = path.parameters().collect();
            let connection = typed
                .pop_if(|argument| is_connection(&argument.ty) || is_usual_alias(argument, &parameters))
                .map(|argument| trailing_argument(argument, typed.len()));
            let reply_to = typed
                .pop_if(|argument| is_reply_to(&argument.ty))
                .map(|argument| trailing_argument(argument, typed.len()));
            let path_of =
                |option: &Option<OptionValue<Path>>| option.as_ref().map(|option| option.value.clone());
            let (on_raw, on_binary) = (path_of(&options.on_raw), path_of(&options.on_binary));
            let policy = policy(options, on_binary.is_some());
            EndpointKind::OnMessage(MessageFunction {
                reply_to,
                connection,
                message: last,
                policy,
                on_raw,
                on_binary,
            })
        }
    };
    let arguments =
        typed.iter().enumerate().map(|(index, argument)| request_argument(&path, index, argument)).collect();
    let output = output_type(&signature);
    let (message, reply, id_checks) = match &kind {
        EndpointKind::Connection(connection) => {
            let (message, reply) = typed_messages(&connection.ty);
            (message, reply, None)
        }
        EndpointKind::OnMessage(kind) => {
            let message = &kind.message.ty;
            let named = Some(&output).filter(|ty| !is_opaque(ty));
            let id_checks = id_checks(options, &signature.generics, message, named);
            (Some(message), Some(&output).filter(|ty| !is_unit(ty)), id_checks)
        }
    };
    let (message, reply) = (message.cloned(), reply.cloned());
    let (mut docs, rest): (Vec<_>, Vec<_>) =
        outer.into_iter().partition(|attribute| is_named_attribute(attribute, &["doc", "deprecated"]));
    // Some lints are about the head of a function, some about its body. An `expect` would be
    // unfulfilled in one of the two.
    docs.extend(
        rest.iter()
            .filter(|attribute| is_named_attribute(attribute, &["allow", "warn", "deny", "forbid"]))
            .cloned(),
    );
    let (conditions, attributes_left): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_cfg);
    Endpoint {
        private: runtime_crate::private_module(options.crate_path.as_ref()),
        path,
        docs,
        conditions,
        attributes: attributes_left,
        visibility,
        name: signature.ident.clone(),
        generics: signature.generics.clone(),
        arguments,
        kind,
        message,
        reply,
        id_checks,
        output,
        signature,
        body,
    }
}

/// Returns the placeholder of a function with errors.
pub(in crate::websocket) fn function_placeholder(
    options: &EndpointOptions,
    function: &Function,
) -> FunctionPlaceholder {
    let signature = &function.signature;
    FunctionPlaceholder {
        private: runtime_crate::private_module(options.crate_path.as_ref()),
        conditions: cfg_attributes(&function.attributes),
        visibility: function.visibility.clone(),
        name: signature.ident.clone(),
        is_free_function: signature.receiver().is_none() && function.has_body(),
        original: original(function),
    }
}

/// Returns the placeholder of a function that cannot be parsed.
pub(in crate::websocket) fn unparsable_function(
    options: &EndpointOptions,
    function: &UnparsableFunction,
) -> FunctionPlaceholder {
    FunctionPlaceholder {
        private: runtime_crate::private_module(options.crate_path.as_ref()),
        conditions: cfg_attributes(&function.attributes),
        visibility: function.visibility.clone(),
        name: function.name.clone(),
        is_free_function: !function.is_method,
        original: Some(function.original.clone()),
    }
}

/// Returns the function without the parts of its head that are reported already.
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

fn trailing_argument(argument: &PatType, index: usize) -> TrailingArgument {
    TrailingArgument { name: shown_name(argument, index), ty: (*argument.ty).clone() }
}

/// Returns the message types of a `TypedConnection<In, Out>`.
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
