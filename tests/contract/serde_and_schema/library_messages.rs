//! Messages of the library itself, as a server sends them and as the document has them.

use ignitia::{
    prelude::*,
    rooms::{History, Resume, RoomConfig},
    testing::TestSocket,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    kind,
    schemas::{MessageSchema, Schemas},
};
use crate::support::client;

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: String },
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Said { text: String },
}

struct Chat {
    room: Membership<Tell>,
    resume: Resume,
}

#[websocket("/rooms/<room>", message = Ask, reply = Tell, id = "id")]
impl Chat {
    async fn accept(room: String, rooms: Rooms<Tell>, resume: Resume) -> Self {
        Self { room: rooms.reserve(room), resume }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        self.room.resume(ws, (), self.resume.clone()).await?;
        Ok(())
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Result<()> {
        self.room.broadcast(&Tell::Said { text })?;
        Ok(())
    }
}

/// Returns the next message, after a check that the document has its kind.
async fn next(socket: &mut TestSocket, kinds: &[MessageSchema]) -> (String, Value) {
    let text = socket.recv_text().await;
    (kind(kinds, &text).to_owned(), serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn what_a_server_sends_is_what_the_document_has() {
    let config = RoomConfig::default().history(History::default());
    let router = Router::new().state(Rooms::<Tell>::with_config(config)).mount_session::<Chat>();
    let kinds = Schemas::of(&router.contract()).of_library;
    let client = client(router);
    let mut socket = client.connect("/rooms/a").await;
    let (name, joined) = next(&mut socket, &kinds).await;
    assert_eq!(name, "joined");
    for (sent, answer) in [
        (r#"{"type":"Sing"}"#, "error"),
        (r#"{"type":"Sing","id":7}"#, "error"),
        (r#"{"type":"Say","text":1,"id":"x"}"#, "error"),
        (r#"{"type":"$ping"}"#, "pong"),
        (r#"{"type":"$ping","id":"x"}"#, "pong"),
    ] {
        socket.send_text(sent).await;
        assert_eq!(next(&mut socket, &kinds).await.0, answer, "{sent}");
    }
    let position = joined["$at"].as_str().unwrap();
    for (shown, field) in [(position, "recovered"), ("0.1", "lost")] {
        let mut socket = client.connect(&format!("/rooms/a?$at={shown}")).await;
        let (name, resumed) = next(&mut socket, &kinds).await;
        assert_eq!(name, "resumed");
        assert!(resumed.get(field).is_some(), "{resumed}");
    }
}
