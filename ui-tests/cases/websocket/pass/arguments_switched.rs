//! `#[cfg]` on an argument, as on those of any function.

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
}

#[derive(Clone)]
struct Db;

#[websocket("/chat/<room>")]
async fn chat(
    room: String,
    #[cfg(not(windows))] State(db): State<Db>,
    #[cfg(windows)] missing: Missing,
    #[cfg(all())]
    #[allow(unused_variables)]
    headers: Headers,
    ws: WebSocketConnection,
) -> Result<Response> {
    #[cfg(not(windows))]
    drop(db);
    ws.send_text(room).await?;
    Ok(Response::ok())
}

#[websocket("/ask", on_message)]
async fn ask(#[cfg(any())] missing: Missing, #[cfg(all())] ws: WebSocketConnection, msg: ClientMsg) {
    let ClientMsg::Say { text } = msg;
    drop((ws, text));
}

struct Chat {
    db: Db,
}

#[websocket("/session", message = ClientMsg)]
impl Chat {
    async fn accept(#[cfg(all())] State(db): State<Db>, #[cfg(any())] missing: Missing) -> Self {
        Self { db }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String, #[cfg(all())] ws: &WebSocketConnection) {
        drop((text, self.db.clone(), ws.clone()));
    }
}

fn main() {
    let _: Router<Db> = Router::new().state(Db).mount(chat).mount(ask).mount_session::<Chat>();
    assert_eq!(chat::PARAMETERS, ["room"]);
}
