//! Names of variants and fields on the wire.

use std::collections::BTreeSet;

use syn::{Fields, Ident, ext::IdentExt};

use super::{
    parse::{Attributes, Field, Input, Variant},
    side::Side,
};

/// Returns the known names of all fields of all struct variants, without duplicates.
pub(super) fn all_field_names(input: &Input, variants: &[Variant], side: Side) -> Vec<String> {
    if input.attributes.has_one_of(side.replacement_attributes()) {
        return Vec::new();
    }
    let mut names = Vec::new();
    for variant in variants.iter().filter(|variant| !variant.attributes.has_one_of(&side.custom_attributes()))
    {
        for (_, of_field) in field_names(input, variant, side) {
            names.extend(of_field);
        }
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// Returns the names of each field of a struct variant that Serde writes and reads by name.
pub(super) fn field_names<'a>(
    input: &Input,
    variant: &'a Variant,
    side: Side,
) -> Vec<(&'a Field, Vec<String>)> {
    let is_struct = matches!(variant.syntax.fields, Fields::Named(_));
    if !is_struct || variant.attributes.has_one_of(&side.skip_attributes()) {
        return Vec::new();
    }
    let rule = rename_rule(&variant.attributes, "rename_all", side)
        .or_else(|| rename_rule(&input.attributes, "rename_all_fields", side));
    let is_there = |field: &&Field| {
        !field.attributes.has_one_of(&side.skip_attributes()) && !field.attributes.has_one_of(&["flatten"])
    };
    let named = |field: &'a Field| {
        let by_rule = |name: &str| apply_rule(name, rule.as_deref()?);
        Some((field, all_names(&field.attributes, field.name.as_ref()?, by_rule, side)))
    };
    variant.fields.iter().filter(is_there).filter_map(named).collect()
}

/// Returns the names of each variant that Serde writes and reads by name.
pub(super) fn variant_names<'a>(
    input: &Input,
    variants: &'a [Variant],
    side: Side,
) -> Vec<(&'a Variant, Vec<String>)> {
    let rule = rename_rule(&input.attributes, "rename_all", side);
    let [skip, skip_here] = side.skip_attributes();
    let is_there =
        |variant: &&Variant| !variant.attributes.has_one_of(&[skip, skip_here, "other", "untagged"]);
    let named = |variant: &'a Variant| {
        let by_rule = |name: &str| apply_rule_to_variant(name, rule.as_deref()?);
        (variant, all_names(&variant.attributes, &variant.syntax.ident, by_rule, side))
    };
    variants.iter().filter(is_there).map(named).collect()
}

/// Returns the explicit name, or the one by the rule, or the identifier itself; then the aliases.
fn all_names(
    attributes: &Attributes,
    name: &Ident,
    by_rule: impl Fn(&str) -> Option<String>,
    side: Side,
) -> Vec<String> {
    let mut names = attributes.texts("rename", side.serde_direction());
    if names.is_empty() {
        let name = name.unraw().to_string();
        names.push(by_rule(&name).unwrap_or(name));
    }
    if side == Side::Client {
        names.extend(attributes.texts("alias", ""));
    }
    names
}

/// Returns the name of a field by a `rename_all` rule, or `None` for an unknown rule.
pub(super) fn apply_rule(field: &str, rule: &str) -> Option<String> {
    Some(match rule {
        "lowercase" | "snake_case" => field.to_owned(),
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => field.to_ascii_uppercase(),
        "PascalCase" => field.split('_').map(|word| map_first(word, char::to_ascii_uppercase)).collect(),
        "camelCase" => map_first(&apply_rule(field, "PascalCase")?, char::to_ascii_lowercase),
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => field.to_ascii_uppercase().replace('_', "-"),
        _ => return None,
    })
}

/// Returns the name of a variant, whose words begin with capitals, by the same rules.
fn apply_rule_to_variant(variant: &str, rule: &str) -> Option<String> {
    Some(match rule {
        "PascalCase" => variant.to_owned(),
        "camelCase" => map_first(variant, char::to_ascii_lowercase),
        "lowercase" => variant.to_ascii_lowercase(),
        "UPPERCASE" => variant.to_ascii_uppercase(),
        _ => apply_rule(&to_snake_case(variant), rule)?,
    })
}

/// Converts `LikeThis` to `like_this`.
fn to_snake_case(variant: &str) -> String {
    let mut words = String::new();
    for (index, letter) in variant.char_indices() {
        if index > 0 && letter.is_uppercase() {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn rename_rule(attributes: &Attributes, word: &str, side: Side) -> Option<String> {
    attributes.texts(word, side.serde_direction()).into_iter().next()
}

fn map_first(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| change(&first)).into_iter().chain(letters).collect()
}
