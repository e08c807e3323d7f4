//! What is known about the methods of a session when the program is compiled: which messages have none.

use std::marker::PhantomData;

use super::{const_text::Text, id_checks::contains};

/// A variant of an enum of messages, as its derive saw it.
#[derive(Debug)]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// The names of its fields, as they are in the program.
    pub fields: &'static [&'static str],
    /// A method for it, with its `#[on(..)]`.
    pub method: &'static str,
}

/// The variants of an enum: a trait of its own, since they are the same for every lifetime, and whatever serde says.
pub trait Variants {
    /// All of them.
    const VARIANTS: &'static [Variant];
}

/// The variants of whatever type: those that it has, or none, through [`NoVariants`]. So a type that is no message is not
/// complained about once more.
#[derive(Debug)]
pub struct VariantsOf<M>(PhantomData<M>);

impl<M: Variants> VariantsOf<M> {
    /// All of them.
    pub const VARIANTS: &'static [Variant] = M::VARIANTS;
}

/// The variants of a type that tells none.
pub trait NoVariants {
    /// None.
    const VARIANTS: &'static [Variant] = &[];
}

impl<M> NoVariants for VariantsOf<M> {}

/// The length of an array without elements. Panics if there is a variant without a method.
///
/// In a function in which such a length panics, rustc does not judge whether patterns are exhaustive: it would say the same in
/// other words. A method for a variant that does not exist is misspelt: rustc says so at its place, and the variant that
/// was meant does not count as missing.
#[track_caller]
pub const fn all_are_handled(variants: &[Variant], handled: &[&str]) -> usize {
    if has_unknown(variants, handled) {
        return 0;
    }
    let (mut names, mut methods) = (Text::new(), Text::new());
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
        let mut text = Text::new();
        text.push(&["no method for ", names.as_str(), methods.as_str()]);
        panic!("{}", text.as_str());
    }
    0
}

/// The same, for the fields of a variant that are in a pattern without `..`: panics if there are others.
///
/// rustc would say so too. But of one field under a wrong name it says that there is no such field, and then that one is
/// missing.
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
    let (mut all, mut others) = (Text::new(), Text::new());
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
        let mut text = Text::new();
        text.push(&["`", name, "` has more fields: ", others.as_str()]);
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

#[cfg(test)]
mod tests {
    use super::{NoVariants as _, Variant, Variants, VariantsOf, all_are_handled, names_all_fields};

    struct Msg;

    impl Variants for Msg {
        const VARIANTS: &'static [Variant] = &[
            Variant {
                name: "Say",
                fields: &["text", "to"],
                method: "#[on(Say { text })] async fn say(&mut self, text: String) { .. }",
            },
            Variant { name: "Leave", fields: &[], method: "#[on(Leave)] async fn leave(&mut self) { .. }" },
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
                "`Say` has more fields: `to`\n\
                 help: write `#[on(Say { text, to })]` and take it as an argument, or `..` in its place"
            )
        );
    }

    #[test]
    fn what_is_no_message_has_no_variants() {
        assert_eq!(all_are_handled(VariantsOf::<u8>::VARIANTS, &[]), 0);
    }
}
