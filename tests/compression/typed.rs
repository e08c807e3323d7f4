//! Typed endpoints: replies are compressed as JSON, and variants may say no.

use ignitia::{ClientMessage, ServerMessage, TypedConnection, prelude::*, websocket::Compression};
use serde::{Deserialize, Serialize};

use super::{
    peer::{OFFER, Peer, serve},
    prose, with,
};
use crate::support::{everywhere, text};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Say { text: String },
    Secret { text: String },
    Both { text: String },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Said {
        text: String,
    },
    #[message(uncompressed)]
    Secret {
        text: String,
    },
}

fn said(text: &str) -> Tell {
    Tell::Said { text: text.into() }
}

fn secret(text: &str) -> Tell {
    Tell::Secret { text: text.into() }
}

fn answers(ask: Ask) -> Vec<Tell> {
    match ask {
        Ask::Say { text } => vec![said(&text)],
        Ask::Secret { text } => vec![secret(&text)],
        Ask::Both { text } => vec![said(&text), secret(&text), said(&text)],
    }
}

#[websocket("/on_message", on_message)]
async fn on_message(ask: Ask) -> Vec<Tell> {
    answers(ask)
}

#[websocket("/typed")]
async fn typed(mut ws: TypedConnection<Ask, Tell>) -> Result<Response> {
    while let Some(Ok(ask)) = ws.recv().await {
        for tell in answers(ask) {
            ws.send(&tell).await?;
        }
    }
    Ok(Response::ok())
}

struct Session;

#[websocket("/session", message = Ask)]
impl Session {
    async fn accept() -> Result<Self> {
        Ok(Self)
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Tell {
        said(&text)
    }

    #[on(Secret { text })]
    async fn secret(&mut self, text: String) -> Tell {
        secret(&text)
    }

    #[on(Both { text })]
    async fn both(&mut self, text: String) -> Vec<Tell> {
        answers(Ask::Both { text })
    }
}

fn router() -> Router {
    Router::new()
        .mount(on_message)
        .mount(typed)
        .mount_session::<Session>()
        .websocket_config(with(Compression::shared()))
}

#[tokio::test]
async fn replies_are_compressed_unless_their_variant_says_no() {
    everywhere(router, async |server| {
        for path in ["/on_message", "/typed", "/session"] {
            let mut peer = Peer::open(&server, path, OFFER).await;
            for (kind, length, expected) in [
                ("say", 1_000, &[("said", true)][..]),
                ("secret", 1_000, &[("secret", false)]),
                ("both", 1_000, &[("said", true), ("secret", false), ("said", true)]),
                ("both", 10, &[("said", false), ("secret", false), ("said", false)]),
            ] {
                let content = "so many words. ".repeat(length / 15);
                let ask = serde_json::json!({ "type": kind, "text": content }).to_string();
                peer.send_text(&ask).await;
                for (tag, is_compressed) in expected {
                    let tell = format!(r#"{{"type":"{tag}","text":"{content}"}}"#);
                    assert_eq!(peer.expect_text(&tell).await, *is_compressed, "{path}: {kind}, {length}");
                }
            }
        }
    })
    .await;
}

/// Requests with an id, errors, and the application's own pings.
#[tokio::test]
async fn the_rest_of_the_protocol_works_compressed() {
    let server = serve(router()).await;
    for path in ["/on_message", "/typed", "/session"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        peer.send_text(r#"{"type":"$ping"}"#).await;
        assert!(!peer.expect_text(r#"{"type":"$pong"}"#).await);
        let content = prose(1, 600).replace('"', "'");
        let ask = serde_json::json!({ "type": "say", "text": content, "id": 7 }).to_string();
        peer.send_text(&ask).await;
        let received = peer.message().await;
        assert!(received.compressed.is_some() && received.text().contains(&content));
        if path == "/typed" {
            continue;
        }
        // A type that does not exist, as long as it can be.
        let unknown = serde_json::json!({ "type": "x".repeat(50), "text": content }).to_string();
        peer.send_text(&unknown).await;
        let received = peer.message().await;
        assert!(received.text().contains("error"), "{}", received.text());
        peer.socket.send(&text(&ask)).await;
        assert!(peer.message().await.text().contains(&content));
    }
}
