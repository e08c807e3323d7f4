//! Emits the placeholder of an input with errors. It can be named, called and mounted, so rustc
//! reports no further errors.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Generics, Ident};

use crate::{
    hygiene::ident,
    runtime_crate,
    tokens::replace_lifetimes,
    websocket::model::{FunctionPlaceholder, SessionPlaceholder},
};

/// Emits the placeholder of a function with errors: a constant with its name, whose type is an
/// error. rustc accepts every use of it.
pub(in crate::websocket) fn function_placeholder(
    placeholder: &FunctionPlaceholder,
    error: &TokenStream,
) -> TokenStream {
    let FunctionPlaceholder { conditions, visibility, name, is_free_function, original, .. } = placeholder;
    let visibility = quote!(#visibility);
    let value = error_constant(&visibility, name, error);
    if !is_free_function {
        return quote!(#(#conditions)* #value);
    }
    let uri = error_constant(&visibility, &ident("uri"), &quote!({ #name; 0 }));
    let marker = marker(placeholder, Some(&uri));
    quote! {
        #(#conditions)*
        #value

        #(#conditions)*
        const _: () = {
            #[allow(dead_code, unused_variables)]
            #original
        };

        #marker
    }
}

/// Emits the type with the function's name, with the reflection of an endpoint.
fn marker(placeholder: &FunctionPlaceholder, uri: Option<&TokenStream>) -> TokenStream {
    let FunctionPlaceholder { conditions, visibility, name, .. } = placeholder;
    let reflection = reflection(&quote!(#visibility));
    quote! {
        #(#conditions)*
        #[allow(non_camel_case_types, dead_code)]
        #[doc(hidden)]
        #visibility struct #name {}

        #(#conditions)*
        #[allow(dead_code)]
        impl #name {
            #reflection
            #uri
        }
    }
}

/// Emits a constant whose type is an error: an array whose length is an error, or depends on one.
fn error_constant(visibility: &TokenStream, name: &Ident, error: &TokenStream) -> TokenStream {
    quote! {
        #[allow(non_upper_case_globals, dead_code)]
        #visibility const #name: [(); #error] = [];
    }
}

/// Emits the placeholder of a function that cannot be parsed: its name, and a future that never
/// completes.
pub(in crate::websocket) fn unparsable_placeholder(
    placeholder: &FunctionPlaceholder,
    late_error: &TokenStream,
) -> TokenStream {
    let FunctionPlaceholder { private, conditions, visibility, name, is_free_function, original, .. } =
        placeholder;
    if !is_free_function {
        return quote!(#(#conditions)* #[allow(dead_code)] #visibility fn #name() { #late_error });
    }
    let marker = marker(placeholder, None);
    quote! {
        #(#conditions)*
        #[allow(dead_code)]
        #visibility fn #name()
        -> #private::AnnotatedFuture<
            #name, ::core::future::Pending<#private::Response>, #private::CalledPerConnection
        >
        {
            #[allow(dead_code, unused_variables)]
            #original
            #late_error
            #private::AnnotatedFuture::new(::core::future::pending())
        }

        #marker

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

/// Emits the placeholder of a function without a runtime crate: its name, to be mounted.
pub(in crate::websocket) fn function_without_runtime(placeholder: &FunctionPlaceholder) -> TokenStream {
    let FunctionPlaceholder { conditions, visibility, name, original, .. } = placeholder;
    let missing = runtime_crate::missing_impl(&Generics::default(), name);
    quote! {
        #(#conditions)*
        #[allow(non_camel_case_types, dead_code)]
        #visibility struct #name;

        #(#conditions)*
        const _: () = {
            #missing

            #[allow(dead_code, unused_variables)]
            #original
        };
    }
}

/// Emits the block of a session without a runtime crate as it was written.
pub(in crate::websocket) fn session_without_runtime(placeholder: &SessionPlaceholder) -> TokenStream {
    let SessionPlaceholder { conditions, generics, self_type, original, .. } = placeholder;
    let missing = runtime_crate::missing_impl(generics, self_type);
    quote! {
        #[allow(dead_code, unused_variables)]
        #original

        #(#conditions)*
        #missing
    }
}

/// Emits the block of a session with errors as it was written, and hooks that never complete.
pub(in crate::websocket) fn session_placeholder(
    placeholder: &SessionPlaceholder,
    error: Option<&TokenStream>,
) -> TokenStream {
    let SessionPlaceholder { private, conditions, generics, self_type, original } = placeholder;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let public = quote!(pub);
    let reflection = reflection(&public);
    let uri = error.map(|error| error_constant(&public, &ident("uri"), error));
    let reflection_impl = quote! {
        #(#conditions)*
        #[allow(dead_code)]
        impl #impl_generics #self_type #where_clause {
            #reflection
            #uri
        }
    };
    // A session that borrows is reported already.
    let self_type = replace_lifetimes(quote!(#self_type), "static");
    let where_clause = replace_lifetimes(quote!(#where_clause), "static");
    let mut generics = generics.clone();
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
        .collect();
    let (impl_generics, ..) = generics.split_for_impl();
    let mut with_state = generics.clone();
    with_state.params.push(syn::parse_quote!(__S: ::core::marker::Sync));
    let (impl_with_state, ..) = with_state.split_for_impl();
    quote! {
        #[allow(dead_code, unused_variables)]
        #original

        #reflection_impl

        #(#conditions)*
        impl #impl_generics #private::Session for #self_type #where_clause {
            const POLICY: #private::Policy =
                #private::Policy {
                    on_malformed: #private::OnMalformed::Reply,
                    id: ::core::option::Option::None,
                    takes_binary: false
                };
            const HAS_ON_CLOSE: bool = false;

            async fn open(
                &mut self,
                _: ::core::option::Option<&mut #private::Inbox>,
                _: &#private::WebSocketConnection,
            ) -> #private::Answer {
                ::core::future::pending().await
            }

            async fn dispatch(
                &mut self,
                _: &::core::primitive::str,
                _: &#private::WebSocketConnection,
            ) -> ::core::result::Result<#private::Answer, #private::Malformed> {
                ::core::future::pending().await
            }

            async fn close(self, _: #private::CloseCause, _: &#private::WebSocketConnection) {}
        }

        #(#conditions)*
        impl #impl_with_state #private::SessionEndpoint<__S> for #self_type #where_clause {
            const ROUTE: &'static str = "/";

            async fn accept_from(
                _: #private::Request,
                _: &__S,
            ) -> ::core::result::Result<(Self, ::core::option::Option<#private::Inbox>), #private::Response> {
                ::core::future::pending().await
            }
        }
    }
}

/// Emits the reflection of an endpoint, with empty values.
fn reflection(visibility: &TokenStream) -> TokenStream {
    quote! {
        #visibility const PATH: &'static str = "";
        #visibility const METHOD: &'static str = "GET";
        #visibility const PARAMETERS: &'static [&'static str] = &[];
        #visibility const EXTRACTORS: &'static [&'static str] = &[];
        #visibility const MESSAGE: ::core::option::Option<&'static str> = ::core::option::Option::None;
        #visibility const REPLY: ::core::option::Option<&'static str> = ::core::option::Option::None;
    }
}
