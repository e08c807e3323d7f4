use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{GenericParam, Ident, Path, Type, spanned::Spanned};

use super::{
    message::{self, Names},
    reflection::Reflection,
    request,
};
use crate::{
    hygiene::{ident, ident_at, last_span, located_at, named_at},
    websocket::model::{Endpoint, IdChecks, Last, OnMessage, Shape},
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
    let types = of_arguments.chain(endpoint.shape.last_mut()).chain(of_checks.flatten());
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
        .chain(endpoint.shape.last().into_iter().map(|last| (&last.name, &last.ty)))
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
    let parameters = request::parameters(private, arguments, &request);
    let (extracted, types) = request::extracted(arguments);
    let tuple = quote!((#(#types,)*));
    let session = match &endpoint.shape {
        Shape::Connection(connection) => connection_session(endpoint, connection),
        Shape::OnMessage(shape) => message_session(endpoint, shape),
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

/// One call, with the connection; what it returns says how the session ended.
fn connection_session(endpoint: &Endpoint, connection: &Last) -> TokenStream {
    let Endpoint { private, name, generics, arguments, output, .. } = endpoint;
    let (_, type_generics, _) = generics.split_for_impl();
    let turbofish = type_generics.as_turbofish();
    let ws = ident("__ws");
    let values = arguments.iter().map(|argument| &argument.value);
    let connection = &connection.ty;
    let there = located_at(private, connection.span());
    let given = ident_at("__ws", connection.span());
    // As long as the type: what rustc says twice of one place is one error.
    let (first, last) = (connection.span(), last_span(connection));
    let from_connection = quote_spanned!(last=> from_connection(#given));
    let wrapped = quote_spanned!(first=> <#connection as #there::Connection>::#from_connection);
    // Variables at the output's place: rustc points at the argument of the call.
    let (ended, outcomes) = (ident_at("__ended", output.span()), ident_at("__outcomes", output.span()));
    let response = quote_spanned!(ended.span()=> #outcomes.response(#ended));
    quote! {
        move |#ws| async move {
            let (#ws, #outcomes) = #wrapped;
            let #ended = #name #turbofish (#(#values,)* #ws).await;
            #response
        }
    }
}

/// One call for every message, each with the extracted values; what it returns is the reply.
fn message_session(endpoint: &Endpoint, shape: &OnMessage) -> TokenStream {
    let OnMessage { reply_to, connection, message, policy, .. } = shape;
    let Endpoint { private, name, generics, arguments, output, .. } = endpoint;
    let (_, type_generics, _) = generics.split_for_impl();
    let turbofish = type_generics.as_turbofish();
    let Names { ws, message: received, .. } = Names::new();
    let values: Vec<_> = arguments.iter().map(|argument| &argument.value).collect();
    let again = arguments.iter().map(|argument| {
        let there = located_at(private, argument.ty.span());
        let ty = &argument.ty;
        quote_spanned!(ty.span()=> #there::again::<#ty>)
    });
    let handle = connection.as_ref().map(|connection| {
        let ty = &connection.ty;
        quote_spanned!(ty.span()=> <#ty as #private::Connection>::from_connection(::core::clone::Clone::clone(#ws)).0,)
    });
    let asked = ident("__asked");
    let later = reply_to.as_ref().map(|reply_to| {
        let (ty, id) = (&reply_to.ty, &policy.id);
        quote_spanned!(ty.span()=> <#ty>::new(#id, #asked.map(|asked| asked.1)),)
    });
    let message = &message.ty;
    let there = located_at(private, message.span());
    let decode = quote_spanned!(message.span()=> <#message as #there::OwnedMessage>::decode);
    let call = quote!(#name #turbofish (#(#values,)* #later #handle #received));
    let ended = ident_at("__ended", output.span());
    let answer = message::answer(private, None, &ended, &quote!(#asked), policy.id.is_some(), output.span());
    let policy = message::policy(private, policy);
    let other = other_input(private, shape);
    quote! {
        move |#ws| #private::each_message(#ws, #policy, #decode, move |#ws: &#private::WebSocketConnection, #received: #message, #asked: #private::Asked<'_>| {
            let _ = (#ws, #asked);
            #(let #values = #again(&#values);)*
            #call
        }, |#ended, #asked| #answer, #other)
    }
}

/// What becomes of input that is none of the messages.
fn other_input(private: &TokenStream, shape: &OnMessage) -> TokenStream {
    let OnMessage { on_raw, on_binary, .. } = shape;
    if on_raw.is_none() && on_binary.is_none() {
        return quote!(#private::NoOtherInput);
    }
    let (ws, given, other) = (ident("__ws"), ident("__given"), ident("__Other"));
    // All of a call stands where the function is named: rustc shows there what does not fit.
    let call = |function: &Path, given: &TokenStream| {
        let there = located_at(private, function.span());
        let ws = ident_at("__ws", function.span());
        let call = quote_spanned!(function.span()=> #function(#given, #there::Taken::taken(#ws)));
        // Not in the user's text: rustc would propose to remove it there.
        let awaited = quote_spanned!(Span::mixed_site().located_at(function.span())=> .await);
        quote!(#call #awaited)
    };
    let raw = on_raw.as_ref().map(|function| {
        let ended = ident_at("__ended", function.span());
        let there = located_at(private, function.span());
        let lent = ident_at("__given", function.span());
        let call = call(function, &quote_spanned!(function.span()=> #there::Taken::taken(#lent)));
        let answer = message::raw_answer(private, None, &ended, function.span());
        quote! {
            async fn raw(#given: &::core::primitive::str, #ws: &#private::WebSocketConnection) -> ::core::option::Option<#private::Answer> {
                let #ended = #call;
                #answer
            }
        }
    });
    let binary = on_binary.as_ref().map(|function| {
        let none = quote!(::core::option::Option::None);
        let there = located_at(private, function.span());
        let lent = ident_at("__given", function.span());
        let call = call(function, &quote_spanned!(function.span()=> #there::FromBinary::from_binary(#lent)));
        let ended = ident_at("__ended", function.span());
        let answer = message::answer(private, None, &ended, &none, false, function.span());
        quote! {
            async fn binary(#given: #private::Binary, #ws: &#private::WebSocketConnection) -> #private::Answer {
                let #ended = #call;
                #answer
            }
        }
    });
    quote!({ struct #other; impl #private::OtherInput for #other { #raw #binary } #other })
}

/// Checked once, when the program is compiled.
fn checks(endpoint: &Endpoint) -> Option<TokenStream> {
    let Endpoint { private, id_checks, .. } = endpoint;
    let IdChecks { id, message, reply } = id_checks.as_ref()?;
    let fits = message::id_fits(private, id, message);
    let is_free = reply.as_ref().map(|reply| message::id_is_free(private, id, reply));
    Some(quote!(const _: () = { #fits; #is_free };))
}

impl Shape {
    /// The types of what stands there.
    fn last_mut(&mut self) -> Vec<&mut Type> {
        match self {
            Shape::Connection(connection) => vec![&mut connection.ty],
            Shape::OnMessage(OnMessage { reply_to, connection, .. }) => {
                let all = reply_to.iter_mut().chain(connection);
                all.map(|last| &mut last.ty).collect()
            }
        }
    }

    /// What stands behind the arguments from the request, in order.
    fn last(&self) -> Vec<&Last> {
        match self {
            Shape::Connection(connection) => vec![connection],
            Shape::OnMessage(shape) => {
                shape.reply_to.iter().chain(&shape.connection).chain([&shape.message]).collect()
            }
        }
    }
}
