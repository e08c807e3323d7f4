//! Emits the extraction of arguments from a request.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use crate::{
    hygiene::{ident, located_at},
    websocket::model::{ArgumentSource, RequestArgument},
};

/// Emits the statements that take the parameters of the path out of `request`: first all at once,
/// then each by its name.
pub(super) fn parameters(
    private: &TokenStream,
    arguments: &[RequestArgument],
    request: &Ident,
) -> Vec<TokenStream> {
    let all = ident("__parameters");
    let parameter = |argument: &RequestArgument| match &argument.source {
        ArgumentSource::Parameter(name) => {
            let RequestArgument { value, ty, .. } = argument;
            // The call is also the assertion: one error, at the type.
            let there = located_at(private, ty.span());
            let parse = quote_spanned!(ty.span()=> <#ty as #there::PathParam>::from_param);
            Some(quote!(let #value = #all.get(#name, #parse)?;))
        }
        ArgumentSource::Extractor | ArgumentSource::Events => None,
    };
    let each: Vec<_> = arguments.iter().filter_map(parameter).collect();
    let first = (!each.is_empty()).then(|| quote!(let #all = #private::path_params(&mut #request).await?;));
    first.into_iter().chain(each).collect()
}

/// Returns the variables and the types of the extractors.
pub(super) fn extracted(arguments: &[RequestArgument]) -> (Vec<&Ident>, Vec<&Type>) {
    let extractors = arguments.iter().filter(|argument| matches!(argument.source, ArgumentSource::Extractor));
    extractors.map(|argument| (&argument.value, &argument.ty)).unzip()
}
