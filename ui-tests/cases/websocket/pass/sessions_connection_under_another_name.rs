//! The connection is known by its type, whatever that is called here.

#![deny(clippy::unused_async)]

use ignitia::prelude::{WebSocketConnection as Ws, *};

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

mod sockets {
    pub type Socket = ignitia::WebSocketConnection;
    pub use ignitia::WebSocketConnection as WebSocket;
}

struct Chat;

#[websocket("/chat", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept() -> Self {
        Self
    }

    async fn on_open(&mut self, events: Events<u8>, socket: &Ws) {
        drop(events);
        drop(socket.clone());
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String, connection: &sockets::Socket) -> ServerMsg {
        drop(connection.clone());
        ServerMsg::Said { text }
    }

    #[on(Leave)]
    async fn leave(&mut self, _: &Ws) {}

    #[every("1h")]
    async fn tick(&mut self, ws: &Ws) {
        drop(ws.clone());
    }

    async fn on_event(&mut self, _: u8, ws: &Ws) {
        drop(ws.clone());
    }

    async fn on_raw(&mut self, text: &str, ws: &Ws) -> Option<()> {
        let _ = (text, ws);
        None
    }

    async fn on_binary(&mut self, bytes: Vec<u8>, ws: &Ws) {
        let _ = (bytes, ws);
    }

    async fn on_close(self, why: CloseCause, ws: &Ws) {
        let _ = (why, ws);
    }
}

#[websocket("/ask/<room>", on_message)]
async fn ask(room: String, ws: Ws, msg: ClientMsg) -> ServerMsg {
    drop(ws);
    match msg {
        ClientMsg::Say { text } => ServerMsg::Said { text },
        ClientMsg::Leave => ServerMsg::Said { text: room },
    }
}

#[websocket("/again", on_message)]
async fn again(ws: sockets::WebSocket, msg: ClientMsg) -> ServerMsg {
    drop(ws);
    match msg {
        ClientMsg::Say { text } => ServerMsg::Said { text },
        ClientMsg::Leave => ServerMsg::Said { text: String::new() },
    }
}

fn main() {
    let _: Router = Router::new().mount_session::<Chat>().mount(ask).mount(again);
}
