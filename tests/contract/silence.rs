//! Parts that a contract leaves out: it has to name them as problems.

use std::collections::HashMap;

use axum::extract::rejection::QueryRejection;
use ignitia::{TypedConnection, prelude::*};
use serde_json::Value;

use super::{document, keys};

#[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
#[serde(tag = "type")]
enum Go {
    Go,
}

#[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Gone,
}

#[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
#[serde(tag = "type")]
enum News {
    Fresh,
}

struct Reporter {
    news: Membership<News>,
}

#[websocket("/news/<room>", message = Go, reply = Tell)]
impl Reporter {
    async fn accept(room: String, rooms: Rooms<News>) -> Self {
        Self { news: rooms.reserve(room) }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        self.news.enter(ws)?;
        self.news.broadcast(&News::Fresh)?;
        Ok(())
    }

    #[on(Go)]
    async fn go(&mut self) -> Tell {
        Tell::Gone
    }
}

/// Replies and broadcasts are of two enums.
#[test]
fn messages_of_rooms_beside_replies() {
    let router = Router::new().state(Rooms::<News>::new()).mount_session::<Reporter>().state(());
    let contract = router.contract();
    let module = contract.typescript();
    assert!(module.contains("\"Fresh\"") || !contract.problems().is_empty(), "{module}");
}

type Connection = TypedConnection<Go, Tell>;

#[websocket("/alias")]
async fn alias(ws: Connection) -> Result<Response> {
    drop(ws);
    Ok(Response::ok())
}

#[test]
fn a_typed_connection_by_an_alias() {
    let contract = Router::new().mount(alias).contract();
    let module = contract.typescript();
    assert!(module.contains("Go: undefined") || !contract.problems().is_empty(), "{module}");
}

struct Opaque;

#[websocket("/opaque", message = Go, id = "id", reply = Tell)]
impl Opaque {
    async fn accept() -> Self {
        Self
    }

    #[on(Go)]
    async fn go(&mut self) -> impl ignitia::Reply<Tell> {
        Tell::Gone
    }
}

#[test]
fn a_reply_of_a_type_without_a_name() {
    let contract = Router::new().mount_session::<Opaque>().contract();
    let module = contract.typescript();
    assert!(!module.contains("request: {}") || !contract.problems().is_empty(), "{module}");
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Filter {
    name: String,
}

#[websocket("/filtered")]
async fn filtered(
    filter: Result<Query<Filter>, QueryRejection>,
    ws: TypedConnection<Go, Tell>,
) -> Result<Response> {
    drop((filter.map(|Query(filter)| filter.name), ws));
    Ok(Response::ok())
}

#[test]
fn a_query_in_a_result() {
    let contract = Router::new().mount(filtered).contract();
    assert!(contract.typescript().contains("query: { name: string }") || !contract.problems().is_empty());
}

/// The schema has another name for the variant than serde.
#[test]
fn a_variant_that_schemars_renames() {
    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    enum Ask {
        #[schemars(rename = "other")]
        One,
        Two,
    }

    #[websocket("/renamed", on_message)]
    async fn renamed(ask: Ask) {
        let _ = ask;
    }

    let contract = Router::new().mount(renamed).contract();
    let module = contract.typescript();
    assert!(module.contains("One: undefined") || !contract.problems().is_empty(), "{module}");
}

#[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
#[serde(tag = "type")]
enum Open {
    Any(HashMap<String, Value>),
    More {
        text: String,
        #[serde(flatten)]
        more: HashMap<String, Value>,
    },
}

#[websocket("/open", on_message)]
async fn open(open: Open) {
    match open {
        Open::Any(all) => drop(all),
        Open::More { text, more } => drop((text, more)),
    }
}

/// A map of any values is a payload, and its entries have types.
#[test]
fn maps_of_any_values() {
    let module = Router::new().mount(open).contract().typescript();
    assert!(!module.contains("Any: undefined"), "nothing can be sent: {module}");
    assert!(module.contains("More: { text: string; [key: string]: unknown }"), "{module}");
}

/// A type that contains itself without an object between is an error in TypeScript: TS2456.
#[test]
fn types_that_are_themselves() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Layers(Option<Box<Layers>>);

    #[derive(serde::Deserialize, schemars::JsonSchema, ClientMessage)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "only its schema counts")]
    enum Peel {
        Peel { layers: Layers },
    }

    #[websocket("/peel", on_message)]
    async fn peel(peel: Peel) {
        drop(peel);
    }

    let module = Router::new().mount(peel).contract().typescript();
    assert!(!module.contains("export type Layers = Layers | null"), "{module}");
}

/// Messages of a room with a history have `$at`, which the schema refuses.
#[test]
fn positions_are_allowed_where_there_are_any() {
    #[derive(serde::Serialize, schemars::JsonSchema, ServerMessage)]
    enum Outer {
        Said { text: String },
    }

    struct Listener(Membership<Outer>);

    #[websocket("/listen", message = Go)]
    impl Listener {
        async fn accept(rooms: Rooms<Outer>, resume: ignitia::rooms::Resume) -> Self {
            let (mut room, _) = (rooms.reserve("room"), resume);
            room.leave();
            Self(room)
        }

        #[on(Go)]
        async fn go(&mut self) -> Result<()> {
            self.0.broadcast(&Outer::Said { text: String::new() })?;
            Ok(())
        }
    }

    let router = Router::new().state(Rooms::<Outer>::new()).mount_session::<Listener>().state(());
    let payload = &document(&router)["components"]["messages"]["OuterSaid"]["payload"];
    let is_open = payload["additionalProperties"] != false;
    assert!(is_open || keys(&payload["properties"]).contains(&"$at"), "{payload}");
}
