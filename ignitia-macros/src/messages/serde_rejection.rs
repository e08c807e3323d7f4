//! Whether serde's derive refuses the enum for certain: then there is an error of its own and no implementation, and
//! nothing more should be said. What only may be refused, such as words of a later serde, is left to serde.

use syn::{Expr, ExprLit, ExprPath, Fields, Lit, LitStr, Meta, MetaNameValue, Type};

use super::{
    parse::{AttributeEntry, Attributes, Body, Field, Input, Variant, is_one_of, list},
    side::Side,
    tagging::{Tagging, tagging},
    wire_names::{apply_rule, field_names},
};
use crate::{spelling::did_you_mean, ungroup::ungroup_expr};

/// Words that stand alone.
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
/// Words with a text.
const WITH_TEXT: &[&str] =
    &["alias", "content", "crate", "expecting", "from", "into", "remote", "tag", "try_from"];
/// Words with the path of a function or a module in a text.
const WITH_PATH: &[&str] = &["deserialize_with", "getter", "serialize_with", "skip_serializing_if", "with"];
/// Words with a text, or with one for each direction.
const WITH_DIRECTIONS: &[&str] = &["bound", "rename", "rename_all", "rename_all_fields"];
/// Words that stand alone, or with a text.
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

/// What may stand there once for each direction, or as often as one likes.
const REPEATABLE: &[&str] = &["alias", "bound", "rename", "rename_all", "rename_all_fields"];

/// Whether no derive of serde's has an implementation for it.
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

/// Whether a field has the tag's name, in whatever direction, or the content has it.
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

/// Whether there is a value where there has to be one, of the right kind.
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
