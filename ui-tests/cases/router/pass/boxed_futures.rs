//! Handlers behind `dyn`: the future, the function, or both.

use std::{future::Future, pin::Pin, sync::Arc};

use ignitia::prelude::*;

type BoxFuture = Pin<Box<dyn Future<Output = Response> + Send>>;
type Handler = Arc<dyn Fn(WebSocketConnection) -> BoxFuture + Send + Sync>;

fn boxed(mut ws: WebSocketConnection) -> BoxFuture {
    Box::pin(async move {
        while ws.recv().await.is_some() {}
        Response::ok()
    })
}

fn main() {
    let handlers: [(&str, Handler); 2] = [
        ("/boxed", Arc::new(boxed)),
        ("/closure", Arc::new(|_| Box::pin(async { Response::not_found("Nobody is here") }))),
    ];
    let pointer: fn(WebSocketConnection) -> BoxFuture = boxed;
    let mut router = Router::new().websocket("/fn", boxed).websocket("/pointer", pointer);
    for (path, handler) in handlers {
        router = router.websocket(path, move |ws: WebSocketConnection| handler(ws));
    }
    assert!(router.into_axum().is_ok());
}
