//! Emits the expansion of a message derive.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{GenericParam, Generics, Ident, Lifetime, LifetimeParam, Type};

use super::{
    model::{FieldBody, FieldFunction, FlaggedVariants, Message, RemoteEnum, SERDE, VariantInfo, VariantSet},
    side::Side,
    tagging::Tagging,
    variant_flag::VariantFlag,
};
use crate::hygiene::ident;

/// Emits the implementations for a message.
pub(super) fn message(message: &Message) -> TokenStream {
    let serde = message.replaces_serde_impl.then(|| serde(message));
    let traits = match message.side {
        Side::Client => client(message),
        Side::Server => server(message),
    };
    quote!(#traits #serde)
}

/// Emits an implementation in place of the one that Serde's derive fails to emit.
fn serde(message: &Message) -> TokenStream {
    let Message { private, side, name, generics, .. } = message;
    let (_, type_generics, where_clause) = generics.split_for_impl();
    let mut with_de = generics.clone();
    let de = Lifetime::new("'__de", Span::mixed_site());
    with_de.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(de.clone())));
    let (impl_with_de, ..) = with_de.split_for_impl();
    let (impl_generics, ..) = generics.split_for_impl();
    match side {
        Side::Client => quote! {
            impl #impl_with_de #private::serde::Deserialize<#de> for #name #type_generics #where_clause {
                fn deserialize<__D: #private::serde::Deserializer<#de>>(
                    _: __D
                ) -> ::core::result::Result<Self, __D::Error> {
                    ::core::unreachable!()
                }
            }
        },
        Side::Server => quote! {
            impl #impl_generics #private::serde::Serialize for #name #type_generics #where_clause {
                fn serialize<__S: #private::serde::Serializer>(
                    &self, _: __S
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    ::core::unreachable!()
                }
            }
        },
    }
}

fn client(message: &Message) -> TokenStream {
    let Message { private, name, generics, requires_serde_impl, fields, remote_enum, .. } = message;
    let de = Lifetime::new("'__de", Span::mixed_site());
    let (tagging, allow_deprecated) = (tagging(message), allow_deprecated(message));
    let streaming = remote_enum.as_ref().map(|remote_enum| streaming(message, remote_enum, &de));
    let mut with_de = generics.clone();
    let mut parameter = LifetimeParam::new(de.clone());
    parameter.bounds.extend(remote_enum.iter().flat_map(|remote_enum| remote_enum.borrowed.iter().cloned()));
    with_de.params.insert(0, GenericParam::Lifetime(parameter));
    if *requires_serde_impl {
        let bound = syn::parse_quote!(Self: #private::serde::Deserialize<#de>);
        with_de.make_where_clause().predicates.push(bound);
    }
    let variants = variants(message);
    let (_, type_generics, _) = generics.split_for_impl();
    let (impl_generics, _, where_clause) = with_de.split_for_impl();
    quote! {
        #[automatically_derived]
        #allow_deprecated
        impl #impl_generics #private::ClientMessage<#de> for #name #type_generics #where_clause {
            const TAGGING: #private::Tagging = #tagging;
            const FIELDS: &'static [&'static str] = &[#(#fields),*];
            #streaming
        }

        #variants
    }
}

/// Emits the list of variants, against which `#[websocket]` checks the methods of a session.
fn variants(message: &Message) -> TokenStream {
    let Message { private, name, generics, variants, .. } = message;
    let allow_deprecated = allow_deprecated(message);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let all = variants.iter().map(|VariantInfo { name, tags, fields, method }| {
        quote! {
            #private::Variant { name: #name, tags: &[#(#tags),*], fields: &[#(#fields),*], method: #method }
        }
    });
    quote! {
        #[automatically_derived]
        #allow_deprecated
        impl #impl_generics #private::Variants for #name #type_generics #where_clause {
            const VARIANTS: &'static [#private::Variant] = &[#(#all),*];
        }
    }
}

/// Emits the function that deserializes a variant whose tag is known. Serde derives it for the
/// remote enum, and it constructs the message's enum itself.
fn streaming(message: &Message, remote_enum: &RemoteEnum, de: &Lifetime) -> TokenStream {
    let Message { private, name, .. } = message;
    let RemoteEnum {
        allowed_lints,
        attributes,
        parameters,
        bounds,
        variants,
        field_functions,
        bounded_types,
        ..
    } = remote_enum;
    let (deserializer, variants_name, serde) = (ident("__deserializer"), ident("__Variants"), ident(SERDE));
    let (remote, serde_name) = (name.to_string(), serde.to_string());
    let field_functions = field_functions_of(message, field_functions);
    let read = read(message, bounded_types, &variants_name, &deserializer);
    quote! {
        const STREAMS: bool = true;

        #(#[allow(#allowed_lints)])*
        #[allow(non_camel_case_types, clippy::all, reason = "what was said about the enum is not repeated about its shadow")]
        fn deserialize_variant<__D: #private::serde::Deserializer<#de>>(
            #deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            use #private::serde as #serde;

            #field_functions

            #[derive(#private::serde::Deserialize)]
            #[serde(crate = #serde_name, remote = #remote #(, #attributes)*)]
            enum #variants_name #parameters #bounds {
                #(#variants),*
            }

            #read
        }
    }
}

/// Emits the functions that are named by the remote enum's attributes. They make the same calls as
/// Serde's derive, so rustc reports an unresolved name in the same words.
fn field_functions_of(message: &Message, field_functions: &[FieldFunction]) -> Option<TokenStream> {
    let Message { private, .. } = message;
    let functions = field_functions.iter().map(|FieldFunction { name, ty, body }| match body {
        FieldBody::TypeDefault => quote! {
            fn #name() -> #ty {
                #private::SkippedField::<#ty>::new().field()
            }
        },
        FieldBody::DefaultFunction(make) => quote! {
            fn #name() -> #ty {
                #private::FieldDefault::<_, #ty>::new(|| #make()).field()
            }
        },
        FieldBody::Deserializer(read) => {
            let (de, deserializer) = (Lifetime::new("'__of", Span::mixed_site()), ident("__deserializer"));
            quote! {
                fn #name<#de, __D: #private::serde::Deserializer<#de>>(
                    #deserializer: __D
                ) -> ::core::result::Result<#ty, __D::Error> {
                    #private::FieldReader::<_, __D, #ty>::new(
                        |#deserializer: __D| #read(#deserializer), #deserializer
                    ).field()
                }
            }
        }
    });
    let functions: Vec<TokenStream> = functions.collect();
    (!field_functions.is_empty()).then(|| {
        quote! {
            #[allow(unused_imports, reason = "it is needed where serde has reported an error")]
            use #private::NoField as _;

            #(#functions)*
        }
    })
}

/// Emits the call of the remote enum's `__read`, or of the fallback with that name where the bounds
/// of the former do not hold: method lookup prefers an inherent function whose bounds are met.
fn read(message: &Message, bounded_types: &[Type], remote_enum: &Ident, deserializer: &Ident) -> TokenStream {
    let Message { private, name, .. } = message;
    if bounded_types.is_empty() {
        return quote!(#remote_enum::deserialize(#deserializer));
    }
    let de = Lifetime::new("'__of", Span::mixed_site());
    quote! {
        #[allow(unused_imports, reason = "it is needed where serde has reported an error")]
        use #private::Unread as _;

        impl<#de> #remote_enum where #(#bounded_types: #private::serde::Deserialize<#de>),* {
            fn __read<__D: #private::serde::Deserializer<#de>>(
                #deserializer: __D,
            ) -> ::core::result::Result<#name, __D::Error> {
                Self::deserialize(#deserializer)
            }
        }

        #remote_enum::__read(#deserializer)
    }
}

fn server(message: &Message) -> TokenStream {
    let Message { private, name, generics, requires_serde_impl, fields, carries_id, .. } = message;
    let (tagging, allow_deprecated) = (tagging(message), allow_deprecated(message));
    let flags = message.flags.iter().map(flag);
    let mut bounded: Generics = generics.clone();
    if *requires_serde_impl {
        let bound = syn::parse_quote!(Self: #private::serde::Serialize);
        bounded.make_where_clause().predicates.push(bound);
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let carries_id = carries_id.then(|| {
        quote! {
            #[automatically_derived]
            #allow_deprecated
            impl #impl_generics #private::CarriesId for #name #type_generics #where_clause {}
        }
    });
    let (_, _, where_clause) = bounded.split_for_impl();
    // `NAMES` repeats the list. A reference to the list in the other trait would report a missing
    // `Serialize` once more.
    let (to, answer) = (ident("__to"), ident("__answer"));
    quote! {
        #[automatically_derived]
        #allow_deprecated
        impl #impl_generics #private::ServerMessage for #name #type_generics #where_clause {
            const TAGGING: #private::Tagging = #tagging;
            const FIELDS: &'static [&'static str] = &[#(#fields),*];
            #(#flags)*
        }

        #[automatically_derived]
        #allow_deprecated
        impl #impl_generics #private::Reply for #name #type_generics #where_clause {
            const NAMES: &'static [&'static str] = &[#(#fields),*];

            fn answer(self, #to: #private::ReplyId<'_>, #answer: &mut #private::Answer) {
                #answer.message(&self, #to);
            }
        }

        #carries_id
    }
}

/// Emits the method that tells if a message has the flag.
fn flag(FlaggedVariants { flag, variants }: &FlaggedVariants) -> TokenStream {
    let method = match flag {
        VariantFlag::Transient => quote!(is_transient),
        VariantFlag::Uncompressed => quote!(is_uncompressed),
    };
    let answer = match variants {
        VariantSet::All => quote!(true),
        VariantSet::Named(names) => quote! {
            match self {
                #(Self::#names { .. } => true,)*
                _ => false,
            }
        },
    };
    quote! {
        fn #method(&self) -> bool {
            #answer
        }
    }
}

fn tagging(message: &Message) -> TokenStream {
    let Message { private, tagging, .. } = message;
    match tagging {
        Tagging::Internal { tag } => quote!(#private::Tagging::Internal { tag: #tag }),
        Tagging::Adjacent { tag, content } => {
            quote!(#private::Tagging::Adjacent { tag: #tag, content: #content })
        }
        Tagging::External => quote!(#private::Tagging::External),
    }
}

fn allow_deprecated(message: &Message) -> Option<TokenStream> {
    message.is_deprecated.then(|| quote!(#[allow(deprecated)]))
}
