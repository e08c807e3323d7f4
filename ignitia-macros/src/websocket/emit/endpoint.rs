use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{GenericParam, Ident, Type, spanned::Spanned};

use super::{
    handler_closure::{connection_closure, message_closure},
    id_checks,
    reflection::Reflection,
    request_arguments,
};
use crate::{
    hygiene::{ident, located_at, named_at},
    websocket::model::{Endpoint, EndpointKind, IdChecks, MessageFunction, TrailingArgument},
};

/// The function under its own name, returning its future with the endpoint's type attached; that type, in the other
/// namespace under the same name; and the endpoint itself.
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

/// Gives the types other names, each declared as if by the function. What rustc says of a type that it cannot find depends on the
/// item that it stands in; so it says the same of both, and that once.
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
    let types = of_arguments.chain(endpoint.kind.last_mut()).chain(of_checks.flatten());
    for (index, ty) in types.enumerate() {
        let name = format!("__Type{index}");
        let (alias, declared) = (named_at(&name, ty), Ident::new(&name, span));
        let ty = std::mem::replace(ty, alias);
        aliases.extend(quote!(type #declared = #ty;));
    }
    aliases
}

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
    // Spanned at the name as a whole, so that "never used" and "cannot be sent between threads" point there.
    let future = quote_spanned!(span=> impl ::core::future::Future<Output = #output> + ::core::marker::Send);
    let returned = quote_spanned!(span=> #private::Tagged<#name #type_generics, #future>);
    // An argument may have the function's name: the inner function must not stand in its way.
    let values: Vec<Ident> = (0..names.len()).map(|index| ident(&format!("__value_{index}"))).collect();
    let call = quote_spanned!(span=> #private::Tagged::new(#name #turbofish (#(#values),*)));
    // Seven arguments before the connection are ours to allow.
    let allow = quote!(#[allow(clippy::too_many_arguments)]);
    // And what is called has to be async, whether there is something to wait for or not.
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

/// The fields that make use of the generics, and the generics as the struct declares them.
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
    let route = path.route();
    let mut with_state = generics.clone();
    with_state.params.push(syn::parse_quote!(#state));
    with_state.params.push(syn::parse_quote!(#via));
    let clause = with_state.make_where_clause();
    clause.predicates.push(syn::parse_quote!(#state: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static));
    // Each by itself, at its place: that is where rustc points.
    for (index, ty) in types.iter().enumerate() {
        let there = located_at(private, ty.span());
        let argument = if index + 1 == types.len() {
            quote_spanned!(ty.span()=> #there::LastArgument<#state, #via>)
        } else {
            quote_spanned!(ty.span()=> #there::HeadArgument<#state>)
        };
        clause.predicates.push(syn::parse_quote_spanned!(ty.span()=> #ty: #argument));
    }
    // Their types are written down nowhere else: each time is an error more where one is wrong in itself.
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

            fn reads_body() -> bool {
                <#state as #private::Extracts<_, #via>>::reads_body()
            }

            #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
            async fn prepare(
                mut #request: #private::Request,
                __state: &#state,
            ) -> ::core::result::Result<#private::Prepared, #private::Response> {
                #(#parameters)*
                let (#(#extracted,)*) = <#state as #private::Extracts<_, #via>>::extract(__state, #request).await?;
                ::core::result::Result::Ok(#private::Prepared::new(#session))
            }
        }
    }
}

/// Checked once, when the program is compiled.
fn checks(endpoint: &Endpoint) -> Option<TokenStream> {
    let Endpoint { private, id_checks, .. } = endpoint;
    let IdChecks { id, message, reply } = id_checks.as_ref()?;
    let fits = id_checks::id_fits(private, id, message);
    let is_free = reply.as_ref().map(|reply| id_checks::id_is_free(private, id, reply));
    Some(quote!(const _: () = { #fits; #is_free };))
}

impl EndpointKind {
    /// The types of what stands there.
    fn last_mut(&mut self) -> Vec<&mut Type> {
        match self {
            EndpointKind::Connection(connection) => vec![&mut connection.ty],
            EndpointKind::OnMessage(MessageFunction { reply_to, connection, .. }) => {
                let all = reply_to.iter_mut().chain(connection);
                all.map(|last| &mut last.ty).collect()
            }
        }
    }

    /// What stands behind the arguments from the request, in order.
    fn last(&self) -> Vec<&TrailingArgument> {
        match self {
            EndpointKind::Connection(connection) => vec![connection],
            EndpointKind::OnMessage(kind) => {
                kind.reply_to.iter().chain(&kind.connection).chain([&kind.message]).collect()
            }
        }
    }
}
