//! Functions and closures of many shapes as handlers.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ignitia::prelude::*;

use crate::support::client;

async fn named(mut ws: WebSocketConnection) -> Response {
    ws.send_text("Welcome to the chat!").await.ok();
    while let Some(message) = ws.recv().await {
        if let Message::Text(text) = message {
            ws.send_text(format!("You said: {text}")).await.ok();
        }
    }
    Response::ok()
}

fn boxed(ws: WebSocketConnection) -> Pin<Box<dyn Future<Output = Response> + Send>> {
    Box::pin(named(ws))
}

async fn generic<const N: usize>(ws: WebSocketConnection) -> Result<String> {
    ws.send_text(N.to_string()).await?;
    Ok("done".into())
}

struct Greeter {
    greeting: String,
}

impl Greeter {
    async fn associated(ws: WebSocketConnection) -> Result<&'static str> {
        ws.send_text("associated").await?;
        Ok("done")
    }

    async fn greet(&self, ws: WebSocketConnection) -> Result<Response> {
        ws.send_text(&self.greeting).await?;
        Ok(Response::ok())
    }
}

/// Greets the handler, expects its echo, and closes.
async fn converse(router: Router) {
    let mut socket = client(router).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "Welcome to the chat!");
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "You said: hello");
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}

/// Receives one text and the close frame; returns the text.
async fn listen(router: Router) -> String {
    let mut socket = client(router).connect("/ws").await;
    let heard = socket.recv_text().await;
    socket.expect_close(1000).await;
    heard
}

#[tokio::test]
async fn a_named_function_is_a_handler() {
    converse(Router::new().websocket("/ws", named)).await;
}

#[tokio::test]
async fn a_function_pointer_with_a_boxed_future_is_a_handler() {
    let pointer: fn(WebSocketConnection) -> Pin<Box<dyn Future<Output = Response> + Send>> = boxed;
    converse(Router::new().websocket("/ws", boxed)).await;
    converse(Router::new().websocket("/ws", pointer)).await;
}

#[tokio::test]
async fn a_closure_that_passes_the_connection_on_is_a_handler() {
    converse(Router::new().websocket("/ws", |ws: WebSocketConnection| async move { named(ws).await })).await;
    converse(Router::new().websocket("/ws", |ws: WebSocketConnection| named(ws))).await;
}

#[tokio::test]
async fn an_async_closure_is_a_handler() {
    converse(Router::new().websocket("/ws", async |ws: WebSocketConnection| named(ws).await)).await;
}

#[tokio::test]
async fn a_closure_keeps_what_it_captured_from_call_to_call() {
    let visits = Arc::new(AtomicUsize::new(0));
    let router = Router::new().websocket("/ws", {
        let visits = visits.clone();
        move |ws: WebSocketConnection| {
            let visit = visits.fetch_add(1, Ordering::Relaxed) + 1;
            async move {
                ws.send_text(format!("visit {visit}")).await?;
                Ok::<_, Error>(Response::ok())
            }
        }
    });
    let client = client(router);
    for visit in 1..=3 {
        assert_eq!(client.connect("/ws").await.recv_text().await, format!("visit {visit}"));
    }
    assert_eq!(visits.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn associated_functions_and_methods_are_handlers() {
    assert_eq!(listen(Router::new().websocket("/ws", generic::<7>)).await, "7");
    assert_eq!(listen(Router::new().websocket("/ws", Greeter::associated)).await, "associated");
    let greeter = Arc::new(Greeter { greeting: "good day".into() });
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| {
        let greeter = greeter.clone();
        async move { greeter.greet(ws).await }
    });
    assert_eq!(listen(router).await, "good day");
}

#[tokio::test]
async fn one_function_may_serve_several_routes() {
    let client = client(Router::new().websocket("/a", named).websocket("/b", named));
    for path in ["/a", "/b"] {
        assert_eq!(client.connect(path).await.recv_text().await, "Welcome to the chat!");
    }
}
