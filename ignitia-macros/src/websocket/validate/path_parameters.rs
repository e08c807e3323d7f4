//! Checks the arguments against the parameters of the path.

use quote::ToTokens;
use syn::{PatType, Signature, Type};

use crate::{
    errors::Errors,
    source_text::source_text,
    spelling::did_you_mean,
    std_types::first_type_argument,
    websocket::{
        parse::PathLiteral,
        syntax::{
            arguments::{argument_name, unraw_name},
            types::{PARAMETER_TYPES, is_named, is_path_extractor, wrapped_type},
        },
    },
};

/// Checks that every parameter has an argument, and that no other argument looks like one.
pub(super) fn check_parameters(
    signature: &Signature,
    path: &PathLiteral,
    before: &[&PatType],
    errors: &mut Errors,
) {
    let names: Vec<String> =
        before.iter().filter_map(|argument| argument_name(argument)).map(unraw_name).collect();
    // axum's `Path<..>` takes all parameters at once.
    let all_at_once = before.iter().any(|argument| is_path_extractor(&argument.ty));
    for argument in before {
        check_path_extractor(path, argument, errors);
    }
    let mut misspelt: Vec<&PatType> = Vec::new();
    for parameter in path.template.parameters() {
        if all_at_once || names.iter().any(|name| name == parameter) {
            continue;
        }
        let underscored = format!("_{parameter}");
        let unused = before
            .iter()
            .find(|argument| argument_name(argument).is_some_and(|name| unraw_name(name) == underscored));
        if let Some(unused) = unused {
            let message = format!(
                "the argument for `<{parameter}>` must be called `{parameter}`\nhelp: write `{parameter}`, and `let _ = {parameter};` if it is not used"
            );
            errors.on(&unused.pat, message);
            continue;
        }
        let alike = before.iter().copied().find(|argument| {
            is_named(&argument.ty, PARAMETER_TYPES)
                && argument_name(argument).is_some_and(|name| {
                    let name = unraw_name(name);
                    path.template.parameters().all(|known| known != name)
                        && did_you_mean(&name, &[parameter]).is_some()
                })
        });
        if let Some(argument) = alike {
            let name = argument_name(argument).map(unraw_name).unwrap_or_default();
            let message = format!(
                "`{name}` is not a parameter of the path\nhelp: did you mean `{parameter}`? An argument must have the name of its parameter"
            );
            errors.on(&argument.pat, message);
            misspelt.push(argument);
            continue;
        }
        let found = match names.len() {
            0 => "none with a name".into(),
            _ => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        };
        let message = format!(
            "the parameter `<{parameter}>` has no argument in `{}`\nhelp: add `{parameter}: String`, or another type that implements `FromStr` (arguments: {found})",
            signature.ident
        );
        errors.at(path.literal.span(), message);
    }
    for argument in before {
        let Some(name) = argument_name(argument) else { continue };
        if let Some(inner) = wrapped_type(&argument.ty)
            && !is_path_extractor(&argument.ty)
            && path.template.parameters().any(|parameter| unraw_name(name) == parameter)
        {
            let inner = source_text(inner);
            let message = format!(
                "a parameter of the path always has exactly one value\nhelp: write `{name}: {inner}`: a segment that cannot be parsed is a 404, and a path without it is another route"
            );
            errors.on(&argument.ty, message);
        }
        if misspelt.iter().any(|misspelt| std::ptr::eq(*misspelt, *argument)) {
            continue;
        }
        let is_parameter = path
            .template
            .parameters()
            .any(|parameter| unraw_name(name) == parameter || unraw_name(name) == format!("_{parameter}"));
        if !is_parameter && is_named(&argument.ty, PARAMETER_TYPES) {
            let message = format!(
                "`{name}` is not a parameter of the path, and a `{}` cannot be extracted\nhelp: add `<{name}>` to the path, or take it from the query: `Query(query): Query<..>`",
                argument.ty.to_token_stream()
            );
            errors.on(argument, message);
        }
    }
}

/// Checks that axum's `Path<..>` takes a value for each parameter of the path, as far as its type
/// shows, or none at all. It may take more values than the path has parameters: a router around
/// this one can have some too.
fn check_path_extractor(path: &PathLiteral, argument: &PatType, errors: &mut Errors) {
    let Type::Path(extractor) = &*argument.ty else { return };
    let Some(last) = extractor.path.segments.last().filter(|last| last.ident == "Path") else { return };
    let Some(inner) = first_type_argument(last) else { return };
    let names: Vec<&str> = path.template.parameters().collect();
    let count = match inner {
        Type::Tuple(tuple) => tuple.elems.len(),
        one if is_named(one, PARAMETER_TYPES) => 1,
        _ => return,
    };
    if count == 0 || count >= names.len() {
        return;
    }
    let each = names.iter().map(|name| format!("{name}: String")).collect::<Vec<_>>().join(", ");
    let help = format!("help: take each by its name: `{each}`");
    let values = if count == 1 { "value" } else { "values" };
    let message = format!(
        "`{}` takes {count} {values}, but the path has {} parameters\n{help}",
        source_text(&argument.ty),
        names.len()
    );
    errors.on(&argument.ty, message);
}
