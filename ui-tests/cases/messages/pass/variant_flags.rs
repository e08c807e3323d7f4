//! Options of variants, alone and together.

#![deny(warnings)]

use ignitia::ServerMessage;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said {
        text: String,
    },
    #[message(transient)]
    Typing,
    #[message(uncompressed)]
    Token(Token<'static>),
    #[message(transient, uncompressed)]
    #[deprecated]
    Preview {
        jpeg: String,
    },
    #[message(uncompressed)]
    #[message(transient)]
    r#Type {
        r#fn: u8,
    },
}

#[derive(serde::Serialize)]
struct Token<'a> {
    secret: &'a str,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum AllFlagged<'a, T: serde::Serialize> {
    #[message(uncompressed)]
    Token { secret: &'a str },
    #[message(uncompressed, transient)]
    Any { any: T },
}

/// Returns the flags of the message.
fn flags(message: &impl ServerMessage) -> [bool; 2] {
    [message.is_transient(), message.is_uncompressed()]
}

fn main() {
    assert_eq!(flags(&ServerMsg::Said { text: String::new() }), [false, false]);
    assert_eq!(flags(&ServerMsg::Typing), [true, false]);
    assert_eq!(flags(&ServerMsg::Token(Token { secret: "s" })), [false, true]);
    #[allow(deprecated)]
    let preview = ServerMsg::Preview { jpeg: String::new() };
    assert_eq!(flags(&preview), [true, true]);
    assert_eq!(flags(&ServerMsg::r#Type { r#fn: 1 }), [true, true]);
    let token: AllFlagged<'_, u8> = AllFlagged::Token { secret: "s" };
    assert_eq!(flags(&token), [false, true]);
    assert_eq!(flags(&AllFlagged::Any { any: 1 }), [true, true]);
}
