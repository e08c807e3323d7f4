//! Compile-time checks that a session has a method for every variant, with every field.

use std::marker::PhantomData;

use super::{const_str::contains, const_text::ConstText};

/// A variant of an enum of messages, as its derive sees it.
#[derive(Debug)]
pub struct Variant {
    /// Name of the variant.
    pub name: &'static str,
    /// Names on the wire: the usual one, then its aliases. None for a variant that serde skips, or
    /// that stands for unknown kinds.
    pub tags: &'static [&'static str],
    /// Names of its fields, as they are in the program.
    pub fields: &'static [&'static str],
    /// Method to write for the variant, with its `#[on(..)]`.
    pub method: &'static str,
}

/// Variants of an enum. They have a trait of their own because they do not depend on lifetimes, nor
/// on serde.
pub trait Variants {
    /// All variants.
    const VARIANTS: &'static [Variant];
}

/// Variants of any type: its own, or none, through [`NoVariants`]. A type that is no message is
/// reported elsewhere, and not here once more.
#[derive(Debug)]
pub struct VariantsOf<M>(PhantomData<M>);

impl<M: Variants> VariantsOf<M> {
    /// All variants.
    pub const VARIANTS: &'static [Variant] = M::VARIANTS;
}

/// Variants of a type that is no message.
pub trait NoVariants {
    /// No variants.
    const VARIANTS: &'static [Variant] = &[];
}

impl<M> NoVariants for VariantsOf<M> {}

/// Returns 0, the length of an array. Panics if a variant has no method.
///
/// In a function where the length of an array panics, rustc does not check that patterns are
/// exhaustive, which would be the same error in other words. A method for a variant that does not
/// exist is misspelt: rustc reports it at its place, and no variant is reported as missing.
#[track_caller]
pub const fn all_are_handled(variants: &[Variant], handled: &[&str]) -> usize {
    if has_unknown(variants, handled) {
        return 0;
    }
    let (mut names, mut methods) = (ConstText::new(), ConstText::new());
    let (mut index, mut missing) = (0, 0);
    while index < variants.len() {
        let Variant { name, method, .. } = variants[index];
        if !contains(handled, name) {
            names.push(&[if missing == 0 { "`" } else { ", `" }, name, "`"]);
            methods.push(&[if missing == 0 { "\nhelp: write `" } else { "\n      and `" }, method, "`"]);
            missing += 1;
        }
        index += 1;
    }
    if missing > 0 {
        let mut text = ConstText::new();
        text.push(&["no method for ", names.as_str(), methods.as_str()]);
        panic!("{}", text.as_str());
    }
    0
}

/// Returns 0, the length of an array. Panics if a pattern without `..` leaves out a field of its
/// variant.
///
/// rustc would report that too. But a misspelt field it reports twice: there is no such field, and
/// one is missing.
#[track_caller]
pub const fn names_all_fields(variants: &[Variant], name: &str, named: &[&str]) -> usize {
    let Some(Variant { name, fields, .. }) = find(variants, name) else { return 0 };
    let mut index = 0;
    while index < named.len() {
        if !contains(fields, named[index]) {
            return 0;
        }
        index += 1;
    }
    let (mut all, mut others) = (ConstText::new(), ConstText::new());
    let mut missing = 0;
    index = 0;
    while index < fields.len() {
        all.push(&[if index == 0 { "" } else { ", " }, fields[index]]);
        if !contains(named, fields[index]) {
            others.push(&[if missing == 0 { "`" } else { ", `" }, fields[index], "`"]);
            missing += 1;
        }
        index += 1;
    }
    if missing > 0 {
        let mut text = ConstText::new();
        text.push(&["the pattern leaves out fields of `", name, "`: ", others.as_str()]);
        text.push(&["\nhelp: write `#[on(", name, " { ", all.as_str(), " })]` and take it as an argument"]);
        text.push(&[", or `..` in its place"]);
        panic!("{}", text.as_str());
    }
    0
}

const fn has_unknown(variants: &[Variant], handled: &[&str]) -> bool {
    let mut index = 0;
    while index < handled.len() {
        if find(variants, handled[index]).is_none() {
            return true;
        }
        index += 1;
    }
    false
}

const fn find<'a>(variants: &'a [Variant], name: &str) -> Option<&'a Variant> {
    let mut index = 0;
    while index < variants.len() {
        if contains(&[variants[index].name], name) {
            return Some(&variants[index]);
        }
        index += 1;
    }
    None
}

/// Checks of a session, in the length of an array.
pub trait Checked {
    /// Array whose length runs the checks.
    type Checked;
}

#[cfg(test)]
mod tests {
    use super::{NoVariants as _, Variant, Variants, VariantsOf, all_are_handled, names_all_fields};

    struct Msg;

    impl Variants for Msg {
        const VARIANTS: &'static [Variant] = &[
            Variant {
                name: "Say",
                tags: &["Say"],
                fields: &["text", "to"],
                method: "#[on(Say { text })] async fn say(&mut self, text: String) { .. }",
            },
            Variant {
                name: "Leave",
                tags: &["Leave"],
                fields: &[],
                method: "#[on(Leave)] async fn leave(&mut self) { .. }",
            },
        ];
    }

    fn complaint(handled: &[&str]) -> Option<String> {
        let result = std::panic::catch_unwind(|| all_are_handled(VariantsOf::<Msg>::VARIANTS, handled));
        result.err().map(|panic| *panic.downcast::<String>().expect("it is a text"))
    }

    #[test]
    fn what_is_missing_is_said_with_what_to_write() {
        assert_eq!(complaint(&["Leave", "Say"]), None);
        assert_eq!(
            complaint(&["Say"]).as_deref(),
            Some("no method for `Leave`\nhelp: write `#[on(Leave)] async fn leave(&mut self) { .. }`")
        );
        assert_eq!(
            complaint(&[]).as_deref(),
            Some(
                "no method for `Say`, `Leave`\n\
                 help: write `#[on(Say { text })] async fn say(&mut self, text: String) { .. }`\n      \
                 and `#[on(Leave)] async fn leave(&mut self) { .. }`"
            )
        );
    }

    #[test]
    fn a_variant_that_does_not_exist_was_meant_for_another() {
        assert_eq!(complaint(&["Say", "Lieve"]), None);
    }

    #[test]
    fn what_a_pattern_leaves_out_is_said() {
        let complaint = |named: &[&str]| {
            let result =
                std::panic::catch_unwind(|| names_all_fields(VariantsOf::<Msg>::VARIANTS, "Say", named));
            result.err().map(|panic| *panic.downcast::<String>().expect("it is a text"))
        };
        assert_eq!(complaint(&["to", "text"]), None);
        assert_eq!(complaint(&["txt"]), None);
        assert_eq!(
            complaint(&["text"]).as_deref(),
            Some(
                "the pattern leaves out fields of `Say`: `to`\n\
                 help: write `#[on(Say { text, to })]` and take it as an argument, or `..` in its place"
            )
        );
    }

    #[test]
    fn what_is_no_message_has_no_variants() {
        assert_eq!(all_are_handled(VariantsOf::<u8>::VARIANTS, &[]), 0);
    }
}
