//! Reports names that stand for two variants or fields on the wire.

use syn::Ident;

use crate::{
    errors::Errors,
    messages::{
        parse::{Input, Variant},
        side::Side,
        wire_names,
    },
};

pub(super) fn check(input: &Input, variants: &[Variant], side: Side, errors: &mut Errors) {
    let named = wire_names::variant_names(input, variants, side);
    let named: Vec<_> = named.iter().map(|(variant, names)| (&variant.syntax.ident, &names[..])).collect();
    check_distinct(&named, side, errors);
    for variant in variants {
        let named = wire_names::field_names(input, variant, side);
        let named: Vec<_> =
            named.iter().filter_map(|(field, names)| Some((field.name.as_ref()?, &names[..]))).collect();
        check_distinct(&named, side, errors);
    }
}

fn check_distinct(named: &[(&Ident, &[String])], side: Side, errors: &mut Errors) {
    for (index, (ident, names)) in named.iter().enumerate() {
        let clash = names.iter().find_map(|name| {
            let (other, _) = named[..index].iter().find(|(_, names)| names.contains(name))?;
            Some((name, other))
        });
        let Some((name, other)) = clash else { continue };
        let effect = match side {
            Side::Client => format!("`{ident}` is never received"),
            Side::Server => "clients cannot tell them apart".to_owned(),
        };
        let help = "help: give one of them another name, with `#[serde(rename = \"..\")]`";
        errors.at(
            ident.span(),
            format!("`{other}` and `{ident}` are both called `{name}` on the wire: {effect}\n{help}"),
        );
    }
}
