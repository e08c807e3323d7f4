//! serde's representations of enums, in each of the three shapes of endpoints.

use std::collections::BTreeMap;

use ignitia::{ClientMessage, RouterExt, ServerMessage, TypedConnection, prelude::*};
use serde::{Deserialize, Serialize};

use crate::support::{ask, client, everywhere, text};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Body {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

/// A program that sends and receives the same messages has one enum for both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Internal {
    Unit,
    Empty {},
    Fields { text: String, to: u64 },
    New(Body),
    Map(BTreeMap<String, i64>),
    Nothing(()),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(tag = "t", content = "c", rename_all = "snake_case")]
enum Adjacent {
    Unit,
    Empty {},
    Fields { text: String, to: u64 },
    New(Body),
    Number(i32),
    Pair(u8, String),
    Three(u8, u8, u8),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(rename_all = "snake_case")]
enum External {
    Unit,
    Empty {},
    Fields { text: String, to: u64 },
    New(Body),
    Number(i32),
    Pair(u8, String),
}

/// Texts as a client writes them, which come back unchanged.
const INTERNAL: &[&str] = &[
    r#"{"type":"unit"}"#,
    r#"{"type":"empty"}"#,
    r#"{"type":"fields","text":"a \"quoted\" ü\n","to":18446744073709551615}"#,
    r#"{"type":"new","name":"n"}"#,
    r#"{"type":"new","name":"n","tags":["a","b"]}"#,
    r#"{"type":"map","a":1,"b":-2}"#,
    r#"{"type":"map"}"#,
    r#"{"type":"nothing"}"#,
];
const ADJACENT: &[&str] = &[
    r#"{"t":"unit"}"#,
    r#"{"t":"empty","c":{}}"#,
    r#"{"t":"fields","c":{"text":"x","to":0}}"#,
    r#"{"t":"new","c":{"name":"n","tags":["a"]}}"#,
    r#"{"t":"number","c":-7}"#,
    r#"{"t":"pair","c":[1,"x"]}"#,
    r#"{"t":"three","c":[1,2,3]}"#,
];
const EXTERNAL: &[&str] = &[
    r#""unit""#,
    r#"{"empty":{}}"#,
    r#"{"fields":{"text":"x","to":0}}"#,
    r#"{"new":{"name":"n"}}"#,
    r#"{"number":-7}"#,
    r#"{"pair":[1,"x"]}"#,
];

#[websocket("/function/internal", on_message)]
async fn function_internal(message: Internal) -> Internal {
    message
}

#[websocket("/function/adjacent", on_message)]
async fn function_adjacent(message: Adjacent) -> Option<Adjacent> {
    Some(message)
}

#[websocket("/function/external", on_message)]
async fn function_external(_ws: WebSocketConnection, message: External) -> Vec<External> {
    vec![message]
}

/// Declares a connection loop that sends everything back.
macro_rules! typed {
    ($($name:ident $path:literal $message:ty;)*) => {$(
        #[websocket($path)]
        async fn $name(mut ws: TypedConnection<$message, $message>) -> Result<Response> {
            while let Some(message) = ws.recv().await {
                match message {
                    Ok(message) => ws.send(&message).await?,
                    Err(malformed) => ws.send_error(&malformed).await?,
                }
            }
            Ok(Response::ok())
        }
    )*};
}

typed! {
    typed_internal "/typed/internal" Internal;
    typed_adjacent "/typed/adjacent" Adjacent;
    typed_external "/typed/external" External;
}

struct SessionInternal;

#[websocket("/session/internal", message = Internal, reply = Internal)]
impl SessionInternal {
    async fn accept() -> Self {
        Self
    }

    #[on(Unit)]
    async fn unit(&mut self) -> Internal {
        Internal::Unit
    }

    #[on(Empty {})]
    async fn empty(&mut self) -> Internal {
        Internal::Empty {}
    }

    #[on(Fields { text, to })]
    async fn fields(&mut self, to: u64, text: String) -> Internal {
        Internal::Fields { text, to }
    }

    #[on(New(body))]
    async fn body(&mut self, body: Body) -> Internal {
        Internal::New(body)
    }

    #[on(Map(map))]
    async fn map(&mut self, map: BTreeMap<String, i64>) -> Internal {
        Internal::Map(map)
    }

    #[on(Nothing(nothing))]
    async fn nothing(&mut self, nothing: ()) -> Internal {
        Internal::Nothing(nothing)
    }
}

struct SessionAdjacent;

#[websocket("/session/adjacent", message = Adjacent, reply = Adjacent)]
impl SessionAdjacent {
    async fn accept() -> Result<Self, StatusCode> {
        Ok(Self)
    }

    #[on(Unit)]
    async fn unit(&mut self, _ws: &WebSocketConnection) -> Option<Adjacent> {
        Some(Adjacent::Unit)
    }

    #[on(Empty { .. })]
    async fn empty(&mut self) -> Vec<Adjacent> {
        vec![Adjacent::Empty {}]
    }

    #[on(Fields { text, to: number })]
    async fn fields(&mut self, text: String, number: u64, _ws: &WebSocketConnection) -> Adjacent {
        Adjacent::Fields { text, to: number }
    }

    #[on(New(body))]
    async fn body(&mut self, body: Body) -> Result<Adjacent, Error> {
        Ok(Adjacent::New(body))
    }

    #[on(Number(number))]
    async fn number(&mut self, number: i32) -> Result<Option<Adjacent>, Error> {
        Ok(Some(Adjacent::Number(number)))
    }

    #[on(Pair(a, b))]
    async fn pair(&mut self, b: String, a: u8) -> Adjacent {
        Adjacent::Pair(a, b)
    }

    #[on(Three(first, _, _))]
    async fn three(&mut self, first: u8) -> Adjacent {
        Adjacent::Three(first, 2, 3)
    }
}

struct SessionExternal;

/// Without `reply`: each method has its own type of reply.
#[websocket("/session/external", message = External)]
impl SessionExternal {
    async fn accept() -> Self {
        Self
    }

    #[on(Unit)]
    async fn unit(&self) -> External {
        External::Unit
    }

    #[on(Empty {})]
    async fn empty(&mut self) -> External {
        External::Empty {}
    }

    #[on(Fields { text, to })]
    async fn fields(&mut self, text: String, to: u64) -> External {
        External::Fields { text, to }
    }

    #[on(New(body))]
    async fn body(&mut self, body: Body) -> External {
        External::New(body)
    }

    #[on(Number(number))]
    async fn number(&mut self, number: i32) -> External {
        External::Number(number)
    }

    #[on(Pair(a, b))]
    async fn pair(&mut self, a: u8, b: String) -> External {
        External::Pair(a, b)
    }
}

fn ours() -> Router {
    Router::new()
        .mount(function_internal)
        .mount(function_adjacent)
        .mount(function_external)
        .mount(typed_internal)
        .mount(typed_adjacent)
        .mount(typed_external)
        .mount_session::<SessionInternal>()
        .mount_session::<SessionAdjacent>()
        .mount_session::<SessionExternal>()
}

fn axums() -> axum::Router {
    axum::Router::new()
        .mount(function_internal)
        .mount(function_adjacent)
        .mount(function_external)
        .mount(typed_internal)
        .mount(typed_adjacent)
        .mount(typed_external)
        .mount_session::<SessionInternal>()
        .mount_session::<SessionAdjacent>()
        .mount_session::<SessionExternal>()
}

async fn everything_comes_back(router: impl Fn() -> axum::Router) {
    everywhere(router, async |server| {
        for shape in ["function", "typed", "session"] {
            for (name, texts) in [("internal", INTERNAL), ("adjacent", ADJACENT), ("external", EXTERNAL)] {
                let mut socket = server.open(&format!("/{shape}/{name}")).await;
                for message in texts {
                    socket.send(&text(message)).await;
                    socket.expect_text(message).await;
                }
                socket.send(&text("{}")).await;
                let frame = socket.frame().await;
                let error: serde_json::Value = serde_json::from_slice(&frame.payload).unwrap();
                assert_eq!(error["type"], "$error", "{shape} {name}: {error}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_representation_works_in_our_router() {
    everything_comes_back(|| ours().into_axum().unwrap()).await;
}

#[tokio::test]
async fn every_representation_works_in_axums_router() {
    everything_comes_back(axums).await;
}

/// JSON of the same meaning is the same message: white space, the order of the fields, escapes,
/// unknown fields.
#[tokio::test]
async fn json_of_the_same_meaning_is_the_same_message() {
    let internal: &[(&str, &[&str])] = &[
        (
            r#"{"type":"fields","text":"hi","to":7}"#,
            &[
                r#"{"text":"hi","to":7,"type":"fields"}"#,
                r#"{"text":"hi","type":"fields","to":7}"#,
                r#"{"to":7,"type":"fields","text":"hi"}"#,
                "\n\t{ \"type\" : \"fields\" ,\r\n \"to\" : 7 , \"text\" : \"hi\" } \n",
                r#"{"\u0074ype":"fields","text":"hi","to":7}"#,
                r#"{"text":"hi","\u0074\u0079pe":"fields","to":7}"#,
                r#"{"type":"f\u0069elds","text":"hi","to":7}"#,
                r#"{"to":7,"text":"hi","\u0074ype":"\u0066ields"}"#,
                r#"{"type":"fields","\u0074ext":"\u0068i","to":7}"#,
                r#"{"unknown":[{"type":1}],"type":"fields","text":"hi","to":7,"other":{"type":"unit"}}"#,
                r#"["fields","hi",7]"#,
                r#" ["\u0066ields","hi",7]"#,
            ],
        ),
        (
            r#"{"type":"unit"}"#,
            &[
                r#"{"type":"unit","more":1}"#,
                r#"{"more":{"a":[]},"type":"unit"}"#,
                r#"["unit"]"#,
                r#"{"\u0074ype":"\u0075nit"}"#,
            ],
        ),
        (
            r#"{"type":"new","name":"n","tags":["a"]}"#,
            &[
                r#"{"name":"n","tags":["a"],"type":"new"}"#,
                r#"{"type":"new","tags":["a"],"name":"n","x":null}"#,
                r#"{"tags":["\u0061"],"type":"n\u0065w","x":null,"name":"n"}"#,
            ],
        ),
        (
            r#"{"type":"map","a":1,"b":-2}"#,
            &[r#"{"b":-2,"type":"map","a":1}"#, r#"{"b":-2,"a":1,"type":"map"}"#],
        ),
    ];
    let adjacent: &[(&str, &[&str])] = &[
        (
            r#"{"t":"fields","c":{"text":"x","to":0}}"#,
            &[
                r#"{"c":{"to":0,"text":"x"},"t":"fields"}"#,
                r#"{"\u0063":{"text":"x","to":0},"\u0074":"\u0066ields"}"#,
                r#"{"z":0,"t":"fields","y":0,"c":{"text":"x","to":0,"x":0},"x":0}"#,
                r#"["fields",{"to":0,"text":"x"}]"#,
            ],
        ),
        (r#"{"t":"unit"}"#, &[r#"{"t":"unit","c":null}"#, r#"{"c":null,"t":"unit"}"#, r#"["unit",null]"#]),
        (r#"{"t":"pair","c":[1,"x"]}"#, &[r#"{"c":[1,"x"],"t":"pair"}"#]),
    ];
    let external: &[(&str, &[&str])] = &[
        (r#""unit""#, &[r#"{"unit":null}"#, r#" "\u0075nit" "#]),
        (
            r#"{"fields":{"text":"x","to":0}}"#,
            &[r#"{"fields":["x",0]}"#, r#"{ "\u0066ields" : {"to":0,"text":"x"} }"#],
        ),
    ];
    let client = client(ours());
    for shape in ["function", "typed", "session"] {
        for (name, cases) in [("internal", internal), ("adjacent", adjacent), ("external", external)] {
            let mut socket = client.connect(&format!("/{shape}/{name}")).await;
            for (canonical, others) in cases {
                for other in *others {
                    let canonical: serde_json::Value = serde_json::from_str(canonical).unwrap();
                    assert_eq!(ask(&mut socket, *other).await, canonical, "{shape} {name}: {other}");
                }
            }
        }
    }
}

#[test]
fn constants_reflect_the_declaration() {
    assert_eq!((function_internal::PATH, function_internal::METHOD), ("/function/internal", "GET"));
    assert_eq!((function_internal::MESSAGE, function_internal::REPLY), (Some("Internal"), Some("Internal")));
    assert_eq!(function_external::REPLY, Some("Vec<External>"));
    assert_eq!((typed_adjacent::MESSAGE, typed_adjacent::REPLY), (Some("Adjacent"), Some("Adjacent")));
    assert_eq!((SessionInternal::MESSAGE, SessionInternal::REPLY), (Some("Internal"), Some("Internal")));
    assert_eq!((SessionExternal::MESSAGE, SessionExternal::REPLY), (Some("External"), None));
    assert_eq!(
        (SessionExternal::PATH, SessionExternal::uri()),
        ("/session/external", "/session/external".into())
    );
    assert_eq!(SessionExternal::METHOD, "GET");
    assert!(SessionExternal::PARAMETERS.is_empty() && SessionExternal::EXTRACTORS.is_empty());
}
