//! Handlers with type parameters and constants.

#![deny(warnings)]

use std::{fmt::Debug, str::FromStr};

use ignitia::prelude::*;
use serde::de::DeserializeOwned;

trait Rooms: Clone + Send + Sync + 'static {
    fn greeting(&self) -> &'static str;
}

#[derive(Clone)]
struct InMemory;

impl Rooms for InMemory {
    fn greeting(&self) -> &'static str {
        "hello"
    }
}

#[websocket("/state")]
async fn of_state<R: Rooms>(State(rooms): State<R>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(rooms.greeting()).await?;
    Ok(Response::ok())
}

#[websocket("/query")]
async fn of_query<T>(query: Query<T>, _: WebSocketConnection) -> String
where
    T: DeserializeOwned + Debug + Send + 'static,
{
    format!("{:?}", query.0)
}

#[websocket("/parameter/<id>")]
async fn of_parameter<Id>(id: Id, _: WebSocketConnection) -> String
where
    Id: FromStr + Debug + Send + 'static,
{
    format!("{id:?}")
}

#[websocket("/constant")]
async fn of_constant<const CODE: u16>(_: WebSocketConnection) -> CloseFrame {
    CloseFrame { code: CODE, reason: String::new() }
}

#[websocket("/both/<name>")]
async fn of_both<R, const N: usize>(name: String, State(rooms): State<R>, _: WebSocketConnection) -> String
where
    R: Rooms,
{
    format!("{}, {}", rooms.greeting(), name.repeat(N))
}

fn routes<R: Rooms>(rooms: R) -> Router<R> {
    Router::new()
        .state(rooms)
        .mount(of_state::<R>)
        .mount(of_query::<Vec<(String, String)>>)
        .mount(of_parameter::<u64>)
        .mount(of_constant::<4000>)
        .mount(of_both::<R, 3>)
}

fn main() {
    assert!(Router::new().merge(routes(InMemory)).into_axum().is_ok());
    assert_eq!(of_parameter::<u64>::uri(7), "/parameter/7");
}
