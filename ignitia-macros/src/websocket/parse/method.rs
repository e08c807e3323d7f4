//! Method.

use proc_macro2::TokenTree;
use syn::{Attribute, Error, Signature, Type, Visibility};

use super::{
    every_attribute::Every,
    on_attribute::{Handler, handler},
};
use crate::{errors::Errors, spelling::edit_distance, websocket::syntax::hook_names::HOOKS};

/// A function of the block. Its body stays as it is.
pub(in crate::websocket) struct Method {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    pub(in crate::websocket) visibility: Visibility,
    pub(in crate::websocket) signature: Signature,
    /// The block, or the `;` in its place.
    pub(in crate::websocket) body: TokenTree,
    pub(in crate::websocket) handlers: Vec<Handler>,
    pub(in crate::websocket) every: Vec<Every>,
    /// Whether there is an attribute of ours that cannot be read.
    pub(in crate::websocket) is_unclear: bool,
    /// The type of the last argument, if that is the connection under another name.
    pub(in crate::websocket) alias: Option<Type>,
}

impl Method {
    pub(in crate::websocket) fn has_body(&self) -> bool {
        matches!(self.body, TokenTree::Group(_))
    }

    /// Takes what is ours out of the attributes: `#[on(..)]`, `#[every(..)]`.
    pub(in crate::websocket) fn take_attributes(&mut self, errors: &mut Errors) {
        for attribute in std::mem::take(&mut self.attributes) {
            let taken = if attribute.path().is_ident("on") {
                handler(attribute).map(|handler| self.handlers.push(handler))
            } else if attribute.path().is_ident("every") {
                Every::parse(attribute).map(|every| self.every.push(every))
            } else if let Some(hook) = HOOKS.iter().find(|hook| attribute.path().is_ident(hook)) {
                let message = format!(
                    "a hook is known by its name\nhelp: remove the attribute, and call the method `{hook}`"
                );
                Err(Error::new_spanned(attribute, message))
            } else if let Some(meant) = meant(&attribute) {
                let message = format!("there is no such attribute\nhelp: write `#[{meant}(..)]`");
                Err(Error::new_spanned(attribute.path(), message))
            } else {
                self.attributes.push(attribute);
                continue;
            };
            if let Err(error) = taken {
                errors.push(error);
                self.is_unclear = true;
            }
        }
    }

    /// Whether we call it.
    pub(in crate::websocket) fn is_called(&self) -> bool {
        !self.may_be_hook() || self.has_name_of_hook()
    }

    pub(in crate::websocket) fn has_name_of_hook(&self) -> bool {
        HOOKS.iter().any(|hook| self.signature.ident == hook)
    }

    /// Whether it is called for its name, if for anything.
    pub(in crate::websocket) fn may_be_hook(&self) -> bool {
        self.handlers.is_empty() && self.every.is_empty()
    }
}

/// The attribute of ours that is meant by one of another name, if that is certain.
fn meant(attribute: &Attribute) -> Option<&'static str> {
    let name = attribute.path().get_ident()?.to_string();
    let is_near = |ours: &&str| edit_distance(&name.to_lowercase(), ours) <= 1;
    match name.as_str() {
        "message" | "on_message" => Some("on"),
        _ => ["on", "every"].into_iter().find(|ours| is_near(ours)),
    }
}
