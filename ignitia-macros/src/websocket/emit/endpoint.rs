//! Emits the expansion of an annotated function.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{GenericParam, Ident, Type, spanned::Spanned};

use super::{
    description,
    handler_closure::{connection_closure, message_closure},
    id_checks,
    reflection::Reflection,
    request_arguments,
};
use crate::{
    hygiene::{ident, located_at, named_at},
    websocket::{
        model::{Endpoint, EndpointKind, IdChecks, MessageFunction, TrailingArgument},
        syntax::types::is_opaque,
    },
};

/// Emits the function under its own name, returning its future with the endpoint's type attached;
/// that type under the same name, in the type namespace; and the implementation of the endpoint.
pub(in crate::websocket) fn endpoint(mut endpoint: Endpoint) -> TokenStream {
    let function = function(&endpoint);
    let marker = marker(&endpoint);
    let aliases = aliases(&mut endpoint);
    let implementation = implementation(&endpoint);
    let checks = checks(&endpoint);
    let conditions = &endpoint.conditions;
    quote! {
        #function
        #marker

        #(#conditions)*
        const _: () = {
            #aliases
            #implementation
            #checks
        };
    }
}

/// Replaces the types by aliases, each declared with the function's span. rustc's words for an
/// unresolved type depend on the item that contains the type; with the same words for both, it
/// reports the error once.
fn aliases(endpoint: &mut Endpoint) -> TokenStream {
    let mut aliases = TokenStream::new();
    if !endpoint.generics.params.is_empty() {
        return aliases;
    }
    let span = endpoint.name.span();
    let (arguments, id_checks) = (&mut endpoint.arguments, &mut endpoint.id_checks);
    let of_arguments = arguments.iter_mut().map(|argument| &mut argument.ty);
    let of_checks =
        id_checks.iter_mut().flat_map(|checks| [Some(&mut checks.message), checks.reply.as_mut()]);
    let described = endpoint.reply.iter_mut().filter(|ty| !is_opaque(ty));
    let types = of_arguments.chain(endpoint.kind.last_mut()).chain(of_checks.flatten()).chain(described);
    for (index, ty) in types.enumerate() {
        let name = format!("__Type{index}");
        let (alias, declared) = (named_at(&name, ty), Ident::new(&name, span));
        let ty = std::mem::replace(ty, alias);
        aliases.extend(quote!(type #declared = #ty;));
    }
    aliases
}

/// Emits the function under its own name, with the annotated function inside.
fn function(endpoint: &Endpoint) -> TokenStream {
    let Endpoint {
        private,
        docs,
        conditions,
        attributes,
        visibility,
        name,
        generics,
        output,
        signature,
        body,
        ..
    } = endpoint;
    let span = name.span();
    let private = located_at(private, span);
    let (_, type_generics, where_clause) = generics.split_for_impl();
    let turbofish = type_generics.as_turbofish();
    let (names, types): (Vec<&Ident>, Vec<_>) = endpoint
        .arguments
        .iter()
        .map(|argument| (&argument.name, &argument.ty))
        .chain(endpoint.kind.last().into_iter().map(|last| (&last.name, &last.ty)))
        .unzip();
    // The whole return type has the span of the name, so that rustc points there for "never used"
    // and "cannot be sent between threads".
    let future = quote_spanned!(span=> impl ::core::future::Future<Output = #output> + ::core::marker::Send);
    let kind = match endpoint.kind {
        EndpointKind::Connection(_) => quote_spanned!(span=> #private::CalledPerConnection),
        EndpointKind::OnMessage(_) => quote_spanned!(span=> #private::CalledPerMessage),
    };
    let returned = quote_spanned!(span=> #private::AnnotatedFuture<#name #type_generics, #future, #kind>);
    // An argument may have the function's name, and would shadow the inner function.
    let values: Vec<Ident> = (0..names.len()).map(|index| ident(&format!("__value_{index}"))).collect();
    let call = quote_spanned!(span=> #private::AnnotatedFuture::new(#name #turbofish (#(#values),*)));
    // An endpoint may have seven arguments before the connection.
    let allow = quote!(#[allow(clippy::too_many_arguments)]);
    // The function has to be async even if its body awaits nothing.
    let allow_inner = quote!(#[allow(clippy::too_many_arguments, clippy::unused_async)]);
    quote_spanned! {span=>
        #(#docs)*
        #(#conditions)*
        #allow
        #visibility fn #name #generics (#(#names: #types),*) -> #returned #where_clause {
            #(let #values = #names;)*
            {
                #(#attributes)*
                #allow_inner
                #signature #body
                #call
            }
        }
    }
}

/// Emits the type with the function's name.
fn marker(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { private, path, conditions, visibility, name, generics, arguments, .. } = endpoint;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let (fields, phantom) = phantom(endpoint);
    let (message, reply) = (endpoint.message.as_ref(), endpoint.reply.as_ref());
    let reflection = Reflection { private, visibility, path, arguments, message, reply }.items();
    let bare = quote!(#name #phantom #where_clause { #fields });
    quote! {
        #(#conditions)*
        #[allow(non_camel_case_types, reason = "it shares the function's name")]
        #[doc(hidden)]
        #visibility struct #bare

        #(#conditions)*
        impl #impl_generics #name #type_generics #where_clause {
            #reflection
        }
    }
}

/// Returns the field that uses the generics, and the generics without defaults for the struct.
fn phantom(endpoint: &Endpoint) -> (TokenStream, TokenStream) {
    let types: Vec<&Ident> = endpoint.generics.type_params().map(|parameter| &parameter.ident).collect();
    let fields = if types.is_empty() {
        quote!()
    } else {
        quote!(__types: ::core::marker::PhantomData<fn() -> (#(#types,)*)>)
    };
    let mut generics = endpoint.generics.clone();
    for parameter in &mut generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.default = None;
        }
    }
    let (declared, ..) = generics.split_for_impl();
    (fields, quote!(#declared))
}

/// Emits the implementation of the runtime's `Endpoint`.
fn implementation(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { private, path, conditions, name, generics, arguments, .. } = endpoint;
    let (_, type_generics, _) = generics.split_for_impl();
    let (state, via) = (ident("__S"), ident("__Via"));
    let request = ident("__request");
    let parameters = request_arguments::parameters(private, arguments, &request);
    let (extracted, types) = request_arguments::extracted(arguments);
    let tuple = quote!((#(#types,)*));
    let session = match &endpoint.kind {
        EndpointKind::Connection(connection) => connection_closure(endpoint, connection),
        EndpointKind::OnMessage(kind) => message_closure(endpoint, kind),
    };
    let (route, description) = (path.route(), description::of_function(endpoint));
    let mut with_state = generics.clone();
    with_state.params.push(syn::parse_quote!(#state));
    with_state.params.push(syn::parse_quote!(#via));
    let clause = with_state.make_where_clause();
    clause.predicates.push(syn::parse_quote! {
        #state: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static
    });
    // Each bound has the span of its type, where rustc reports it.
    for (index, ty) in types.iter().enumerate() {
        let there = located_at(private, ty.span());
        let argument = if index + 1 == types.len() {
            quote_spanned!(ty.span()=> #there::LastArgument<#state, #via>)
        } else {
            quote_spanned!(ty.span()=> #there::HeadArgument<#state>)
        };
        clause.predicates.push(syn::parse_quote_spanned!(ty.span()=> #ty: #argument));
    }
    // The tuple of the types appears nowhere else: each mention of an invalid type is one more
    // error.
    clause.predicates.push(syn::parse_quote!(#state: #private::Extracts<#tuple, #via>));
    for parameter in generics.type_params() {
        let parameter = &parameter.ident;
        clause.predicates.push(syn::parse_quote!(#parameter: 'static));
    }
    let (impl_generics, _, where_clause) = with_state.split_for_impl();
    quote! {
        #(#conditions)*
        #[allow(deprecated, reason = "whoever mounts it is told")]
        impl #impl_generics #private::Endpoint<#state, #via> for #name #type_generics #where_clause {
            const ROUTE: &'static str = #route;

            #description

            fn reads_body() -> bool {
                <#state as #private::Extracts<_, #via>>::reads_body()
            }

            #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
            async fn prepare(
                mut #request: #private::Request,
                __state: &#state,
            ) -> ::core::result::Result<#private::Prepared, #private::Response> {
                #(#parameters)*
                let (#(#extracted,)*) =
                    <#state as #private::Extracts<_, #via>>::extract(__state, #request).await?;
                ::core::result::Result::Ok(#private::Prepared::new(#session))
            }
        }
    }
}

/// Emits the checks of the id, which run at compile time.
fn checks(endpoint: &Endpoint) -> Option<TokenStream> {
    let Endpoint { private, id_checks, .. } = endpoint;
    let IdChecks { id, message, reply } = id_checks.as_ref()?;
    let fits = id_checks::id_fits(private, id, message);
    let is_free = reply.as_ref().map(|reply| id_checks::id_is_free(private, id, reply));
    Some(quote!(const _: () = { #fits; #is_free };))
}

impl EndpointKind {
    /// Returns the types of the trailing arguments that the implementation names.
    fn last_mut(&mut self) -> Vec<&mut Type> {
        match self {
            EndpointKind::Connection(connection) => vec![&mut connection.ty],
            EndpointKind::OnMessage(MessageFunction { reply_to, connection, .. }) => {
                let all = reply_to.iter_mut().chain(connection);
                all.map(|last| &mut last.ty).collect()
            }
        }
    }

    /// Returns the trailing arguments in order.
    fn last(&self) -> Vec<&TrailingArgument> {
        match self {
            EndpointKind::Connection(connection) => vec![connection],
            EndpointKind::OnMessage(kind) => {
                kind.reply_to.iter().chain(&kind.connection).chain([&kind.message]).collect()
            }
        }
    }
}
