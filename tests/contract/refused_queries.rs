//! Queries that a schema allows and serde refuses, each with advice that fits.

use std::{collections::HashMap, fmt};

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::in_urls::Either;

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Page {
    page: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema counts")]
enum Quantity {
    Number(u64),
    All(bool),
}

/// A text that none of the samples is.
#[derive(Deserialize, JsonSchema)]
#[serde(try_from = "String")]
struct Never;

impl TryFrom<String> for Never {
    type Error = &'static str;

    fn try_from(_: String) -> Result<Self, Self::Error> {
        Err("it is none")
    }
}

/// A number that a text stands for, too.
#[derive(JsonSchema)]
#[schemars(with = "u32")]
struct Lenient;

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = Lenient;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Lenient, E> {
                Ok(Lenient)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Lenient, E> {
                text.parse().map_err(E::custom).and_then(|number| self.visit_u64(number))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

const AS_TEXTS: &str = "numbers and Booleans are read in the fields of the struct itself, and all that is in a \
    flattened struct or in an enum is texts: give the fields to the struct itself, or take a second `Query<..>`";

macro_rules! queries {
    ($(
        $(#[doc = $_:literal])*
        $name:ident: $(#[$attribute:meta])* $kind:ident { $($content:tt)* }
        [$($refused:literal $advice:expr)?]
    )*) => {$(
        #[test]
        fn $name() {
            #[derive(Deserialize, JsonSchema)]
            #[allow(dead_code, reason = "only its schema counts")]
            $(#[$attribute])*
            $kind Wish { $($content)* }

            #[websocket("/wishes")]
            async fn wishes(_: Query<Wish>, ws: WebSocketConnection) -> Response {
                drop(ws);
                Response::ok()
            }

            let contract = Router::new().mount(wishes).contract();
            let ty = format!("behaviour::contract::refused_queries::{}::Wish", stringify!($name));
            let expected: &[(&str, &str)] = &[$(($refused, $advice))?];
            let problems = contract.problems();
            assert_eq!(problems.len(), expected.len(), "{problems:#?}");
            for (problem, (refused, advice)) in problems.iter().zip(expected) {
                let begin = format!("endpoint `wishes`: `{ty}` refuses `{refused}`, which its schema allows (");
                let end = format!("): {advice}");
                assert!(problem.starts_with(&begin) && problem.ends_with(&end), "{problem}");
            }
        }
    )*};
}

queries! {
    numbers_in_a_flattened_struct: struct {
        words: String,
        #[serde(flatten)] page: Page,
    } ["page=1&words=some%20text" AS_TEXTS]

    numbers_in_an_enum_without_a_tag: #[serde(untagged)] enum {
        ByWords { words: String },
        ByPage { page: u32, exact: bool },
    } ["exact=true&page=1" AS_TEXTS]

    numbers_in_an_enum_with_a_tag: #[serde(tag = "by")] enum {
        Words { words: String },
        Page { page: u32 },
    } ["by=Page&page=1" AS_TEXTS]

    numbers_in_a_flattened_enum_without_a_tag: struct {
        words: String,
        #[serde(flatten)] quantity: Flat,
    } ["page=1&words=some%20text" AS_TEXTS]

    numbers_as_a_field_without_a_tag: struct {
        quantity: Quantity,
    } ["quantity=1" AS_TEXTS]

    texts_and_numbers_as_a_field_without_a_tag: struct {
        either: Either,
        number: Option<u32>,
    } []

    texts_in_an_enum_without_a_tag: #[serde(untagged)] enum {
        ByWords { words: String },
        ByName { name: Option<String>, alias: String },
    } []

    /// The refusal is the program's own.
    numbers_beside_rules_of_the_program: struct {
        name: Name,
        page: u32,
    } []

    numbers_that_texts_stand_for: #[serde(untagged)] enum {
        ByPage { page: Lenient },
    } []

    values_of_any_form: struct {
        any: serde_json::Value,
    } []

    integers_of_128_bits: struct {
        wide: u128,
    } ["wide=1" "a query has no integers of 128 bits: read a `String`"]

    fields_without_a_text: struct {
        nothing: (),
    } ["" "a query has no `null`, only fields that are left out: add `#[serde(default)]`, or remove the field"]

    keys_that_are_no_texts: struct {
        words: String,
        #[serde(flatten)] points: HashMap<(u8, u8), String>,
    } ["some%20key=some%20text&words=some%20text" "the names in a query are texts: take a map with texts as keys"]

    variants_by_name: enum {
        Page(u32),
        Words(String),
    } ["Page=1" "a query is read as the fields of a struct: take one, with an `Option` in place of each variant"]
}

/// Its error is that of an enum without a tag.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Name {
    Never(Never),
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema counts")]
enum Flat {
    Page { page: u32 },
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema counts")]
struct Words {
    words: String,
    exact: Option<bool>,
}

#[websocket("/search")]
async fn search(_: Query<Words>, _: Query<Page>, ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[test]
fn numbers_in_a_second_argument() {
    let contract = Router::new().mount(search).contract();
    assert_eq!(contract.problems(), [] as [String; 0]);
}

/// serde takes what it cannot read for an option that is absent: no error shows it.
#[test]
fn numbers_in_a_flattened_option_are_lost() {
    #[derive(Deserialize)]
    struct Wish {
        #[serde(flatten)]
        page: Option<Page>,
        #[serde(flatten)]
        words: Option<Words>,
    }

    let uri = "/?page=1&words=a".parse().unwrap();
    let Query(wish) = Query::<Wish>::try_from_uri(&uri).unwrap();
    assert!(wish.page.is_none() && wish.words.is_some());
}
