//! An end that this side begins waits for the message that a handler is working on: its answer goes
//! out first, within a bound. Messages that no handler has begun by then are not handled.

mod deadlines;
mod handlers;
mod idle;

use std::time::Duration;

use ignitia::{
    ClientMessage, DrainConfig, IntoRouter, ServerMessage, Shutdown, TypedConnection,
    prelude::*,
    testing::{TestClient, TestSocket},
    websocket::{CloseCause, WebSocketConfig, websocket_batch_handler, websocket_message_handler},
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::sleep,
};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Slow { seconds: u64 },
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Done,
    Welcome,
}

/// Log of handlers of every shape that take their time for a message: they note its beginning and
/// its end.
#[derive(Debug, Clone)]
struct Notes {
    begun: UnboundedSender<()>,
    causes: UnboundedSender<CloseCause>,
}

#[websocket("/function", on_message, id = "id")]
async fn function(State(notes): State<Notes>, message: Ask) -> Tell {
    slow(&notes, message).await
}

#[websocket("/typed_loop")]
async fn typed_loop(State(notes): State<Notes>, mut ws: TypedConnection<Ask, Tell>) -> Response {
    while let Some(Ok(message)) = ws.recv().await {
        let _ = ws.send(&slow(&notes, message).await).await;
    }
    Response::ok()
}

struct Session {
    notes: Notes,
}

#[websocket("/session", message = Ask, reply = Tell)]
impl Session {
    async fn accept(State(notes): State<Notes>) -> Self {
        Self { notes }
    }

    #[on(Slow { seconds })]
    async fn slow(&mut self, seconds: u64) -> Tell {
        slow(&self.notes, Ask::Slow { seconds }).await
    }
}

async fn raw_loop(State(notes): State<Notes>, mut ws: WebSocketConnection) -> Response {
    while let Some(Message::Text(text)) = ws.recv().await {
        let _ = ws.send_json(&slow(&notes, serde_json::from_str(&text).unwrap()).await).await;
    }
    Response::ok()
}

async fn slow(notes: &Notes, Ask::Slow { seconds }: Ask) -> Tell {
    notes.begun.send(()).unwrap();
    sleep(Duration::from_secs(seconds)).await;
    Tell::Done
}

const PATHS: [&str; 6] = ["/function", "/session", "/typed_loop", "/loop", "/messages", "/batches"];

/// Handlers that are called with a message and return: the drain waits for them until its deadline.
const CALLED: [&str; 4] = ["/function", "/session", "/messages", "/batches"];

struct Ends {
    begun: UnboundedReceiver<()>,
    causes: UnboundedReceiver<CloseCause>,
}

fn router(config: WebSocketConfig) -> (Router, Ends) {
    let ((begun, begins), (causes, ends)) = (unbounded_channel(), unbounded_channel());
    let notes = Notes { begun, causes };
    let causes = notes.causes.clone();
    let (by_message, by_batch) = (notes.clone(), notes.clone());
    let messages = websocket_message_handler(move |ws, message| {
        let notes = by_message.clone();
        async move {
            if let Message::Text(text) = message {
                let _ = ws.send_json(&slow(&notes, serde_json::from_str(&text).unwrap()).await).await;
            }
            Response::ok()
        }
    });
    let batches = websocket_batch_handler(
        move |ws, batch: Vec<Message>| {
            let notes = by_batch.clone();
            async move {
                for text in batch.iter().filter_map(Message::as_text) {
                    let _ = ws.send_json(&slow(&notes, serde_json::from_str(text).unwrap()).await).await;
                }
                Response::ok()
            }
        },
        1,
        0,
    );
    let router = Router::new()
        .websocket("/messages", messages)
        .websocket("/batches", batches)
        .state(notes)
        .mount(function)
        .mount(typed_loop)
        .mount_session::<Session>()
        .websocket("/loop", raw_loop)
        .websocket_config(config)
        .on_close(move |closed| {
            let _ = causes.send(closed.cause.clone());
        });
    (router.into_router(), Ends { begun: begins, causes: ends })
}

fn ask(seconds: u64) -> String {
    format!(r#"{{"type":"slow","seconds":{seconds}}}"#)
}

async fn expect_done(socket: &mut TestSocket) {
    assert_eq!(socket.recv_text().await, r#"{"type":"done"}"#);
}

fn client(router: Router, config: DrainConfig) -> TestClient {
    let client = TestClient::new(router.shutdown(Shutdown::with_config(config))).unwrap();
    client.deadline(60 * SECOND)
}
