//! Reports the errors of a message, except for those that Serde's derives report.

mod borrowed_text;
mod duplicate_names;
mod json_object;
mod options;

use syn::Fields;

use super::{
    parse::{Body, Field, Input, Variant},
    side::Side,
    tagging::{self, Tagging},
};
use crate::{errors::Errors, source_text::source_text};

/// Tag and names of the built-in messages that travel in both directions. They are handled before
/// the user's messages are decoded.
const RESERVED_TAG: &str = "type";
const RESERVED_NAMES: &[&str] = &["$ping", "$pong"];

/// Reports all errors of the item.
pub(super) fn message(input: &Input, side: Side, errors: &mut Errors) {
    options::check_enum(&input.attributes, errors);
    let variants = match &input.body {
        Body::Enum(variants) => variants,
        Body::Other { keyword } => {
            let help = format!("help: write `enum {} {{ Say {{ text: String }}, Leave }}`", input.name);
            errors.at(
                *keyword,
                format!("messages must be an enum, with a variant for each kind of message\n{help}"),
            );
            return;
        }
    };
    if variants.is_empty() {
        let help = "help: write a variant for each kind of message, such as `Say { text: String }`";
        errors.at(input.name.span(), format!("an enum without variants has no messages\n{help}"));
    }
    let tagging = tagging::tagging(&input.attributes);
    // Another type is on the wire then.
    let is_replaced = input.attributes.has_one_of(side.replacement_attributes());
    for variant in variants {
        options::check_variant(variant, side, errors);
        for field in &variant.fields {
            options::check_field(&field.attributes, errors);
        }
        if let Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } = &tagging
            && tag == RESERVED_TAG
        {
            check_reserved_name(variant, side, errors);
        }
        match (&tagging, untaggable_field(variant, side)) {
            (Tagging::Internal { tag }, Some(field)) => report_untaggable(variant, field, tag, errors),
            _ if is_replaced => {}
            _ => borrowed_text::check(variant, side, errors),
        }
    }
    if !is_replaced {
        duplicate_names::check(input, variants, side, errors);
    }
}

/// Reports a variant whose name belongs to a built-in message: it would never arrive, or be taken
/// for the other.
fn check_reserved_name(variant: &Variant, side: Side, errors: &mut Errors) {
    let names = variant.attributes.texts("rename", side.serde_direction());
    let aliases = if side == Side::Client { variant.attributes.texts("alias", "") } else { Vec::new() };
    if let Some(name) = names.iter().chain(&aliases).find(|name| RESERVED_NAMES.contains(&name.as_str())) {
        let help = "help: give it another name; typed endpoints answer a client's `$ping` automatically";
        errors.on(&variant.syntax.ident, format!("`{name}` is reserved for a built-in message\n{help}"));
    }
}

/// Returns the only field of a variant if it is not a JSON object.
fn untaggable_field(variant: &Variant, side: Side) -> Option<&Field> {
    let (Fields::Unnamed(_), [field]) = (&variant.syntax.fields, &variant.fields[..]) else { return None };
    let changes: Vec<&str> = side.skip_attributes().into_iter().chain(side.custom_attributes()).collect();
    let is_changed = variant.attributes.has_one_of(&changes) || field.attributes.has_one_of(&changes);
    (!is_changed && json_object::is_not_object(&field.ty, side)).then_some(field)
}

/// Reports a field that leaves no place for the tag. Serde itself fails at run time only.
fn report_untaggable(variant: &Variant, field: &Field, tag: &str, errors: &mut Errors) {
    let (name, ty) = (&variant.syntax.ident, source_text(&field.ty));
    let message = format!(
        "the tag `{tag}` cannot be added to `{ty}`, which is not a JSON object\n\
         help: write `{name} {{ {}: {} }}`, or give the enum `#[serde(tag = \"{tag}\", content = \"data\")]`",
        if ty.ends_with("String") || ty.ends_with("str") { "text" } else { "value" },
        source_text(borrowed_text::owned_type(&field.ty).1),
    );
    errors.on(&field.ty, message);
}
