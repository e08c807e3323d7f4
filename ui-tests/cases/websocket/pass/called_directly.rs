//! An annotated function is one that can be called, as in a unit test.

#![deny(warnings)]

use std::future::{Future, IntoFuture};

use ignitia::prelude::*;

#[derive(Clone)]
struct Db;

#[websocket("/chat/<room>")]
async fn chat(room: String, State(Db): State<Db>, mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        ws.send(message).await?;
    }
    Ok(Response::text(room))
}

async fn called(ws: WebSocketConnection) -> Result<Response> {
    chat("lobby".to_owned(), State(Db), ws).await
}

async fn one_of_another(ws: WebSocketConnection) -> Response {
    called(ws).await.unwrap_or_else(IntoResponse::into_response)
}

#[websocket("/lobby")]
async fn lobby(ws: WebSocketConnection) -> Result<Response> {
    chat("lobby".into(), State(Db), ws).await
}

fn is_send(_: impl Future + Send + 'static) {}

fn main() {
    let _ = |ws| is_send(one_of_another(ws));
    let _ = |ws| is_send(chat("lobby".into(), State(Db), ws).into_future());
    let function = chat;
    let router = Router::new().mount(lobby).state(Db).mount(function);
    assert!(router.into_axum().is_ok());
    assert_eq!((chat::PATH, chat::METHOD), ("/chat/<room>", "GET"));
}
