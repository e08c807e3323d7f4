//! Handlers with type parameters, and functions that register whatever handler they are given.

use std::future::Future;

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

async fn of_state<R: Rooms>(State(rooms): State<R>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(rooms.greeting()).await?;
    Ok(Response::ok())
}

async fn of_query<T: DeserializeOwned + Send + 'static>(_: Query<T>, _: WebSocketConnection) -> Response {
    Response::ok()
}

async fn of_constant<const CODE: u16>(_: WebSocketConnection) -> CloseFrame {
    CloseFrame { code: CODE, reason: String::new() }
}

fn routes<R: Rooms>(rooms: R) -> Router<R> {
    Router::new()
        .state(rooms)
        .websocket("/state", of_state::<R>)
        .websocket("/query", of_query::<Vec<(String, String)>>)
        .websocket("/constant", of_constant::<4000>)
}

fn register<F, Fut, Out>(router: Router, handler: F) -> Router
where
    F: Fn(WebSocketConnection) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Out> + Send + 'static,
    Out: IntoResponse,
{
    router.websocket("/given", handler)
}

fn main() {
    let _ = register(Router::new().merge(routes(InMemory)), of_constant::<4001>);
    let _ = register(Router::new(), |_: WebSocketConnection| async { "bye" });
}
