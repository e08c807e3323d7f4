//! An annotated function is one that can be called, as in a unit test.

#![deny(warnings)]

use std::future::{Future, IntoFuture};

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Db;

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: String },
    Leave,
}

#[derive(Debug, PartialEq, Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Told {
    Said { text: String },
}

#[websocket("/echo/<room>", on_message, id = "id")]
async fn echo(room: String, State(Db): State<Db>, msg: Ask) -> Option<Told> {
    match msg {
        Ask::Say { text } => Some(Told::Said { text: format!("{room}: {text}") }),
        Ask::Leave => None,
    }
}

#[websocket("/lobby", on_message)]
async fn lobby(msg: Ask) -> Option<Told> {
    echo("lobby".into(), State(Db), msg).await
}

#[websocket("/typed")]
async fn typed(mut ws: TypedConnection<Ask, Told>) -> Result<Response> {
    while let Some(Ok(ask)) = ws.recv().await {
        if let Some(told) = lobby(ask).await {
            ws.send(&told).await?;
        }
    }
    Ok(Response::ok())
}

fn by_hand(ws: WebSocketConnection) -> impl Future<Output = Result<Response>> {
    typed(TypedConnection::from(ws)).into_future()
}

fn is_send(_: impl Future + Send + 'static) {}

/// Runs a future that waits for nothing.
fn now<F: IntoFuture>(future: F) -> F::Output {
    let mut future = Box::pin(future.into_future());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

fn main() {
    let said = now(echo("lobby".into(), State(Db), Ask::Say { text: "hi".into() }));
    assert_eq!(said, Some(Told::Said { text: "lobby: hi".into() }));
    assert_eq!(now(lobby(Ask::Leave)), None);
    is_send(lobby(Ask::Leave).into_future());
    let _ = |ws| is_send(by_hand(ws));
    let function = echo;
    let router = Router::new().mount(lobby).mount(typed).state(Db).mount(function);
    assert!(router.into_axum().is_ok());
}
