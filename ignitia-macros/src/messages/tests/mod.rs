//! Tests all stages together: the errors of an input, and its expansion.

mod expansions;
mod variant_flags;

use proc_macro2::TokenStream;
use syn::Error;

use crate::test_support::{Dice, mangle, tokens, words};

fn expand_client(item: TokenStream) -> (TokenStream, Vec<Error>) {
    let (expansion, errors) = super::expand_client(item);
    (expansion, errors.into_vec())
}

fn expand_server(item: TokenStream) -> (TokenStream, Vec<Error>) {
    let (expansion, errors) = super::expand_server(item);
    (expansion, errors.into_vec())
}

/// Inputs without errors, for both derives.
const VALID: &[&str] = &[
    r#"#[serde(tag = "type", rename_all = "snake_case")] pub enum Msg { Say { text: String, to: u64 }, Leave }"#,
    r#"/// Says so.
    #[derive(Debug)] #[allow(dead_code)] #[serde(tag = "t", content = "c")] #[message(crate = ::web)]
    pub(crate) enum Msg<T: Topic = u8, const N: usize = 2> where T: Send { Say(T), Many(String, [u8; N]), #[deprecated] Gone }"#,
    r#"enum Msg { Say(String), Count(Vec<u8>), #[serde(skip)] Hidden { x: Box<dyn Fn(&str) -> u8 + Send> } }"#,
    r#"#[serde(tag = "type", crate = "self::serde", rename_all(deserialize = "kebab-case", serialize = "UPPERCASE"))]
    #[serde(rename_all_fields = "camelCase", deny_unknown_fields, into = "Wire")]
    enum Msg<'a, 'b: 'a> where Self: 'b { #[serde(borrow)] Inner(Inner<'b>), Say { #[serde(borrow = "'a")] text_of: Cow<'a, str> },
      #[serde(rename(deserialize = "in", serialize = "out"), alias = "into", rename_all = "PascalCase")]
      Named { #[serde(alias = "a", alias = "b", default = "zero")] first_one: u8, #[serde(deserialize_with = "one")] r#type_of: Option<&'a str>, again: Vec<Self> },
      #[serde(with = "custom")] Custom(u8), Skipped(#[serde(skip)] u8), Flat { #[serde(flatten)] rest: Map }, #[serde(other)] Unknown = 3 }"#,
    r#"#[serde(tag = "type", from = "Wire", into = "Wire")] enum Msg { Say { text: String } }"#,
];

fn texts(errors: &[Error]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

/// Returns the errors of both derives, which must be equal.
fn common_errors(item: &str) -> Vec<String> {
    let (of_client, of_server) = (of_client(item), of_server(item));
    assert_eq!(of_client, of_server);
    of_client
}

fn of_client(item: &str) -> Vec<String> {
    let (expansion, errors) = expand_client(tokens(item));
    assert!(words(expansion).contains(&"Msg".to_owned()), "the name is lost: {item}");
    texts(&errors)
}

fn of_server(item: &str) -> Vec<String> {
    let (expansion, errors) = expand_server(tokens(item));
    assert!(words(expansion).contains(&"CarriesId".to_owned()), "the stub carries no id: {item}");
    texts(&errors)
}

/// Returns the names of the fields on the wire, of the client's and of the server's expansion.
fn fields(item: &str) -> (String, String) {
    let list = |expansion: TokenStream| {
        let text = expansion.to_string();
        let begin = text.find("FIELDS").expect("there is the list");
        let list = &text[begin..];
        list[list.find("= & [").expect("it is a list") + 5..list.find("] ;").expect("it ends")]
            .trim()
            .to_owned()
    };
    let ((client, _), (server, _)) = (expand_client(tokens(item)), expand_server(tokens(item)));
    (list(client), list(server))
}

fn streams(item: &str) -> bool {
    let (expansion, errors) = expand_client(tokens(item));
    assert!(errors.is_empty(), "{errors:?}");
    words(expansion).contains(&"STREAMS".to_owned())
}

/// Compares everything but white space. On a failure, format the printed expansion and read the
/// difference.
fn assert_reads(expansion: &TokenStream, expected: &str) {
    assert!(words(expansion.clone()) == words(tokens(expected)), "it became\n{expansion}");
}

#[test]
fn valid_inputs_have_no_errors() {
    for item in VALID {
        for (expansion, errors) in [expand_client(tokens(item)), expand_server(tokens(item))] {
            assert!(errors.is_empty(), "{item}: {errors:?}");
            syn::parse2::<syn::File>(expansion).expect("items");
        }
    }
}

#[test]
fn seven_mistakes_are_seven_errors() {
    let item = r#"
        #[message(crates = ::web, crate = "web", timeout)]
        #[serde(untagged)]
        #[message(crate = ::web, crate = ::other)]
        enum Msg { #[serde(untagged)] Any(Value), Say { #[message(crate = ::web)] text: String } }"#;
    assert_eq!(
        common_errors(item),
        [
            "unknown option `crates`\nhelp: did you mean `crate`?",
            "`crate` is the path of the runtime crate\nhelp: write `#[message(crate = ::my_ignitia)]`",
            "unknown option `timeout`\nhelp: the only option is `crate`",
            "messages without a tag cannot be told apart\nhelp: write `#[serde(tag = \"type\")]`",
            "the option `crate` is given twice\nhelp: remove one of the two",
            "`Any` cannot be told apart from the other messages\n\
             help: remove `untagged`, and let `#[serde(tag = \"type\")]` on the enum tell them apart",
            "`#[message(..)]` belongs on the enum or a variant\n\
             help: write it in front of the enum or a variant; how a field looks on the wire is controlled by `#[serde(..)]`",
        ]
    );
}

#[test]
fn a_message_is_an_enum_with_variants() {
    let other = "messages must be an enum, with a variant for each kind of message\n\
                 help: write `enum Msg { Say { text: String }, Leave }`";
    for item in ["struct Msg;", "struct Msg<T> { text: T }", "union Msg { a: u8, b: u8 }"] {
        assert_eq!(common_errors(item), [other]);
    }
    let empty = "an enum without variants has no messages\n\
                 help: write a variant for each kind of message, such as `Say { text: String }`";
    assert_eq!(
        common_errors("#[message] enum Msg {}"),
        ["`#[message]` needs options\nhelp: write `#[message(crate = ::my_ignitia)]`", empty]
    );
    assert_eq!(common_errors("#[message(crate = )] enum Msg { A }").len(), 1);
}

#[test]
fn a_value_that_is_no_object_has_no_place_for_a_tag() {
    let item = r#"#[serde(tag = "kind")] enum Msg<'a> {
        A(String), B(&'a str), C(Cow<'a, str>), D(Box<str>), E(u64), F(Vec<Inner>), G([u8; 4]), H((u8, bool)),
        I(Option<char>), J(std::vec::Vec<u8>), K(Arc<[f32]>),
        Fine(Inner), Unit(()), Other(mine::String), Boxed(Box<Inner>), Two(u8, u8), Struct { text: String },
    }"#;
    let expected = [
        ("String", "A { text: String }"),
        ("&'a str", "B { text: std::borrow::Cow<'a, str> }"),
        ("Cow<'a, str>", "C { value: Cow<'a, str> }"),
        ("Box<str>", "D { value: Box<str> }"),
        ("u64", "E { value: u64 }"),
        ("Vec<Inner>", "F { value: Vec<Inner> }"),
        ("[u8; 4]", "G { value: [u8; 4] }"),
        ("(u8, bool)", "H { value: (u8, bool) }"),
        ("Option<char>", "I { value: Option<char> }"),
        ("std::vec::Vec<u8>", "J { value: std::vec::Vec<u8> }"),
        ("Arc<[f32]>", "K { value: Arc<[f32]> }"),
    ];
    let expected = expected.map(|(ty, variant)| {
        format!(
            "the tag `kind` cannot be added to `{ty}`, which is not a JSON object\n\
             help: write `{variant}`, or give the enum `#[serde(tag = \"kind\", content = \"data\")]`"
        )
    });
    assert_eq!(common_errors(item), expected);
}

#[test]
fn errors_are_in_the_order_of_the_text() {
    let item =
        r#"#[serde(tag = "t")] enum Msg { A(#[message(x)] u8), #[serde(untagged)] B(#[message(x)] u8) }"#;
    let firsts: Vec<String> =
        common_errors(item).iter().map(|error| error.chars().take(14).collect()).collect();
    assert_eq!(
        firsts,
        ["`#[message(..)", "the tag `t` ca", "`B` cannot be ", "`#[message(..)", "the tag `t` ca"]
    );
}

#[test]
fn names_of_built_in_messages_are_rejected_with_their_tag() {
    let ping = ["`$ping` is reserved for a built-in message"];
    let firsts = |found: Vec<String>| -> Vec<String> {
        found.iter().map(|error| error.lines().next().unwrap_or_default().to_owned()).collect()
    };
    for tag in [r#"tag = "type""#, r#"tag = "type", content = "data""#] {
        let item = format!(r#"#[serde({tag})] enum Msg {{ #[serde(rename = "$ping")] Ping, A }}"#);
        assert_eq!(firsts(common_errors(&item)), ping, "{item}");
        let item = format!(r#"#[serde({tag})] enum Msg {{ #[serde(alias = "$ping")] Ping, A }}"#);
        assert_eq!(
            (firsts(of_client(&item)), of_server(&item).len()),
            (ping.map(str::to_owned).to_vec(), 0),
            "{item}"
        );
        let item = format!(r#"#[serde({tag})] enum Msg {{ #[serde(rename(serialize = "$ping"))] Ping, A }}"#);
        assert_eq!(
            (of_client(&item).len(), firsts(of_server(&item))),
            (0, ping.map(str::to_owned).to_vec()),
            "{item}"
        );
    }
    for attribute in [r#"#[serde(tag = "t")]"#, ""] {
        let item = format!(
            r#"{attribute} enum Msg {{ #[serde(rename = "$ping")] Ping, #[serde(rename = "$set")] Set }}"#
        );
        for (_, errors) in [expand_client(tokens(&item)), expand_server(tokens(&item))] {
            assert_eq!(errors.len(), 0, "{item}");
        }
    }
}

#[test]
fn each_direction_has_its_own_form() {
    let item = r#"#[serde(tag = "type")] enum Msg {
        A(Option<Inner>), B(#[serde(serialize_with = "f")] u8), #[serde(deserialize_with = "f")] C(u8),
        #[serde(with = "f")] D(u8), #[serde(skip)] E(u8), F(#[serde(skip_deserializing)] u8),
    }"#;
    let types = |errors: Vec<String>| -> Vec<String> {
        errors
            .iter()
            .filter_map(|error| error.split("help: write `").nth(1)?.get(..1).map(str::to_owned))
            .collect()
    };
    assert_eq!(types(of_client(item)), ["B"]);
    assert_eq!(types(of_server(item)), ["A", "C", "F"]);
}

#[test]
fn errors_of_serde_are_not_reported_again() {
    for attribute in [
        r#"content = "data""#,
        r#"tag = "type", untagged"#,
        r#"tag = 3, rename_all = "words""#,
        r#"tag = "type", tag = "kind""#,
        "nonsense(",
        "= 3",
    ] {
        let Ok(item) = format!("#[serde({attribute})] enum Msg {{ A, B(u8, u8) }}").parse::<TokenStream>()
        else {
            continue;
        };
        assert_eq!(texts(&expand_client(item).1), [""; 0], "{attribute}");
    }
}

#[test]
fn names_are_those_on_the_wire() {
    let (client, server) = fields(VALID[3]);
    assert_eq!(client, r#""textOf" , "FirstOne" , "a" , "b" , "TypeOf" , "Again""#);
    assert_eq!(server, "");
    let item = r#"#[serde(tag = "t", rename_all_fields(serialize = "SCREAMING-KEBAB-CASE", deserialize = "lowercase"))]
        enum Msg { A { #[serde(rename(serialize = "out", deserialize = "into"))] x: u8, two_words: u8, r#in: u8 },
        #[serde(skip_serializing)] B { #[serde(skip_deserializing)] b: u8, c: u8 }, #[serde(with = "f")] C { d: u8 } }"#;
    assert_eq!(
        fields(item),
        (r#""into" , "two_words" , "in" , "c""#.into(), r#""out" , "TWO-WORDS" , "IN""#.into())
    );
    for (rule, expected) in [
        ("lowercase", "two_words1"),
        ("UPPERCASE", "TWO_WORDS1"),
        ("PascalCase", "TwoWords1"),
        ("camelCase", "twoWords1"),
        ("snake_case", "two_words1"),
        ("SCREAMING_SNAKE_CASE", "TWO_WORDS1"),
        ("kebab-case", "two-words1"),
        ("SCREAMING-KEBAB-CASE", "TWO-WORDS1"),
    ] {
        let item = format!("enum Msg {{ #[serde(rename_all = \"{rule}\")] A {{ two_words1: u8 }} }}");
        assert_eq!(fields(&item).0, format!("{expected:?}"));
    }
}

#[test]
fn only_supported_enums_are_streamed() {
    assert!(streams(VALID[0]));
    for item in &VALID[1..] {
        assert!(!streams(item), "{item}");
    }
    for (attribute, variants) in [
        (r#"expecting = "x""#, "A"),
        (r#"bound = """#, "A"),
        (r#"rename_all = "x""#, "A"),
        ("deny_unknown_fields, deny_unknown_fields", "A"),
        ("deny_unknown_fields", "A(Inner, u8)"),
        ("deny_unknown_fields", r#"#[serde(with = "x")] A(Inner)"#),
        ("deny_unknown_fields", "A { #[serde(getter)] x: u8 }"),
        ("deny_unknown_fields", "A { x: &'static str }"),
        ("deny_unknown_fields", "#[serde(other)] A, B"),
        ("deny_unknown_fields", "#[serde(= 3)] A"),
    ] {
        assert!(
            !streams(&format!("#[serde(tag = \"t\", {attribute})] enum Msg {{ {variants} }}")),
            "{variants}"
        );
    }
    assert!(streams(r#"#[serde(tag = "t", deny_unknown_fields)] enum Msg { A(Inner), #[serde(other)] B }"#));
}

#[test]
fn a_method_is_proposed_for_every_variant() {
    let item = r#"enum Msg<'a, T, const N: usize> { Move { x: f32 }, HTTPGet(Cow<'a, str>), Two(u8, &'a [u8]), Of(T, [u8; N]),
        r#Type {}, V2Ok { r#in: Vec<u8>, } }"#;
    let text = expand_client(tokens(item)).0.to_string();
    let proposed: Vec<&str> =
        text.split("method : \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(
        proposed,
        [
            "#[on(Move { x })] async fn on_move(&mut self, x: f32) { .. }",
            "#[on(HTTPGet(value))] async fn http_get(&mut self, value: Cow<'_, str>) { .. }",
            "#[on(Two(value1, value2))] async fn two(&mut self, value1: u8, value2: &'_ [u8]) { .. }",
            "#[on(Of(value1, value2))] async fn of(&mut self, value1: .., value2: ..) { .. }",
            "#[on(r#Type {})] async fn on_type(&mut self) { .. }",
            "#[on(V2Ok { r#in })] async fn v2_ok(&mut self, r#in: Vec<u8>) { .. }",
        ]
    );
}

#[test]
fn mangled_inputs_never_panic() {
    let mut dice = Dice::new();
    let mut clean = 0;
    for round in 0..12_000 {
        let mut item = tokens(VALID[round % VALID.len()]);
        for _ in 0..=dice.below(4) {
            item = mangle(item, &mut dice);
        }
        for (expansion, errors) in [expand_client(item.clone()), expand_server(item.clone())] {
            for error in &errors {
                assert!(!error.to_string().is_empty(), "{item}");
                let _ = error.to_compile_error();
            }
            clean += usize::from(errors.is_empty());
            if let Err(error) = syn::parse2::<syn::File>(expansion.clone()) {
                panic!("{error}: {item}\nbecame {expansion}");
            }
        }
    }
    assert!(clean > 1000, "only {clean} were clean: the loop tries nothing");
}

#[test]
fn an_enum_that_serde_rejects_gets_an_impl() {
    let replaces_serde_impl =
        |item: &str| words(expand_client(tokens(item)).0).contains(&"unreachable".to_owned());
    for refused in [
        "#[serde(tag)] enum Msg { A }",
        "#[serde(tag = 5)] enum Msg { A }",
        "#[serde(tag = \"a\", tag = \"b\")] enum Msg { A }",
        "#[serde(content = \"a\")] enum Msg { A }",
        "#[serde(rename_all = \"snake\")] enum Msg { A }",
        "#[serde(renam_all = \"snake_case\")] enum Msg { A }",
        "#[serde(flatten)] enum Msg { A }",
        "#[serde(tag \"a\")] enum Msg { A }",
        "#[serde(tag = \"a\")] enum Msg { A(u8, u8) }",
        "enum Msg { #[serde(other)] A, B }",
        "enum Msg { #[serde(skip = true)] A }",
        "enum Msg { A { #[serde(with = \"\")] a: u8 } }",
        "enum Msg { A { #[serde(borrow)] a: u8 } }",
        "enum Msg { A(#[serde(flatten)] Map) }",
    ] {
        assert!(replaces_serde_impl(refused), "{refused}");
    }
    assert!(!replaces_serde_impl("#[serde(of_tomorrow = 5)] enum Msg { A { #[serde(also(new))] a: u8 } }"));
    assert!(VALID.iter().all(|item| !replaces_serde_impl(item)));
}

#[test]
fn no_two_share_a_name_on_the_wire() {
    let received = [
        r#"enum Msg { Say, #[serde(rename = "Say")] Tell }"#,
        r#"enum Msg { #[serde(alias = "tell")] Say, #[serde(rename = "tell")] Tell }"#,
        r#"#[serde(rename_all = "lowercase")] enum Msg { SayIt, Sayit }"#,
        r#"#[serde(rename_all = "snake_case")] enum Msg { SayIt, Say_it }"#,
        r#"enum Msg { Say { text: String, #[serde(rename = "text")] more: String } }"#,
        r#"enum Msg { #[serde(rename_all = "camelCase")] Say { a_b: u8, aB: u8 } }"#,
        r#"enum Msg { Say { text: String, #[serde(alias = "text")] more: String } }"#,
    ];
    for item in received {
        let texts = of_client(item);
        assert!(texts.len() == 1 && texts[0].contains("is never received"), "{item}: {texts:?}");
    }
    assert_eq!(
        of_server(r#"enum Msg { Said, #[serde(rename(serialize = "Said", deserialize = "Other"))] Told }"#),
        ["`Said` and `Told` are both called `Said` on the wire: clients cannot tell them apart\n\
          help: give one of them another name, with `#[serde(rename = \"..\")]`"],
    );
    for item in [
        r#"#[serde(tag = "type")] enum Msg { Say, #[serde(skip, rename = "Say")] Tell }"#,
        r#"#[serde(tag = "type")] enum Msg { A { text: u8 }, B { text: u8 }, #[serde(other)] C }"#,
        r#"#[serde(tag = "type", rename_all = "kebab-case")] enum Msg { SayIt, Sayit { #[serde(skip)] a: u8, #[serde(rename = "a")] b: u8 } }"#,
        r#"#[serde(tag = "type", from = "Wire", into = "Wire")] enum Msg { Say, #[serde(rename = "Say")] Tell }"#,
    ] {
        assert_eq!(common_errors(item), [] as [&str; 0], "{item}");
    }
    // The names are distinct in the direction that each message travels in.
    let item = r#"#[serde(tag = "type")] enum Msg { #[serde(alias = "Tell")] Say, #[serde(rename(deserialize = "Told"))] Tell }"#;
    assert_eq!((of_client(item), of_server(item)), (Vec::new(), Vec::new()));
}

#[test]
fn text_with_escapes_has_to_be_owned() {
    let refused = |field: &str, borrowed: &str, written: &str| {
        let expected = format!(
            "`{borrowed}` cannot hold text with an escape in it, such as a quote or a line break: such messages would be malformed\n\
             help: write `#[serde(borrow)] {written}`"
        );
        let item = format!("#[serde(tag = \"type\")] enum Msg<'a> {{ Say {{ {field} }}, Leave }}");
        assert_eq!(of_client(&item), [expected], "{item}");
        assert_eq!(of_server(&item), [] as [&str; 0], "{item}");
    };
    refused("text: &'a str", "&'a str", "text: std::borrow::Cow<'a, str>");
    refused(
        "#[serde(borrow)] text: Vec<(u8, &'a str)>",
        "&'a str",
        "text: Vec<(u8, std::borrow::Cow<'a, str>)>",
    );
    refused("text: Option<&'a [u8]>", "&'a [u8]", "text: Option<std::borrow::Cow<'a, str>>");
    refused(
        "#[serde(borrow)] by: BTreeMap<&'a Path, &'a str>",
        "&'a Path",
        "by: BTreeMap<std::borrow::Cow<'a, Path>, std::borrow::Cow<'a, str>>",
    );
    for field in [
        "#[serde(borrow)] text: Cow<'a, str>",
        "#[serde(borrow)] raw: &'a RawValue",
        "#[serde(deserialize_with = \"text\")] text: &'a str",
        "#[serde(skip)] text: &'a str, rest: &'a Path::Other",
        "text: &'static str",
    ] {
        assert_eq!(of_client(&format!("enum Msg<'a> {{ Say {{ {field} }} }}")), [] as [&str; 0], "{field}");
    }
}
