//! Tests the flags of variants: what is wrong with them, and the methods that tell them.

use super::{expand_server, of_client, of_server};
use crate::test_support::tokens;

const OPTIONS: &str = "help: write `#[message(transient)]`, `#[message(uncompressed)]` or `#[message(transient, uncompressed)]`";

/// The flags, with what the help about each says on the enum, and in client messages.
const FLAGS: [(&str, &str, &str); 2] = [
    (
        "transient",
        "write `#[message(transient)]` on each variant to leave out of the history of rooms",
        "write it in the enum with `#[derive(ServerMessage)]`, or call `broadcast_transient`",
    ),
    (
        "uncompressed",
        "write `#[message(uncompressed)]` on each variant to send as it is, without compression",
        "write it in the enum with `#[derive(ServerMessage)]`; each client decides what it compresses",
    ),
];

fn twice(flag: &str) -> String {
    format!("the option `{flag}` is given twice\nhelp: remove one of the two")
}

#[test]
fn only_variants_of_server_messages_have_flags() {
    for (flag, on_enum, in_client) in FLAGS {
        let misspelt = &flag[1..];
        let item = format!(
            "#[message({flag})] enum Msg {{
               #[message] A, #[message({flag} = true)] B, #[message({flag}())] C, #[message(crate = ::web)] D,
               #[message({misspelt})] E, #[message(rename)] F,
               #[message({flag})] #[message({flag})] G {{ #[message({flag})] x: u8 }} }}"
        );
        let no_value = format!("`{flag}` takes no value\nhelp: write `#[message({flag})]`");
        let expected = [
            format!("`{flag}` belongs on a variant\nhelp: {on_enum}"),
            format!("`#[message]` needs options\n{OPTIONS}"),
            no_value.clone(),
            no_value,
            "`crate` belongs on the enum\nhelp: write it in front of the enum".into(),
            format!("unknown option `{misspelt}`\nhelp: did you mean `{flag}`?"),
            "unknown option `rename`\nhelp: the options are: transient, uncompressed".into(),
            twice(flag),
            "`#[message(..)]` belongs on the enum or a variant\n\
             help: write it in front of the enum or a variant; how a field looks on the wire is controlled by `#[serde(..)]`"
                .into(),
        ];
        assert_eq!(of_server(&item), expected);
        let of_client = of_client(&item);
        assert_eq!(of_client[..7], expected[..7]);
        let client = &format!("`{flag}` has no effect on client messages\nhelp: {in_client}");
        assert_eq!(of_client[7..], [client, client, &expected[8]].map(String::clone));
    }
}

#[test]
fn one_variant_may_have_both_flags() {
    let of_variant =
        |attributes: &str| of_server(&format!("#[serde(tag = \"type\")] enum Msg {{ {attributes} A, B }}"));
    for both in ["#[message(transient, uncompressed)]", "#[message(uncompressed)] #[message(transient)]"] {
        assert_eq!(of_variant(both), [] as [&str; 0], "{both}");
    }
    assert_eq!(
        of_variant("#[message(transient, uncompressed, transient)] #[message(uncompressed)]"),
        [twice("transient"), twice("uncompressed")]
    );
    assert_eq!(of_variant("#[message(transient uncompressed)]"), [format!("expected `,`\n{OPTIONS}")]);
}

#[test]
fn a_message_tells_the_flags_of_its_variant() {
    for (flag, ..) in FLAGS {
        let some =
            format!("enum Msg {{ #[message({flag})] A, B(u8), #[message({flag})] r#type {{ x: u8 }} }}");
        assert_eq!(
            methods(&some),
            format!(
                "fnis_{flag}(&self)->bool{{matchself{{Self::A{{..}}=>true,Self::r#type{{..}}=>true,_=>false,}}}}"
            )
        );
        let all = format!("enum Msg {{ #[message({flag})] A, #[message({flag})] B(u8) }}");
        assert_eq!(methods(&all), format!("fnis_{flag}(&self)->bool{{true}}"));
    }
    assert_eq!(methods("enum Msg { A, B(u8) }"), "");
    let both = "enum Msg { #[message(uncompressed, transient)] A, #[message(uncompressed)] B(u8) }";
    assert_eq!(
        methods(both),
        "fnis_transient(&self)->bool{matchself{Self::A{..}=>true,_=>false,}}\
         fnis_uncompressed(&self)->bool{true}"
    );
}

/// Returns the methods in the implementation of `ServerMessage`, without spaces.
fn methods(item: &str) -> String {
    let (expansion, errors) = expand_server(tokens(item));
    assert!(errors.is_empty(), "{errors:?}");
    let text = expansion.to_string();
    let end = text.find("} # [automatically_derived]").expect("the next impl");
    let (_, methods) = text[..end].rsplit_once("] ;").expect("the list of fields");
    methods.replace(' ', "")
}
