//! Tests inputs that are nearly valid.

use super::{VALID, expand, parse};
use crate::test_support::{Dice, mangle, tokens, words};

#[test]
fn mangled_inputs_never_panic() {
    let mut dice = Dice::new();
    let (mut clean, mut clean_sessions) = (0, 0);
    for round in 0..12_000 {
        let (attribute, item) = VALID[round % VALID.len()];
        let (mut attribute, mut item) = (tokens(attribute), tokens(item));
        for _ in 0..=dice.below(3) {
            match dice.below(6) {
                0 => attribute = mangle(attribute, &mut dice),
                _ => item = mangle(item, &mut dice),
            }
        }
        let input = format!("#[websocket({attribute})] {item}");
        let (expansion, errors) = expand(attribute, item.clone());
        for error in &errors {
            assert!(!error.to_string().is_empty(), "{input}");
            let _ = error.to_compile_error();
        }
        if let Ok(parse::AnnotatedItem::Function(function)) = parse::item(item.clone()) {
            let name = function.signature.ident.to_string();
            assert!(words(expansion.clone()).contains(&name), "{name} is lost: {input}");
        }
        if let Ok(parse::AnnotatedItem::Session(session)) = parse::item(item.clone()) {
            for method in session.methods() {
                let name = method.signature.ident.to_string();
                assert!(words(expansion.clone()).contains(&name), "{name} is lost: {input}");
            }
        }
        // rustc passes only items to an attribute. Other tokens may become anything.
        let is_function = syn::parse2::<syn::ItemFn>(item.clone()).is_ok();
        let is_block = syn::parse2::<syn::ItemImpl>(item).is_ok();
        if errors.is_empty() && (is_function || is_block) {
            *if is_block { &mut clean_sessions } else { &mut clean } += 1;
            if let Err(error) = syn::parse2::<syn::File>(expansion.clone()) {
                panic!("{error}: {input}\nbecame {expansion}");
            }
        }
    }
    assert!(clean > 500, "only {clean} functions were clean: the loop tries nothing");
    assert!(clean_sessions > 200, "only {clean_sessions} sessions were clean: the loop tries nothing");
}
