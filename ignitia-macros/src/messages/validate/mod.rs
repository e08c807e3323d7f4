//! Everything that can be wrong with a message, but for what serde's derives say themselves.

mod lent_text;
mod value;
mod wire_names;

use quote::ToTokens;
use syn::{Attribute, Fields, Meta, Result};

use super::{
    lower,
    model::{Side, Tagging},
    parse::{Attributes, Body, Field, Input, Said, Variant, is_one_of},
};
use crate::{
    diagnostics::{Errors, instead_of},
    written::written,
};

/// What may stand in `#[message(..)]` in front of the enum, and of a variant.
const OPTIONS: &[&str] = &["crate"];
const OF_VARIANT: &[&str] = &["transient"];

/// The tag of messages of our own, and those of them that go both ways: they are seen to before yours are decoded.
const TAG_OF_OURS: &str = "type";
const NAMES_OF_OURS: &[&str] = &["$ping", "$pong"];

pub(super) fn input(input: &Input, side: Side, errors: &mut Errors) {
    of_enum(&input.attributes, errors);
    let variants = match &input.body {
        Body::Enum(variants) => variants,
        Body::Other { keyword } => {
            let help = format!("help: write `enum {} {{ Say {{ text: String }}, Leave }}`", input.name);
            errors.at(
                *keyword,
                format!("messages are an enum, with a variant for each kind of message\n{help}"),
            );
            return;
        }
    };
    if variants.is_empty() {
        let help = "help: write a variant for each kind of message, such as `Say { text: String }`";
        errors.at(input.name.span(), format!("an enum without variants has no messages\n{help}"));
    }
    let tagging = lower::tagging(&input.attributes);
    // Then another type is on the wire.
    let is_replaced = input.attributes.has_one_of(side.replaced_by());
    for variant in variants {
        of_variant(variant, side, errors);
        for field in &variant.fields {
            no_options(&field.attributes, errors);
        }
        if let Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } = &tagging
            && tag == TAG_OF_OURS
        {
            no_name_of_ours(variant, side, errors);
        }
        match (&tagging, value_beside_tag(variant, side)) {
            (Tagging::Internal { tag }, Some(field)) => no_place_for_tag(variant, field, tag, errors),
            _ if is_replaced => {}
            _ => lent_text::fields(variant, side, errors),
        }
    }
    if !is_replaced {
        wire_names::distinct(input, variants, side, errors);
    }
}

fn of_enum(attributes: &Attributes, errors: &mut Errors) {
    let mut is_given = false;
    // With a tag it is a contradiction, which serde reports.
    let is_tagged = attributes.has_one_of(&["tag", "content"]);
    for said in &attributes.said {
        match said {
            Said::Serde(meta) if is_one_of(meta, &["untagged"]) && !is_tagged => {
                let help = "help: write `#[serde(tag = \"type\")]`";
                errors.on(meta, format!("messages without a tag cannot be told apart\n{help}"));
            }
            Said::Serde(_) | Said::Unreadable => {}
            Said::Message(attribute, options) => of_message(attribute, options, &mut is_given, errors),
        }
    }
}

/// `#[message(..)]` in front of the enum.
fn of_message(attribute: &Attribute, options: &Result<Vec<Meta>>, is_given: &mut bool, errors: &mut Errors) {
    const HELP: &str = "help: write `#[message(crate = ::my_ignitia)]`";
    for option in read(attribute, options, HELP, errors) {
        if is_one_of(option, OF_VARIANT) {
            let help =
                "help: write `#[message(transient)]` in front of each variant that rooms are not to remember";
            errors.on(option.path(), format!("`transient` belongs to a variant\n{help}"));
        } else if !is_one_of(option, OPTIONS) {
            unknown(option, OPTIONS, errors);
        } else if lower::crate_path(option).is_none() {
            errors.on(option, format!("`crate` is the path of the runtime crate\n{HELP}"));
        } else if std::mem::replace(is_given, true) {
            let message = "the option `crate` is given twice\nhelp: remove one of the two";
            errors.on(option.path(), message);
        }
    }
}

fn of_variant(variant: &Variant, side: Side, errors: &mut Errors) {
    for meta in variant.attributes.serde().filter(|meta| is_one_of(meta, &["untagged"])) {
        let help = "help: remove `untagged`, and let `#[serde(tag = \"type\")]` on the enum tell them apart";
        errors.on(
            meta,
            format!("`{}` cannot be told apart from the other messages\n{help}", variant.syntax.ident),
        );
    }
    let mut is_given = false;
    for said in &variant.attributes.said {
        if let Said::Message(attribute, options) = said {
            of_message_of_variant(attribute, options, side, &mut is_given, errors);
        }
    }
}

/// `#[message(..)]` in front of a variant.
fn of_message_of_variant(
    attribute: &Attribute,
    options: &Result<Vec<Meta>>,
    side: Side,
    is_given: &mut bool,
    errors: &mut Errors,
) {
    const HELP: &str = "help: write `#[message(transient)]`";
    for option in read(attribute, options, HELP, errors) {
        if is_one_of(option, OPTIONS) {
            let help = "help: write it in front of the enum";
            errors.on(option.path(), format!("`crate` belongs to the enum\n{help}"));
        } else if !is_one_of(option, OF_VARIANT) {
            unknown(option, OF_VARIANT, errors);
        } else if !matches!(option, Meta::Path(_)) {
            errors.on(option, format!("`transient` takes no value\n{HELP}"));
        } else if side == Side::Client {
            let help =
                "help: write it in the enum with `#[derive(ServerMessage)]`, or call `broadcast_transient`";
            errors.on(option, format!("clients' messages are in no history\n{help}"));
        } else if std::mem::replace(is_given, true) {
            let message = "the option `transient` is given twice\nhelp: remove one of the two";
            errors.on(option, message);
        }
    }
}

/// The options, if they can be read.
fn read<'a>(
    attribute: &Attribute,
    options: &'a Result<Vec<Meta>>,
    help: &str,
    errors: &mut Errors,
) -> &'a [Meta] {
    match options {
        Ok(options) => return options,
        Err(_) if !matches!(attribute.meta, Meta::List(_)) => {
            errors.on(attribute, format!("`#[message(..)]` holds options\n{help}"));
        }
        Err(error) => errors.at(error.span(), format!("{error}\n{help}")),
    }
    &[]
}

fn unknown(option: &Meta, known: &[&str], errors: &mut Errors) {
    let name = option.path().to_token_stream().to_string();
    let help = instead_of(&name, known);
    errors.on(option.path(), format!("unknown option `{name}`\nhelp: {help}"));
}

/// A field has none.
fn no_options(attributes: &Attributes, errors: &mut Errors) {
    for said in &attributes.said {
        if let Said::Message(attribute, _) = said {
            let help = "help: write it in front of the enum or a variant; how a field looks on the wire is `#[serde(..)]`'s affair";
            errors.on(attribute, format!("`#[message(..)]` belongs to the enum or a variant\n{help}"));
        }
    }
}

/// What would never arrive, or would be taken for something else.
fn no_name_of_ours(variant: &Variant, side: Side, errors: &mut Errors) {
    let names = variant.attributes.texts("rename", side.direction());
    let aliases = if side == Side::Client { variant.attributes.texts("alias", "") } else { Vec::new() };
    if let Some(name) = names.iter().chain(&aliases).find(|name| NAMES_OF_OURS.contains(&name.as_str())) {
        let help = "help: give it another name; typed endpoints answer a client's `$ping` by themselves";
        errors.on(&variant.syntax.ident, format!("`{name}` is a message of Ignitia's own\n{help}"));
    }
}

/// What a variant has that is no object, if that is all that it has.
fn value_beside_tag(variant: &Variant, side: Side) -> Option<&Field> {
    let (Fields::Unnamed(_), [field]) = (&variant.syntax.fields, &variant.fields[..]) else { return None };
    let changes: Vec<&str> = side.skips().into_iter().chain(side.customs()).collect();
    let is_changed = variant.attributes.has_one_of(&changes) || field.attributes.has_one_of(&changes);
    (!is_changed && value::is_no_object(&field.ty, side)).then_some(field)
}

/// serde finds out when it runs.
fn no_place_for_tag(variant: &Variant, field: &Field, tag: &str, errors: &mut Errors) {
    let (name, ty) = (&variant.syntax.ident, written(&field.ty));
    let message = format!(
        "the tag `{tag}` cannot be put into `{ty}`, which is no object\n\
         help: write `{name} {{ {}: {} }}`, or give the enum `#[serde(tag = \"{tag}\", content = \"data\")]`",
        if ty.ends_with("String") || ty.ends_with("str") { "text" } else { "value" },
        written(lent_text::owning(&field.ty).1),
    );
    errors.on(&field.ty, message);
}
