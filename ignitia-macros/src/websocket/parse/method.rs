//! Parses the attributes of a session's methods.

use proc_macro2::TokenTree;
use syn::{Attribute, Error, Signature, Type, Visibility};

use super::{
    every_attribute::EveryAttribute,
    on_attribute::{OnAttribute, on_attribute},
};
use crate::{errors::Errors, spelling::edit_distance, websocket::syntax::hook_names::HOOK_NAMES};

/// A method of the block. Its body stays raw tokens.
pub(in crate::websocket) struct Method {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    pub(in crate::websocket) visibility: Visibility,
    pub(in crate::websocket) signature: Signature,
    /// The block, or the `;` in its place.
    pub(in crate::websocket) body: TokenTree,
    pub(in crate::websocket) on_attributes: Vec<OnAttribute>,
    pub(in crate::websocket) every_attributes: Vec<EveryAttribute>,
    /// True if an attribute of this crate cannot be parsed.
    pub(in crate::websocket) has_invalid_attribute: bool,
    /// Type of the last argument, if it is the connection under another name.
    pub(in crate::websocket) connection_alias: Option<Type>,
}

impl Method {
    pub(in crate::websocket) fn has_body(&self) -> bool {
        matches!(self.body, TokenTree::Group(_))
    }

    /// Takes `#[on(..)]` and `#[every(..)]` out of the attributes.
    pub(in crate::websocket) fn take_attributes(&mut self, errors: &mut Errors) {
        for attribute in std::mem::take(&mut self.attributes) {
            let taken = if attribute.path().is_ident("on") {
                on_attribute(attribute).map(|on| self.on_attributes.push(on))
            } else if attribute.path().is_ident("every") {
                EveryAttribute::parse(attribute).map(|every| self.every_attributes.push(every))
            } else if let Some(hook) = HOOK_NAMES.iter().find(|hook| attribute.path().is_ident(hook)) {
                let message = format!(
                    "a hook needs no attribute\nhelp: remove the attribute, and name the method `{hook}`"
                );
                Err(Error::new_spanned(attribute, message))
            } else if let Some(meant) = intended_attribute(&attribute) {
                let message = format!("there is no such attribute\nhelp: write `#[{meant}(..)]`");
                Err(Error::new_spanned(attribute.path(), message))
            } else {
                self.attributes.push(attribute);
                continue;
            };
            if let Err(error) = taken {
                errors.push(error);
                self.has_invalid_attribute = true;
            }
        }
    }

    /// Returns true if the expansion calls the method.
    pub(in crate::websocket) fn is_called(&self) -> bool {
        !self.may_be_hook() || self.has_hook_name()
    }

    pub(in crate::websocket) fn has_hook_name(&self) -> bool {
        HOOK_NAMES.iter().any(|hook| self.signature.ident == hook)
    }

    /// Returns true if the method is called for its name, or not at all.
    pub(in crate::websocket) fn may_be_hook(&self) -> bool {
        self.on_attributes.is_empty() && self.every_attributes.is_empty()
    }
}

/// Returns the attribute of this crate that a misspelt one certainly means.
fn intended_attribute(attribute: &Attribute) -> Option<&'static str> {
    let name = attribute.path().get_ident()?.to_string();
    let is_near = |known: &&str| edit_distance(&name.to_lowercase(), known) <= 1;
    match name.as_str() {
        "message" | "on_message" => Some("on"),
        _ => ["on", "every"].into_iter().find(|known| is_near(known)),
    }
}
