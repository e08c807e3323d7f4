//! Suggests the method that a session writes for a variant.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Fields, Generics, Type, ext::IdentExt};

use crate::{
    messages::{
        model::VariantInfo,
        parse::{Field, Input, Variant},
        side::Side,
        wire_names::variant_names,
    },
    source_text::source_text,
    tokens::{has_ident, replace_lifetimes},
};

/// Returns the variants, each with a method in ordinary formatting.
pub(super) fn variant_infos(input: &Input, variants: &[Variant], side: Side) -> Vec<VariantInfo> {
    let named = variant_names(input, variants, side);
    let tags = |variant: &Variant| {
        let named = named.iter().find(|(named, _)| std::ptr::eq(*named, variant));
        named.map(|(_, tags)| tags.clone()).unwrap_or_default()
    };
    variants.iter().map(|variant| variant_info(variant, tags(variant), &input.generics)).collect()
}

fn variant_info(variant: &Variant, tags: Vec<String>, generics: &Generics) -> VariantInfo {
    let ident = &variant.syntax.ident;
    let count = variant.fields.len();
    let name = |(index, field): (usize, &Field)| match &field.name {
        Some(name) => name.to_string(),
        None if count == 1 => "value".into(),
        None => format!("value{}", index + 1),
    };
    let names: Vec<String> = variant.fields.iter().enumerate().map(name).collect();
    let list = names.join(", ");
    let pattern = match &variant.syntax.fields {
        Fields::Named(_) if count == 0 => format!("{ident} {{}}"),
        Fields::Named(_) => format!("{ident} {{ {list} }}"),
        Fields::Unnamed(_) => format!("{ident}({list})"),
        Fields::Unit => ident.to_string(),
    };
    let arguments: String = names
        .iter()
        .zip(&variant.fields)
        .map(|(name, field)| format!(", {name}: {}", argument_type(&field.ty, generics)))
        .collect();
    let in_patterns = |(index, field): (usize, &Field)| match &field.name {
        Some(name) => name.unraw().to_string(),
        None => index.to_string(),
    };
    VariantInfo {
        name: ident.unraw().to_string(),
        tags,
        fields: variant.fields.iter().enumerate().map(in_patterns).collect(),
        method: format!("#[on({pattern})] async fn {}(&mut self{arguments}) {{ .. }}", method_name(ident)),
    }
}

/// Converts `LikeThis` to `like_this`.
fn method_name(variant: &Ident) -> String {
    let letters: Vec<char> = variant.unraw().to_string().chars().collect();
    let mut name = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let begins_word = letter.is_uppercase()
            && (letters[..index].last().is_some_and(|before| before.is_lowercase() || before.is_numeric())
                || letters[..index].last().is_some_and(|before| before.is_uppercase())
                    && letters.get(index + 1).is_some_and(|after| after.is_lowercase()));
        if begins_word {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    match syn::parse_str::<Ident>(&name) {
        Ok(_) => name,
        // The name is a keyword.
        Err(_) => format!("on_{name}"),
    }
}

/// Returns the type of an argument. In the session's block the enum's parameters are unknown, and
/// `Self` is another type, so such a type becomes `..`.
fn argument_type(ty: &Type, generics: &Generics) -> String {
    let tokens = ty.to_token_stream();
    let is_generic = |word: &Ident| {
        let types = generics.type_params().map(|parameter| &parameter.ident);
        let consts = generics.const_params().map(|parameter| &parameter.ident);
        *word == "Self" || types.chain(consts).any(|parameter| parameter == word)
    };
    if has_ident(tokens.clone(), &is_generic) {
        return "..".into();
    }
    source_text(replace_lifetimes(tokens, "_"))
}
