//! A router whose names and texts are hard on generators of code.

use std::collections::BTreeMap;

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares types with these names in the contract, and an enum that has all of them.
macro_rules! types {
    ($($variant:ident $name:literal)*) => {
        mod types {
            use super::*;

            $(
                #[derive(Deserialize, JsonSchema)]
                #[allow(dead_code, reason = "only its schema counts")]
                #[schemars(rename = $name)]
                pub(super) struct $variant { pub(super) of: Vec<$variant>, pub(super) default: u64 }
            )*
        }

        #[derive(Deserialize, JsonSchema, ClientMessage)]
        #[allow(dead_code, reason = "only its schema counts")]
        #[serde(tag = "the type")]
        #[schemars(rename = "Client")]
        enum Names {
            $(
                #[serde(rename = $name)]
                $variant { #[serde(rename = $name)] value: types::$variant, list: Vec<types::$variant> },
            )*
        }
    };
}

types! {
    Any "any" Array "Array" Arguments "arguments" As "as" Async "async" Await "await" BigInt "BigInt"
    Bigint "bigint" Boolean "boolean" Case "case" Class "class" Client "Client" ClientError "ClientError"
    Connect "connect" Const "const" Constructor "constructor" Date "Date" Debugger "debugger" Declare "declare"
    Default "default" Delete "delete" EndpointInfo "EndpointInfo" Endpoints "Endpoints" Lower "endpoints"
    Enum "enum" Error "Error" Eval "eval" Event "Event" Export "export" Function "Function" Global "global"
    Implements "implements" In "in" Infer "infer" Integer "Integer" Interface "interface" Json "JSON" Keyof "keyof"
    Let "let" Map "Map" Module "module" Namespace "namespace" NaN "NaN" Never "never" New "new" Null "null"
    Number "Number" Object "Object" LowerObject "object" Of "of" Options "Options" Package "package" Partial "Partial"
    Private "private" Promise "Promise" Readonly "Readonly" Record "Record" RegExp "RegExp"
    Set "Set" Static "static" Text "String" LowerText "string" Symbol "Symbol" LowerSymbol "symbol"
    This "this" ToString "toString" True "true" Type "type" Typeof "typeof" Undefined "undefined" Unique "unique"
    Unknown "unknown" Url "URL" Void "void" WebSocket "WebSocket" Window "window" With "with" Yield "yield"
    Umlaut "Größe" OtherUmlaut "Grüße" Chinese "大小" Generic "Page<Item>" Space "a b" Slash "a/b~c" Digit "2nd"
    Empty "" Quote "\"'`" Backslash "\\" Comment "*/ /*" Line "a\u{2028}c" Dollar "a$" Template "`$`"
}

/// Ends here: */ and begins anew: /* // <!-- `${x}` \u{0041} \
/// @ts-nocheck
///
/// 中 🦀 \u{2028} "quoted" 'quoted'
#[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
#[serde(tag = "the \"tag\" \\ */", content = "co\n'ntent`")]
#[schemars(rename = "Server")]
enum Documented {
    /// */ export type Evil = 1; /*
    #[serde(rename = "Error")]
    A {
        /// */ 1; /*
        /// ends with a backslash \
        #[serde(rename = "*/\u{2028}\u{0}")]
        a: u8,
    },
    /// ends with a star *
    #[serde(rename = "ü 🦀")]
    B(u8, String),
    #[serde(rename = "")]
    C,
    #[serde(rename = "`${x}`")]
    D([u64; 2]),
}

mod first {
    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[schemars(rename = "Point")]
    pub(super) struct FirstPoint {
        x: u8,
    }

    #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
    #[schemars(rename = "Message")]
    pub(super) enum FirstMessage {
        Go(FirstPoint),
        Stop,
    }

    #[websocket("/first/play", on_message)]
    pub(super) async fn play(message: FirstMessage) -> FirstMessage {
        message
    }
}

mod second {
    use super::*;

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[schemars(rename = "Point")]
    pub(super) struct SecondPoint {
        y: BTreeMap<i64, SecondPoint>,
    }

    #[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
    #[schemars(rename = "Message")]
    pub(super) enum SecondMessage {
        Go(SecondPoint),
        /// Another one.
        Stop,
    }

    #[websocket("/second/play", on_message)]
    pub(super) async fn play(message: SecondMessage) -> SecondMessage {
        message
    }
}

/// Nothing has this type.
#[derive(Serialize, Deserialize, JsonSchema)]
enum Nothing {}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Chain {
    next: Option<Box<Link>>,
    links: BTreeMap<String, Link>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Link {
    Chain(Chain),
    Links(Vec<Link>),
    Pair(Box<(Link, Chain)>),
    End,
}

#[derive(Serialize, Deserialize, JsonSchema, ClientMessage, ServerMessage)]
enum Odd {
    Empty(Nothing),
    Maybe(Option<Nothing>),
    Unit(()),
    NoElements(),
    NoFields {},
    Recursive(Chain),
    /// Itself.
    Itself(Box<Odd>),
    Several(Vec<Odd>),
}

#[websocket("/names/<class>/<default>", on_message, id = "*/ \u{2028}")]
async fn default(class: String, default: u64, message: Names) -> Documented {
    let _ = (class, default, message);
    Documented::C
}

#[websocket("/documented/<rest..>", on_message, id = "a \"b\" \\")]
async fn constructor(rest: String, message: Documented) -> Documented {
    let _ = rest;
    message
}

#[websocket("/odd", on_message)]
async fn größe(message: Odd) -> Odd {
    message
}

#[websocket("/中", on_message)]
async fn 中(message: Odd) -> Odd {
    message
}

#[websocket("/")]
async fn nothing(ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

pub(crate) fn router() -> Router {
    let twice = || Router::new().mount(first::play).mount(nothing);
    Router::new()
        .mount(first::play)
        .mount(second::play)
        .mount(default)
        .mount(constructor)
        .mount(größe)
        .mount(中)
        .mount(nothing)
        .nest("/v1", twice())
        .nest("/v2", twice())
}
