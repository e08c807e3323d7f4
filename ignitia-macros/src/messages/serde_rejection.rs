//! Predicts whether Serde's derive rejects the enum.
//!
//! Serde's derive then reports an error and emits no implementation, and a further error would not
//! help. Attributes that Serde may accept, such as those of a later version, are left to Serde.

use syn::{Expr, ExprLit, ExprPath, Fields, Lit, LitStr, Meta, MetaNameValue, Type};

use super::{
    parse::{AttributeEntry, Attributes, Body, Field, Input, Variant, is_one_of, list},
    side::Side,
    tagging::{Tagging, tagging},
    wire_names::{apply_rule, field_names},
};
use crate::{spelling::did_you_mean, ungroup::ungroup_expr};

/// Attributes without a value.
const FLAGS: &[&str] = &[
    "deny_unknown_fields",
    "field_identifier",
    "flatten",
    "other",
    "skip",
    "skip_deserializing",
    "skip_serializing",
    "transparent",
    "untagged",
    "variant_identifier",
];
/// Attributes with a string.
const WITH_TEXT: &[&str] =
    &["alias", "content", "crate", "expecting", "from", "into", "remote", "tag", "try_from"];
/// Attributes with a string that is the path of a function or a module.
const WITH_PATH: &[&str] = &["deserialize_with", "getter", "serialize_with", "skip_serializing_if", "with"];
/// Attributes with a string, or with one string for each direction.
const WITH_DIRECTIONS: &[&str] = &["bound", "rename", "rename_all", "rename_all_fields"];
/// Attributes without a value, or with a string.
const FLAG_OR_TEXT: &[&str] = &["borrow", "default"];

const ENUM_ATTRIBUTES: &[&str] = &[
    "bound",
    "content",
    "crate",
    "default",
    "deny_unknown_fields",
    "expecting",
    "field_identifier",
    "from",
    "into",
    "remote",
    "rename",
    "rename_all",
    "rename_all_fields",
    "tag",
    "try_from",
    "untagged",
    "variant_identifier",
];
const VARIANT_ATTRIBUTES: &[&str] = &[
    "alias",
    "borrow",
    "bound",
    "deserialize_with",
    "other",
    "rename",
    "rename_all",
    "serialize_with",
    "skip",
    "skip_deserializing",
    "skip_serializing",
    "untagged",
    "with",
];
const FIELD_ATTRIBUTES: &[&str] = &[
    "alias",
    "borrow",
    "bound",
    "default",
    "deserialize_with",
    "flatten",
    "rename",
    "serialize_with",
    "skip",
    "skip_deserializing",
    "skip_serializing",
    "skip_serializing_if",
    "with",
];

/// Attributes that may stand once for each direction, or any number of times.
const REPEATABLE: &[&str] = &["alias", "bound", "rename", "rename_all", "rename_all_fields"];

/// Returns true if no derive of Serde's emits an implementation.
pub(super) fn is_rejected(input: &Input) -> bool {
    let Body::Enum(variants) = &input.body else { return false };
    let tagging = tagging(&input.attributes);
    let has_only_content =
        input.attributes.has_one_of(&["content"]) && !input.attributes.has_one_of(&["tag"]);
    has_rejected_words(&input.attributes, ENUM_ATTRIBUTES)
        || has_only_content
        || is_tag_taken(input, variants, &tagging)
        || variants.iter().any(|variant| is_rejected_variant(variant, &tagging))
        || !is_other_last(variants)
}

/// Returns true if a field has the name of the tag, in either direction, or if the content has it.
fn is_tag_taken(input: &Input, variants: &[Variant], tagging: &Tagging) -> bool {
    match tagging {
        Tagging::Adjacent { tag, content } => tag == content,
        Tagging::Internal { tag } => [Side::Client, Side::Server].into_iter().any(|side| {
            let fields = variants.iter().flat_map(|variant| field_names(input, variant, side));
            fields.into_iter().any(|(_, names)| names.contains(tag))
        }),
        Tagging::External => false,
    }
}

fn is_rejected_variant(variant: &Variant, tagging: &Tagging) -> bool {
    let is_tuple = matches!(variant.syntax.fields, Fields::Unnamed(_)) && variant.fields.len() != 1;
    is_tuple && matches!(tagging, Tagging::Internal { .. })
        || has_rejected_words(&variant.attributes, VARIANT_ATTRIBUTES)
        || variant.fields.iter().any(is_rejected_field)
}

fn is_rejected_field(field: &Field) -> bool {
    has_rejected_words(&field.attributes, FIELD_ATTRIBUTES)
        || field.attributes.has_one_of(&["borrow"]) && !has_lifetime(&field.ty)
        || field.attributes.has_one_of(&["flatten"]) && field.name.is_none()
}

fn has_lifetime(ty: &Type) -> bool {
    quote::quote!(#ty).to_string().contains('\'')
}

fn has_rejected_words(attributes: &Attributes, known: &[&str]) -> bool {
    attributes.entries.iter().any(|entry| matches!(entry, AttributeEntry::Unreadable))
        || attributes.serde().any(|meta| is_rejected_word(meta, known))
        || has_duplicates(attributes)
}

fn is_rejected_word(meta: &Meta, known: &[&str]) -> bool {
    if is_one_of(meta, known) {
        return !has_its_value(meta);
    }
    let everywhere = [FLAGS, WITH_TEXT, WITH_PATH, WITH_DIRECTIONS, FLAG_OR_TEXT];
    let is_misplaced = everywhere.iter().any(|words| is_one_of(meta, words));
    let word = meta.path().get_ident().map(ToString::to_string);
    is_misplaced || word.is_some_and(|word| did_you_mean(&word, known).is_some())
}

/// Returns true if the attribute has a value of the right kind, or rightly none.
fn has_its_value(meta: &Meta) -> bool {
    match meta {
        Meta::Path(_) => is_one_of(meta, FLAGS) || is_one_of(meta, FLAG_OR_TEXT),
        Meta::NameValue(given) => is_text_for(meta, given),
        Meta::List(_) => {
            is_one_of(meta, WITH_DIRECTIONS)
                && list::<MetaNameValue>(meta)
                    .is_ok_and(|given| given.iter().all(|given| is_text_for(meta, given)))
        }
    }
}

fn is_text_for(meta: &Meta, given: &MetaNameValue) -> bool {
    let Some(text) = text(&given.value) else { return false };
    if is_one_of(meta, &["rename_all", "rename_all_fields"]) {
        return apply_rule("", &text.value()).is_some();
    }
    let is_path = is_one_of(meta, WITH_PATH) || is_one_of(meta, &["default"]);
    !is_one_of(meta, FLAGS) && (!is_path || text.parse::<ExprPath>().is_ok())
}

fn text(value: &Expr) -> Option<&LitStr> {
    match ungroup_expr(value) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

fn has_duplicates(attributes: &Attributes) -> bool {
    let all = attributes.serde().filter(|meta| !is_one_of(meta, REPEATABLE));
    let words: Vec<_> = all.filter_map(|meta| meta.path().get_ident()).collect();
    words.iter().enumerate().any(|(index, word)| words[..index].contains(word))
}

fn is_other_last(variants: &[Variant]) -> bool {
    let is_other = |variant: &Variant| variant.attributes.has_one_of(&["other"]);
    let before = &variants[..variants.len().saturating_sub(1)];
    !before.iter().any(is_other)
        && variants.iter().filter(|variant| is_other(variant)).all(|variant| variant.fields.is_empty())
}
