//! Reports the errors in `#[message(..)]`.

use quote::ToTokens;
use syn::{Attribute, Meta, Result};

use crate::{
    errors::Errors,
    messages::{
        crate_option::crate_path,
        parse::{AttributeEntry, Attributes, Variant, is_one_of},
        side::Side,
        variant_flag::VariantFlag,
    },
    spelling::help_for_unknown,
};

/// Options of `#[message(..)]` on the enum.
const ENUM_OPTIONS: &[&str] = &["crate"];

pub(super) fn check_enum(attributes: &Attributes, errors: &mut Errors) {
    let mut is_given = false;
    // Together with a tag, `untagged` is a contradiction that Serde's derive reports.
    let is_tagged = attributes.has_one_of(&["tag", "content"]);
    for entry in &attributes.entries {
        match entry {
            AttributeEntry::Serde(meta) if is_one_of(meta, &["untagged"]) && !is_tagged => {
                let help = "help: write `#[serde(tag = \"type\")]`";
                errors.on(meta, format!("messages without a tag cannot be told apart\n{help}"));
            }
            AttributeEntry::Serde(_) | AttributeEntry::Unreadable => {}
            AttributeEntry::Message(attribute, options) => {
                check_enum_message(attribute, options, &mut is_given, errors)
            }
        }
    }
}

/// Checks a `#[message(..)]` on the enum.
fn check_enum_message(
    attribute: &Attribute,
    options: &Result<Vec<Meta>>,
    is_given: &mut bool,
    errors: &mut Errors,
) {
    const HELP: &str = "help: write `#[message(crate = ::my_ignitia)]`";
    for option in parsed_options(attribute, options, HELP, errors) {
        if let Some(flag) = VariantFlag::of(option) {
            report_flag_on_enum(option, flag, errors);
        } else if !is_one_of(option, ENUM_OPTIONS) {
            unknown_option(option, ENUM_OPTIONS, errors);
        } else if crate_path(option).is_none() {
            errors.on(option, format!("`crate` is the path of the runtime crate\n{HELP}"));
        } else if std::mem::replace(is_given, true) {
            report_twice(option.path(), "crate", errors);
        }
    }
}

fn report_flag_on_enum(option: &Meta, flag: VariantFlag, errors: &mut Errors) {
    let name = flag.name();
    let effect = match flag {
        VariantFlag::Transient => "leave out of the history of rooms",
        VariantFlag::Uncompressed => "send as it is, without compression",
    };
    let help = format!("help: write `#[message({name})]` on each variant to {effect}");
    errors.on(option.path(), format!("`{name}` belongs on a variant\n{help}"));
}

pub(super) fn check_variant(variant: &Variant, side: Side, errors: &mut Errors) {
    for meta in variant.attributes.serde().filter(|meta| is_one_of(meta, &["untagged"])) {
        let help = "help: remove `untagged`, and let `#[serde(tag = \"type\")]` on the enum tell them apart";
        errors.on(
            meta,
            format!("`{}` cannot be told apart from the other messages\n{help}", variant.syntax.ident),
        );
    }
    let mut given = Vec::new();
    for entry in &variant.attributes.entries {
        if let AttributeEntry::Message(attribute, options) = entry {
            check_variant_message(attribute, options, side, &mut given, errors);
        }
    }
}

/// Checks a `#[message(..)]` on a variant.
fn check_variant_message(
    attribute: &Attribute,
    options: &Result<Vec<Meta>>,
    side: Side,
    given: &mut Vec<VariantFlag>,
    errors: &mut Errors,
) {
    const HELP: &str = "help: write `#[message(transient)]`, `#[message(uncompressed)]` or `#[message(transient, uncompressed)]`";
    for option in parsed_options(attribute, options, HELP, errors) {
        if let Some(flag) = VariantFlag::of(option) {
            check_flag(option, flag, side, given, errors);
        } else if is_one_of(option, ENUM_OPTIONS) {
            let help = "help: write it in front of the enum";
            errors.on(option.path(), format!("`crate` belongs on the enum\n{help}"));
        } else {
            unknown_option(option, &VariantFlag::ALL.map(VariantFlag::name), errors);
        }
    }
}

/// Checks a flag on a variant.
fn check_flag(
    option: &Meta,
    flag: VariantFlag,
    side: Side,
    given: &mut Vec<VariantFlag>,
    errors: &mut Errors,
) {
    let name = flag.name();
    if !matches!(option, Meta::Path(_)) {
        errors.on(option, format!("`{name}` takes no value\nhelp: write `#[message({name})]`"));
    } else if side == Side::Client {
        let rest = match flag {
            VariantFlag::Transient => ", or call `broadcast_transient`",
            VariantFlag::Uncompressed => "; each client decides what it compresses",
        };
        let help = format!("help: write it in the enum with `#[derive(ServerMessage)]`{rest}");
        errors.on(option, format!("`{name}` has no effect on client messages\n{help}"));
    } else if given.contains(&flag) {
        report_twice(option, name, errors);
    } else {
        given.push(flag);
    }
}

fn report_twice(place: impl ToTokens, name: &str, errors: &mut Errors) {
    errors.on(place, format!("the option `{name}` is given twice\nhelp: remove one of the two"));
}

/// Returns the options, or reports that they cannot be parsed.
fn parsed_options<'a>(
    attribute: &Attribute,
    options: &'a Result<Vec<Meta>>,
    help: &str,
    errors: &mut Errors,
) -> &'a [Meta] {
    match options {
        Ok(options) => return options,
        Err(_) if !matches!(attribute.meta, Meta::List(_)) => {
            errors.on(attribute, format!("`#[message]` needs options\n{help}"));
        }
        Err(error) => errors.at(error.span(), format!("{error}\n{help}")),
    }
    &[]
}

fn unknown_option(option: &Meta, known: &[&str], errors: &mut Errors) {
    let name = option.path().to_token_stream().to_string();
    let help = help_for_unknown(&name, known);
    errors.on(option.path(), format!("unknown option `{name}`\nhelp: {help}"));
}

/// Reports a `#[message(..)]` on a field, where none is allowed.
pub(super) fn check_field(attributes: &Attributes, errors: &mut Errors) {
    for entry in &attributes.entries {
        if let AttributeEntry::Message(attribute, _) = entry {
            let help = "help: write it in front of the enum or a variant; how a field looks on the wire is controlled by `#[serde(..)]`";
            errors.on(attribute, format!("`#[message(..)]` belongs on the enum or a variant\n{help}"));
        }
    }
}
