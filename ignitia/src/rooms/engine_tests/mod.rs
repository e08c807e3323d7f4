//! Rooms of several nodes on an engine in memory. The tests say what each node has heard.

#![expect(clippy::unwrap_used, reason = "an unexpected error must fail the test")]

mod delivery;
mod fake_engine;
mod presence;
mod resuming;
mod seats;

use std::sync::Arc;

use tokio::sync::mpsc;

use self::fake_engine::FakeEngine;
use super::{RoomConfig, Rooms};
use crate::{
    WebSocketConnection,
    message::Message,
    response::ResponseExt,
    router::Router,
    testing::{TestClient, TestSocket},
};

type TextRooms = Rooms<Message, String>;

/// Nodes with the same rooms, and connections to them.
struct Nodes {
    engine: Arc<FakeEngine>,
    rooms: Vec<TextRooms>,
    client: TestClient,
    opened: mpsc::UnboundedReceiver<WebSocketConnection>,
}

impl Nodes {
    fn new(nodes: u32, config: impl Fn() -> RoomConfig<Message>) -> Self {
        let engine = FakeEngine::new();
        let on = |node| Rooms::with_config(config()).on_link(engine.link(node));
        let rooms = (1..=nodes).map(on).collect();
        let (open, opened) = mpsc::unbounded_channel();
        let handler = move |mut ws: WebSocketConnection| {
            let open = open.clone();
            async move {
                ws.accept().await.unwrap();
                open.send(ws.clone()).unwrap();
                while ws.recv().await.is_some() {}
                axum_core::response::Response::ok()
            }
        };
        let client = TestClient::new(Router::new().websocket("/", handler)).unwrap();
        let nodes = Self { engine, rooms, client, opened };
        nodes.engine.run();
        nodes
    }

    async fn open(&mut self) -> (TestSocket, WebSocketConnection) {
        let socket = self.client.connect("/").await;
        (socket, self.opened.recv().await.unwrap())
    }
}

/// Returns the texts that were sent before now.
async fn texts(socket: &mut TestSocket, ws: &WebSocketConnection) -> Vec<String> {
    ws.send_text("mark").await.unwrap();
    let mut texts = Vec::new();
    loop {
        let text = socket.recv_text().await;
        if text == "mark" {
            return texts;
        }
        texts.push(text);
    }
}
