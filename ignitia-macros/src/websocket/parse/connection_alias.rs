//! Recognizes the connection under another name: `use WebSocketConnection as Ws`.

use syn::{FnArg, PatType, Type, ext::IdentExt};

use super::method::Method;
use crate::websocket::syntax::{
    arguments::{argument_name, typed_arguments},
    connection::may_be_alias,
    hook_names::HOOK_NAMES,
    patterns::bound_names,
    types::is_events,
};

/// Returns the type of a method's last argument if it can only be the connection: a shared
/// reference in the last place, whose name the pattern does not bind. If it is another type, rustc
/// reports a mismatch.
fn find_alias(method: &Method) -> Option<Type> {
    let arguments: Vec<&PatType> = typed_arguments(method.signature.inputs.iter()).collect();
    let (last, others) = arguments.split_last()?;
    let Type::Reference(reference) = &*last.ty else { return None };
    if reference.mutability.is_some() || !may_be_alias(last, &reference.elem) {
        return None;
    }
    let name = method.signature.ident.to_string();
    let is_meant = if let Some(handler) = method.on_attributes.first() {
        let bound = bound_names(&handler.pattern);
        let has = |argument: &PatType, name: &syn::Ident| {
            argument_name(argument).is_some_and(|own| own.unraw() == name.unraw())
        };
        let are_taken = bound.iter().all(|name| others.iter().any(|other| has(other, name)));
        are_taken && !bound.iter().any(|name| has(last, name))
    } else if !method.every_attributes.is_empty() || name == "on_open" {
        others.iter().all(|other| is_events(&other.ty))
    } else {
        HOOK_NAMES.contains(&name.as_str()) && name != "accept" && others.len() == 1
    };
    is_meant.then(|| (*last.ty).clone())
}

impl Method {
    /// Records the alias, and replaces the type by the connection's own name.
    pub(in crate::websocket) fn take_alias(&mut self) {
        self.connection_alias = find_alias(self);
        let last = self.signature.inputs.last_mut().filter(|_| self.connection_alias.is_some());
        if let Some(FnArg::Typed(argument)) = last {
            *argument.ty = syn::parse_quote!(&WebSocketConnection);
        }
    }

    /// Returns the signature as it was written.
    pub(in crate::websocket) fn original_signature(&self) -> syn::Signature {
        let mut signature = self.signature.clone();
        if let (Some(alias), Some(FnArg::Typed(argument))) =
            (&self.connection_alias, signature.inputs.last_mut())
        {
            *argument.ty = alias.clone();
        }
        signature
    }
}
