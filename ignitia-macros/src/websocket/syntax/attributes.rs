//! Attributes.

use syn::Attribute;

pub(in crate::websocket) fn is_one_of(attribute: &Attribute, names: &[&str]) -> bool {
    names.iter().any(|name| attribute.path().is_ident(name))
}

pub(in crate::websocket) fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

pub(in crate::websocket) fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| is_condition(attribute)).cloned().collect()
}
