//! The names of fields on the wire.

use syn::{Fields, ext::IdentExt};

use crate::messages::{
    model::Side,
    parse::{Attributes, Field, Input, Variant},
};

/// The names of all fields of all struct variants, each once, as far as they are known.
pub(super) fn fields(input: &Input, variants: &[Variant], side: Side) -> Vec<String> {
    let replaces: &[&str] = match side {
        Side::Client => &["from", "try_from"],
        Side::Server => &["into"],
    };
    if input.attributes.has_one_of(replaces) {
        return Vec::new();
    }
    let mut names = Vec::new();
    let for_all = rule(&input.attributes, "rename_all_fields", side);
    for variant in variants {
        let is_struct = matches!(variant.syntax.fields, Fields::Named(_));
        let is_known = !variant.attributes.has_one_of(&side.customs());
        if !is_struct || !is_known || variant.attributes.has_one_of(&side.skips()) {
            continue;
        }
        let rule = rule(&variant.attributes, "rename_all", side).or_else(|| for_all.clone());
        for field in &variant.fields {
            of_field(field, rule.as_deref(), side, &mut names);
        }
    }
    names
}

/// The name by a rule, if there is such a rule.
pub(in crate::messages) fn renamed(field: &str, rule: &str) -> Option<String> {
    Some(match rule {
        "lowercase" | "snake_case" => field.to_owned(),
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => field.to_ascii_uppercase(),
        "PascalCase" => field.split('_').map(|word| with_first(word, char::to_ascii_uppercase)).collect(),
        "camelCase" => with_first(&renamed(field, "PascalCase")?, char::to_ascii_lowercase),
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => field.to_ascii_uppercase().replace('_', "-"),
        _ => return None,
    })
}

fn of_field(field: &Field, rule: Option<&str>, side: Side, names: &mut Vec<String>) {
    let Some(name) = &field.name else { return };
    if field.attributes.has_one_of(&side.skips()) || field.attributes.has_one_of(&["flatten"]) {
        return;
    }
    let mut of_field = field.attributes.texts("rename", side.direction());
    if of_field.is_empty() {
        let name = name.unraw().to_string();
        of_field.push(rule.and_then(|rule| renamed(&name, rule)).unwrap_or(name));
    }
    if side == Side::Client {
        of_field.extend(field.attributes.texts("alias", ""));
    }
    for name in of_field {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

fn rule(attributes: &Attributes, word: &str, side: Side) -> Option<String> {
    attributes.texts(word, side.direction()).into_iter().next()
}

fn with_first(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| change(&first)).into_iter().chain(letters).collect()
}
