//! Inspects the attributes of an item.

use syn::Attribute;

pub(in crate::websocket) fn is_named_attribute(attribute: &Attribute, names: &[&str]) -> bool {
    names.iter().any(|name| attribute.path().is_ident(name))
}

pub(in crate::websocket) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

/// Returns the `#[cfg(..)]`s.
pub(in crate::websocket) fn cfg_attributes(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| is_cfg(attribute)).cloned().collect()
}

/// Returns the documentation.
pub(in crate::websocket) fn doc_attributes(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect()
}
