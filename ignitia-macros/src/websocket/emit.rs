//! What an endpoint becomes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Ident, Type, Visibility, spanned::Spanned};

use super::model::{Argument, Endpoint, Source, Stub};
use crate::{
    path_template::{PathTemplate, Segment},
    runtime::located_at,
};

/// The function under its own name, returning its future with the endpoint's type attached; that type, in the other
/// namespace under the same name; and the endpoint itself.
pub(super) fn endpoint(endpoint: &Endpoint) -> TokenStream {
    let function = function(endpoint);
    let marker = marker(endpoint);
    let implementation = implementation(endpoint);
    quote!(#function #marker #implementation)
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
        .chain([(&endpoint.connection.name, &endpoint.connection.ty)])
        .unzip();
    // Spanned at the name as a whole, so that "never used" and "cannot be sent between threads" point there.
    let future = quote_spanned!(span=> impl ::core::future::Future<Output = #output> + ::core::marker::Send);
    let returned = quote_spanned!(span=> #private::Tagged<#name #type_generics, #future>);
    // An argument may have the function's name: the inner function must not stand in its way.
    let values: Vec<Ident> = (0..names.len()).map(|index| ident(&format!("__value_{index}"))).collect();
    let call = quote_spanned!(span=> #private::Tagged::new(#name #turbofish (#(#values),*)));
    // Seven arguments before the connection are ours to allow.
    let allow = quote!(#[allow(clippy::too_many_arguments)]);
    quote_spanned! {span=>
        #(#docs)*
        #(#conditions)*
        #allow
        #visibility fn #name #generics (#(#names: #types),*) -> #returned #where_clause {
            #(let #values = #names;)*
            {
                #(#attributes)*
                #allow
                #signature #body
                #call
            }
        }
    }
}

fn marker(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { private: _, path, conditions, visibility, name, generics, .. } = endpoint;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let (fields, phantom) = phantom(endpoint);
    let text = &path.text;
    let parameters = path.parameters();
    let extractors =
        endpoint.arguments.iter().filter(|argument| matches!(argument.source, Source::Extractor));
    let extractors = extractors.map(|argument| written(&argument.ty));
    let uri = uri(&endpoint.private, path, visibility);
    let bare = quote!(#name #phantom #where_clause { #fields });
    quote! {
        #(#conditions)*
        #[allow(non_camel_case_types, reason = "it shares the function's name")]
        #[doc(hidden)]
        #visibility struct #bare

        #(#conditions)*
        impl #impl_generics #name #type_generics #where_clause {
            /// The path, as it was written.
            #visibility const PATH: &'static str = #text;
            /// The method of the handshake over HTTP/1.1.
            #visibility const METHOD: &'static str = "GET";
            /// The names of the parameters in the path.
            #visibility const PARAMETERS: &'static [&'static str] = &[#(#parameters),*];
            /// The types of the extractors, as they were written.
            #visibility const EXTRACTORS: &'static [&'static str] = &[#(#extractors),*];
            #uri
        }
    }
}

/// A type as people write it: tokens as text have a space between any two.
fn written(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [(" < ", "<"), (" > ", ">"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("& ", "&")]
    {
        text = text.replace(spaced, tight);
    }
    text
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

fn uri(private: &TokenStream, path: &PathTemplate, visibility: &Visibility) -> TokenStream {
    let uri = Ident::new("__uri", Span::mixed_site());
    let names: Vec<Ident> = path
        .parameters()
        .map(|name| syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site())))
        .collect();
    let mut next = names.iter();
    let steps = path.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => {
            let text = format!("/{text}");
            quote!(#uri.push_str(#text);)
        }
        Segment::Parameter { is_tail, .. } => {
            let name = next.next();
            quote!(#uri.push('/'); #private::push_segment(&mut #uri, &#name, #is_tail);)
        }
    });
    let start = if path.segments.is_empty() { "/" } else { "" };
    quote! {
        /// The path with these parameters, percent-encoded.
        #visibility fn uri(#(#names: impl ::core::fmt::Display),*) -> ::std::string::String {
            let mut #uri = <::std::string::String as ::core::convert::From<&str>>::from(#start);
            #(#steps)*
            #uri
        }
    }
}

fn implementation(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { private, path, conditions, name, generics, arguments, connection, output, .. } = endpoint;
    let (_, type_generics, _) = generics.split_for_impl();
    let turbofish = type_generics.as_turbofish();
    let (state, via) = (ident("__S"), ident("__Via"));
    let (request, ws) = (ident("__request"), ident("__ws"));
    let extractors: Vec<&Argument> =
        arguments.iter().filter(|argument| matches!(argument.source, Source::Extractor)).collect();
    let extracted_types: Vec<_> = extractors.iter().map(|argument| &argument.ty).collect();
    let extracted: Vec<_> = extractors.iter().map(|argument| &argument.value).collect();
    let tuple = quote!((#(#extracted_types,)*));
    let parameters = arguments.iter().filter_map(|argument| match &argument.source {
        Source::Parameter(name) => {
            let Argument { value, ty, .. } = argument;
            // The use is the assertion: one error, at the type.
            let there = located_at(private, ty.span());
            let parse = quote_spanned!(ty.span()=> <#ty as #there::PathParam>::from_param);
            Some(quote!(let #value = #private::path_param(&mut #request, #name, #parse).await?;))
        }
        Source::Extractor => None,
    });
    let values: Vec<_> = arguments.iter().map(|argument| &argument.value).collect();
    let connection_type = &connection.ty;
    let wrap =
        quote_spanned!(connection_type.span()=> <#connection_type as #private::Connection>::from_connection);
    let there = located_at(private, output.span());
    // A variable at the output's place: rustc points at the argument of the call.
    let ended = Ident::new("__ended", Span::mixed_site().located_at(output.span()));
    let outcome = quote_spanned!(output.span()=> #there::outcome(#ended));
    let route = path.route();
    let mut with_state = generics.clone();
    with_state.params.push(syn::parse_quote!(#state));
    with_state.params.push(syn::parse_quote!(#via));
    let clause = with_state.make_where_clause();
    clause.predicates.push(syn::parse_quote!(#state: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static));
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
                <#state as #private::Extracts<#tuple, #via>>::reads_body()
            }

            #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
            async fn prepare(
                mut #request: #private::Request,
                __state: &#state,
            ) -> ::core::result::Result<#private::Prepared, #private::Response> {
                #(#parameters)*
                let (#(#extracted,)*) = <#state as #private::Extracts<#tuple, #via>>::extract(__state, #request).await?;
                ::core::result::Result::Ok(#private::Prepared::new(move |#ws| async move {
                    let #ended = #name #turbofish (#(#values,)* #wrap(#ws)).await;
                    #outcome
                }))
            }
        }
    }
}

/// A function with faults: it can be named, called and mounted, so that only the faults themselves are reported.
pub(super) fn stub(stub: &Stub) -> TokenStream {
    let Stub { private, conditions, visibility, name, types, stands_alone, path, original } = stub;
    if !stands_alone {
        let names = (0..types.len()).map(|index| ident(&format!("__argument_{index}")));
        return quote! {
            #(#conditions)*
            #[allow(dead_code, unused_variables, clippy::needless_pass_by_value)]
            #visibility fn #name(#(#names: #types),*) -> #private::Tagged<#private::Faulty, ::core::future::Pending<#private::Response>> {
                #private::Tagged::new(::core::future::pending())
            }
        };
    }
    let uri = path.as_ref().map(|path| uri(private, path, visibility));
    let original = original.as_ref().map(|item| quote!(#[allow(dead_code, unused_variables)] #item));
    let names = (0..types.len()).map(|index| ident(&format!("__argument_{index}")));
    quote! {
        #(#conditions)*
        #[allow(dead_code, unused_variables, clippy::needless_pass_by_value)]
        #visibility fn #name(#(#names: #types),*) -> #private::Tagged<#name, ::core::future::Pending<#private::Response>> {
            #original
            #private::Tagged::new(::core::future::pending())
        }

        #(#conditions)*
        #[allow(non_camel_case_types, dead_code)]
        #[doc(hidden)]
        #visibility struct #name {}

        #(#conditions)*
        #[allow(dead_code)]
        impl #name {
            #visibility const PATH: &'static str = "";
            #visibility const METHOD: &'static str = "GET";
            #visibility const PARAMETERS: &'static [&'static str] = &[];
            #visibility const EXTRACTORS: &'static [&'static str] = &[];
            #uri
        }

        #(#conditions)*
        impl<__S: ::core::marker::Sync> #private::Endpoint<__S, ()> for #name {
            const ROUTE: &'static str = "/";

            fn reads_body() -> bool {
                false
            }

            async fn prepare(
                _: #private::Request,
                _: &__S,
            ) -> ::core::result::Result<#private::Prepared, #private::Response> {
                ::core::future::pending().await
            }
        }
    }
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
