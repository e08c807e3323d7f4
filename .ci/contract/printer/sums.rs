//! The endpoint of the front ends in the README and in the documentation of `ignitia::contract`.

use ignitia::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMsg {
    Add { a: i32, b: i32 },
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMsg {
    Sum { is: i32 },
}

#[websocket("/sums", on_message, id = "id")]
async fn sums(msg: ClientMsg) -> ServerMsg {
    match msg {
        ClientMsg::Add { a, b } => ServerMsg::Sum { is: a.wrapping_add(b) },
    }
}

pub(crate) fn router() -> Router {
    Router::new().mount(sums)
}
