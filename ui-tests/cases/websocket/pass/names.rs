//! Functions and arguments with names that the expansion could take for its own.

#![deny(warnings)]

use ignitia::prelude::*;

#[derive(Clone)]
struct App;

#[websocket("/config/<config>")]
async fn config(config: String, _: WebSocketConnection) -> String {
    config
}

#[websocket("/raw/<type>/<r>")]
async fn r#async(r#type: String, r: u8, _: WebSocketConnection) -> String {
    format!("{type} {r}", type = r#type)
}

#[websocket("/ours/<request>/<name>/<path>")]
async fn request(
    request: String,
    name: String,
    path: String,
    State(App): State<App>,
    state: State<App>,
    __ws: WebSocketConnection,
) -> String {
    let State(App) = state;
    drop(__ws);
    request + &name + &path
}

#[websocket("/underscores/<__request>/<__state>/<__argument_0>/<arg1>/<_hidden>")]
async fn ws(
    Headers(arg4): Headers,
    __request: u8,
    __state: u8,
    __argument_0: u8,
    arg1: u8,
    _hidden: u8,
    __uri: Cookies,
    ws: WebSocketConnection,
) -> Result<String> {
    ws.send_text("hello").await?;
    Ok(format!("{} {__request} {__state} {__argument_0} {arg1} {}", arg4.len(), __uri.get("a").unwrap_or("")))
}

#[allow(non_camel_case_types)]
mod types {
    use super::{State, WebSocketConnection, websocket};

    #[derive(Clone)]
    pub struct S;

    #[websocket("/types/<uri>")]
    pub async fn types<Via: Clone + Send + Sync + 'static>(
        uri: String,
        _: State<S>,
        _: State<Via>,
        _: WebSocketConnection,
    ) -> String {
        uri
    }
}

#[allow(dead_code)]
mod shadowed {
    use super::{WebSocketConnection, websocket};

    pub struct Option;
    pub struct Result;
    pub struct String;
    pub struct Send;
    pub struct Vec;
    pub mod core {}
    pub mod std {}
    pub mod ignitia {}

    #[websocket("/shadowed/<name>")]
    pub async fn shadowed(name: u8, _: WebSocketConnection) -> ::std::string::String {
        name.to_string()
    }
}

#[websocket("/patterns")]
async fn patterns(
    State(_): State<App>,
    _state @ State(App): State<App>,
    Query(pairs): Query<Vec<(String, String)>>,
    mut ws: WebSocketConnection,
) -> String {
    while ws.recv().await.is_some() {}
    pairs.len().to_string()
}

fn main() {
    let router = Router::new()
        .mount(config)
        .mount(r#async)
        .mount(ws)
        .mount(shadowed::shadowed)
        .state(App)
        .mount(request)
        .mount(patterns)
        .state(types::S)
        .mount(types::types::<types::S>);
    assert!(router.into_axum().is_ok());
    assert_eq!(r#async::PARAMETERS, ["type", "r"]);
    assert_eq!(r#async::uri("a", 1), "/raw/a/1");
    assert_eq!(ws::uri(1, 2, 3, 4, 5), "/underscores/1/2/3/4/5");
}
