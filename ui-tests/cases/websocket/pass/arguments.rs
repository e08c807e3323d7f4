//! What may stand before the connection.

#![deny(warnings)]

use std::{net::IpAddr, str::FromStr};

use axum::{
    body::Bytes,
    extract::{Request, rejection::QueryRejection},
    http::Uri,
};
use ignitia::{FromRef, prelude::*};
use serde::Deserialize;

#[derive(Clone)]
struct App {
    db: Db,
}

#[derive(Clone)]
struct Db;

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

#[derive(Deserialize)]
struct Login {
    token: String,
}

#[derive(Debug)]
struct RoomId(u64);

impl FromStr for RoomId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[websocket("/none")]
async fn none(_: WebSocketConnection) -> Response {
    Response::ok()
}

#[websocket("/parameters/<room>/<seat>/<from>/<rest..>")]
async fn parameters(room: RoomId, seat: u8, from: IpAddr, rest: String, _: WebSocketConnection) -> String {
    format!("{room:?} {} {seat} {from} {rest}", room.0)
}

#[websocket("/parameter-changed/<room>")]
async fn parameter_changed(mut room: String, _: WebSocketConnection) -> String {
    room.push('!');
    room
}

#[websocket("/anywhere/<a>/<b>")]
async fn parameters_in_any_order(
    headers: Headers,
    b: u8,
    cookies: Cookies,
    a: u8,
    _: WebSocketConnection,
) -> String {
    format!("{a} {b} {} {:?}", headers.len(), cookies.get("session_id"))
}

#[websocket("/path/<room>/<seat>")]
async fn all_parameters_at_once(Path((room, seat)): Path<(String, u8)>, _: WebSocketConnection) -> String {
    format!("{room} {seat}")
}

#[websocket("/path-of-one/<room>")]
async fn of_one(Path(room): Path<String>, _: WebSocketConnection) -> String {
    room
}

#[websocket("/path-named/<room>")]
async fn named(room: Path<String>, _: WebSocketConnection) -> String {
    room.0
}

#[websocket("/path-maybe/<room>")]
async fn maybe(room: Option<Path<u8>>, _: WebSocketConnection) -> String {
    room.map_or_else(String::new, |Path(room)| room.to_string())
}

#[websocket("/state")]
async fn state_and_a_part_of_it(
    State(_app): State<App>,
    State(Db): State<Db>,
    _: WebSocketConnection,
) -> Response {
    Response::ok()
}

#[websocket("/taken-apart")]
async fn taken_apart(
    Headers(headers): Headers,
    Cookies(cookies): Cookies,
    RequestId(id): RequestId,
    uri: Uri,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    let session = cookies.get("session_id").unwrap_or_default();
    ws.send_text(format!("{id} {session} {uri} {}", headers.len())).await?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

#[websocket("/query")]
async fn query(login: Result<Query<Login>, QueryRejection>, _: WebSocketConnection) -> Response {
    match login {
        Ok(Query(login)) => Response::text(login.token),
        Err(_) => Response::bad_request("Who are you?"),
    }
}

#[websocket("/body")]
async fn body(State(Db): State<Db>, Json(login): Json<Login>, _: WebSocketConnection) -> Response {
    Response::text(login.token)
}

#[websocket("/bytes/<room>")]
async fn bytes(room: u8, body: Bytes, _: WebSocketConnection) -> String {
    format!("{room} {}", body.len())
}

#[websocket("/request")]
async fn whole_request(request: Request, _: WebSocketConnection) -> Response {
    Response::text(request.uri().to_string())
}

#[websocket("/seven/<room>/<seat>")]
async fn seven(
    room: u8,
    _: State<App>,
    _: State<Db>,
    _: Headers,
    seat: u8,
    _: Extension<u8>,
    _: Json<Login>,
    _: WebSocketConnection,
) -> String {
    format!("{room} {seat}")
}

#[websocket("/static")]
async fn of_static(Extension(name): Extension<&'static str>, _: WebSocketConnection) -> &'static str {
    name
}

#[websocket("/function")]
async fn of_function(length: Extension<for<'a> fn(&'a str) -> usize>, _: WebSocketConnection) -> String {
    length.0("seven").to_string()
}

fn main() {
    let router = Router::new()
        .mount(none)
        .mount(parameters)
        .mount(parameter_changed)
        .mount(parameters_in_any_order)
        .mount(all_parameters_at_once)
        .mount(of_one)
        .mount(named)
        .mount(maybe)
        .mount(taken_apart)
        .mount(query)
        .mount(bytes)
        .mount(whole_request)
        .mount(of_static)
        .mount(of_function)
        .state(App { db: Db })
        .mount(state_and_a_part_of_it)
        .mount(body)
        .mount(seven);
    assert!(router.into_axum().is_ok());
    assert_eq!(parameters::EXTRACTORS, [""; 0]);
    assert_eq!(seven::PARAMETERS, ["room", "seat"]);
    assert_eq!(seven::EXTRACTORS, ["State<App>", "State<Db>", "Headers", "Extension<u8>", "Json<Login>"]);
    let from: IpAddr = "::1".parse().expect("an address");
    assert_eq!(parameters::uri(7, 1, from, "a b/c"), "/parameters/7/1/%3A%3A1/a%20b/c");
}
