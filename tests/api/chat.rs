//! A chat that keeps handles in a map and has a task per member that forwards a broadcast channel.

use std::{collections::HashMap, sync::Arc};

use ignitia::{prelude::*, testing::TestSocket, websocket::ConnectionId};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Mutex, broadcast},
    task::JoinHandle,
};

use crate::support::client;

#[derive(Clone, Serialize, Deserialize)]
struct ChatMessage {
    user: String,
    message: String,
}

#[derive(Clone)]
struct ChatRoom {
    users: Arc<Mutex<HashMap<String, WebSocketConnection>>>,
    connections: Arc<Mutex<HashMap<ConnectionId, WebSocketConnection>>>,
    forwarders: Arc<Mutex<Vec<JoinHandle<()>>>>,
    broadcast: broadcast::Sender<ChatMessage>,
}

impl ChatRoom {
    fn new() -> Self {
        let (broadcast, _) = broadcast::channel(100);
        Self { users: Arc::default(), connections: Arc::default(), forwarders: Arc::default(), broadcast }
    }
}

async fn chat(
    State(room): State<ChatRoom>,
    Path(username): Path<String>,
    mut ws: WebSocketConnection,
) -> Response {
    {
        let mut users = room.users.lock().await;
        users.insert(username.clone(), ws.clone());
    }
    room.connections.lock().await.insert(ws.id(), ws.clone());

    let mut rx = room.broadcast.subscribe();
    let ws_clone = ws.clone();
    let forwarder = tokio::spawn(async move {
        while let Ok(message) = rx.recv().await {
            ws_clone.send_json(&message).await.ok();
        }
    });
    room.forwarders.lock().await.push(forwarder);

    ws.send_text("joined").await.ok();
    while let Some(message) = ws.recv().await {
        match message {
            Message::Text(text) if text == "leave" => break,
            Message::Text(message) => {
                room.broadcast.send(ChatMessage { user: username.clone(), message }).ok();
            }
            _ => {}
        }
    }
    // The program forgets to remove its member from one of the maps.
    room.users.lock().await.remove(&username);
    Response::ok()
}

fn open(room: &ChatRoom) -> Router<ChatRoom> {
    Router::new().state(room.clone()).websocket("/chat/{username}", chat)
}

async fn expect(socket: &mut TestSocket, user: &str, message: &str) {
    let received: ChatMessage = socket.recv_json().await;
    assert_eq!((received.user.as_str(), received.message.as_str()), (user, message));
}

#[tokio::test]
async fn every_member_receives_every_message() {
    let room = ChatRoom::new();
    let client = client(open(&room));
    let mut ann = client.connect("/chat/ann").await;
    let mut bob = client.connect("/chat/bob").await;
    for socket in [&mut ann, &mut bob] {
        assert_eq!(socket.recv_text().await, "joined");
    }
    ann.send_text("hi bob").await;
    expect(&mut ann, "ann", "hi bob").await;
    expect(&mut bob, "ann", "hi bob").await;
    bob.send_text("hi ann").await;
    expect(&mut ann, "bob", "hi ann").await;
    expect(&mut bob, "bob", "hi ann").await;
}

#[tokio::test]
async fn the_connection_ends_with_its_handler_although_clones_exist() {
    let room = ChatRoom::new();
    let client = client(open(&room));
    let mut ann = client.connect("/chat/ann").await;
    let mut bob = client.connect("/chat/bob").await;
    for socket in [&mut ann, &mut bob] {
        assert_eq!(socket.recv_text().await, "joined");
    }
    ann.send_text("leave").await;
    ann.expect_close(1000).await;
    ann.expect_end().await;

    bob.send_text("is she gone?").await;
    expect(&mut bob, "bob", "is she gone?").await;
    let connections = room.connections.lock().await;
    let (open, closed): (Vec<_>, Vec<_>) = connections.values().partition(|handle| !handle.is_closed());
    assert_eq!((open.len(), closed.len()), (1, 1));
    assert!(closed[0].send_text("anybody?").await.is_err_and(|error| error.is_closed()));
    assert!(room.forwarders.lock().await.iter().all(|forwarder| !forwarder.is_finished()));
}

#[tokio::test]
async fn a_member_can_be_written_to_and_closed_from_outside() {
    let room = ChatRoom::new();
    let mut ann = client(open(&room)).connect("/chat/ann").await;
    assert_eq!(ann.recv_text().await, "joined");
    let handle = room.users.lock().await["ann"].clone();
    handle.send_text("a word in private").await.unwrap();
    assert_eq!(ann.recv_text().await, "a word in private");
    let frame = CloseFrame { code: 4003, reason: "house rules".into() };
    handle.close(Some(frame.clone())).await.unwrap();
    assert_eq!(ann.expect_close(4003).await, frame);
    ann.expect_end().await;
    assert_eq!(handle.closed().await.frame, Some(frame));
}
