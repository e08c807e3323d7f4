//! Emits the reflection of an endpoint.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Ident, Type, Visibility};

use super::option::option;
use crate::{
    hygiene::ident,
    path_template::{PathTemplate, Segment},
    websocket::model::{ArgumentSource, RequestArgument},
};

/// Reflection of an endpoint: the constants and the function `uri` in an `impl` block.
pub(super) struct Reflection<'a> {
    pub(super) private: &'a TokenStream,
    pub(super) visibility: &'a Visibility,
    pub(super) path: &'a PathTemplate,
    pub(super) arguments: &'a [RequestArgument],
    pub(super) message: Option<&'a Type>,
    pub(super) reply: Option<&'a Type>,
}

impl Reflection<'_> {
    /// Emits the items of the `impl` block.
    pub(super) fn items(&self) -> TokenStream {
        let Self { private, visibility, path, arguments, message, reply } = self;
        let text = &path.text;
        let parameters = path.parameters();
        let extractors =
            arguments.iter().filter(|argument| matches!(argument.source, ArgumentSource::Extractor));
        let extractors = extractors.map(|argument| type_text(&argument.ty));
        let (message, reply) = (option(message.map(type_text)), option(reply.map(type_text)));
        let uri = uri(private, path, visibility);
        quote! {
            /// The path, as it was written.
            #visibility const PATH: &'static str = #text;
            /// The method of the handshake over HTTP/1.1.
            #visibility const METHOD: &'static str = "GET";
            /// The names of the parameters in the path.
            #visibility const PARAMETERS: &'static [&'static str] = &[#(#parameters),*];
            /// The types of the extractors, as they were written.
            #visibility const EXTRACTORS: &'static [&'static str] = &[#(#extractors),*];
            /// The type of the messages that are received, as it was written, if they are typed.
            #visibility const MESSAGE: ::core::option::Option<&'static str> = #message;
            /// The type of what is sent, as it was written, if it is known.
            #visibility const REPLY: ::core::option::Option<&'static str> = #reply;
            #uri
        }
    }
}

/// Formats a type with ordinary spacing: as text, tokens have a space between any two.
fn type_text(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [(" < ", "<"), (" > ", ">"), (" >", ">"), (" :: ", "::"), (" ,", ","), ("& ", "&")]
    {
        text = text.replace(spaced, tight);
    }
    text
}

/// Emits the function that builds the path from its parameters.
fn uri(private: &TokenStream, path: &PathTemplate, visibility: &Visibility) -> TokenStream {
    let uri = ident("__uri");
    let names: Vec<Ident> = path
        .parameters()
        .map(|name| syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, Span::call_site())))
        .collect();
    let mut next = names.iter();
    let steps = path.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => {
            let text = format!("/{text}");
            if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte)) {
                quote!(#uri.push_str(#text);)
            } else {
                quote!(#private::push_literal(&mut #uri, #text);)
            }
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
