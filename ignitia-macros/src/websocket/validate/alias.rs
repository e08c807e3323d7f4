//! The connection under another name: `use WebSocketConnection as Ws`.

use syn::{FnArg, Pat, PatType, PathArguments, Type, ext::IdentExt};

use super::arguments::{BODY, HEAD, PLAIN, is_connection, is_events, is_one_of, is_parameter, is_reply_to};
use crate::websocket::{
    lower::{bound_names, own_name, typed},
    model::HOOKS,
    parse::Method,
};

/// Types that are something else for sure, by their names.
const OTHERS: &[&str] = &["CloseCause", "CloseFrame", "Events", "Message", "Self", "Vec", "str"];

/// What the type of connections is called, where it is called something else.
const TYPES: &[&str] = &["WS", "Ws", "WebSocket", "WsConn", "WsConnection"];

/// The type of the last argument of a session's method, if nothing but the connection can be meant: it is lent, the last one,
/// and no name of the pattern. The types show whether it is.
fn alias(method: &Method) -> Option<Type> {
    let arguments: Vec<&PatType> = typed(method.signature.inputs.iter()).collect();
    let (last, others) = arguments.split_last()?;
    let Type::Reference(reference) = &*last.ty else { return None };
    if reference.mutability.is_some() || !may_be_alias(last, &reference.elem) {
        return None;
    }
    let name = method.signature.ident.to_string();
    let is_meant = if let Some(handler) = method.handlers.first() {
        let bound = bound_names(&handler.pattern);
        let has = |argument: &PatType, name: &syn::Ident| {
            own_name(argument).is_some_and(|own| own.unraw() == name.unraw())
        };
        let are_taken = bound.iter().all(|name| others.iter().any(|other| has(other, name)));
        are_taken && !bound.iter().any(|name| has(last, name))
    } else if !method.every.is_empty() || name == "on_open" {
        others.iter().all(|other| is_events(&other.ty))
    } else {
        HOOKS.contains(&name.as_str()) && name != "accept" && others.len() == 1
    };
    is_meant.then(|| (*last.ty).clone())
}

/// Whether the argument right before the message of an `on_message` function is the connection under another name, and none of
/// the path's `parameters`. An extractor may stand there too, so only usual names are taken for it.
pub(in crate::websocket) fn is_usual_alias(argument: &PatType, parameters: &[&str]) -> bool {
    may_be_alias(argument, &argument.ty)
        && is_one_of(&argument.ty, TYPES)
        && !is_parameter(argument, parameters)
}

fn may_be_alias(argument: &PatType, ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.qself.is_none()
        && path.path.segments.iter().all(|segment| matches!(segment.arguments, PathArguments::None))
        && matches!(&*argument.pat, Pat::Ident(_) | Pat::Wild(_))
        && !is_connection(ty)
        && !is_reply_to(ty)
        && [HEAD, BODY, PLAIN, OTHERS].iter().all(|names| !is_one_of(ty, names))
}

impl Method {
    /// Notes the alias, and goes on as if the connection had its own name.
    pub(in crate::websocket) fn take_alias(&mut self) {
        self.alias = alias(self);
        let last = self.signature.inputs.last_mut().filter(|_| self.alias.is_some());
        if let Some(FnArg::Typed(argument)) = last {
            *argument.ty = syn::parse_quote!(&WebSocketConnection);
        }
    }

    /// The head as it was written.
    pub(in crate::websocket) fn written(&self) -> syn::Signature {
        let mut signature = self.signature.clone();
        if let (Some(alias), Some(FnArg::Typed(argument))) = (&self.alias, signature.inputs.last_mut()) {
            *argument.ty = alias.clone();
        }
        signature
    }
}
