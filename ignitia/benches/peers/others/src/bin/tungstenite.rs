//! tokio-tungstenite, used as in its own examples.

#![allow(clippy::result_large_err, reason = "the type of tungstenite's callback")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::tungstenite::{
    Message,
    handshake::server::{Request, Response},
};

/// Senders of the connections to `/fan`, by id.
type FanOutMembers = Arc<Mutex<HashMap<usize, mpsc::UnboundedSender<Message>>>>;

async fn serve(stream: TcpStream, id: usize, members: FanOutMembers) {
    let mut is_fan_out = false;
    let read_path = |request: &Request, response: Response| {
        is_fan_out = request.uri().path() == "/fan";
        Ok(response)
    };
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, read_path).await else { return };
    if !is_fan_out {
        while let Some(Ok(message)) = socket.next().await {
            if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
                return;
            }
        }
        return;
    }
    let (mut sink, mut stream) = socket.split();
    let (sender, mut messages) = mpsc::unbounded_channel();
    members.lock().expect("not poisoned").insert(id, sender);
    let sending = tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        if message.is_text() {
            for member in members.lock().expect("not poisoned").values() {
                let _ = member.send(message.clone());
            }
        }
    }
    members.lock().expect("not poisoned").remove(&id);
    sending.abort();
}

#[tokio::main]
async fn main() {
    let listener = others::listen().await;
    let members = FanOutMembers::default();
    for id in 0.. {
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(serve(stream, id, members.clone()));
    }
}
