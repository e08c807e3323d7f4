//! tokio-tungstenite, as its examples use it.

#![allow(clippy::result_large_err, reason = "its callback's type")]

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

type Peers = Arc<Mutex<HashMap<usize, mpsc::UnboundedSender<Message>>>>;

async fn serve(stream: TcpStream, id: usize, peers: Peers) {
    let mut is_fan = false;
    let look = |request: &Request, response: Response| {
        is_fan = request.uri().path() == "/fan";
        Ok(response)
    };
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, look).await else { return };
    if !is_fan {
        while let Some(Ok(message)) = socket.next().await {
            if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
                return;
            }
        }
        return;
    }
    let (mut sink, mut stream) = socket.split();
    let (sender, mut messages) = mpsc::unbounded_channel();
    peers.lock().expect("not poisoned").insert(id, sender);
    let sending = tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        if message.is_text() {
            for peer in peers.lock().expect("not poisoned").values() {
                let _ = peer.send(message.clone());
            }
        }
    }
    peers.lock().expect("not poisoned").remove(&id);
    sending.abort();
}

#[tokio::main]
async fn main() {
    let listener = others::listen().await;
    let peers = Peers::default();
    for id in 0.. {
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(serve(stream, id, peers.clone()));
    }
}
