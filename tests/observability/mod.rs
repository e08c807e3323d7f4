//! Spans, metrics, hooks and health checks.

mod health;
mod hooks;
mod metrics;
mod spans;

use ignitia::{ClientMessage, ServerMessage, prelude::*};

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Question {
    Ask { text: String },
    Wait { seconds: u64 },
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Answer {
    Told { text: String },
}

#[websocket("/talk/<room>", on_message)]
async fn talk(room: String, question: Question) -> Answer {
    match question {
        Question::Ask { text } => {
            tracing::info!("asked");
            Answer::Told { text: format!("{text} in {room}") }
        }
        Question::Wait { seconds } => {
            tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
            Answer::Told { text: "waited".into() }
        }
    }
}

/// Ends in the way that its path names.
async fn ends(Path(how): Path<String>, mut ws: WebSocketConnection) -> Response {
    match &*how {
        "refuses" => return Response::unauthorized("who are you?"),
        "panics-first" => panic!("before the upgrade"),
        "waits" => return std::future::pending().await,
        _ => {}
    }
    ws.accept().await.unwrap();
    match &*how {
        "returns" => Response::ok(),
        "panics" => panic!("after the upgrade"),
        "closes-privately" => CloseFrame { code: 4242, reason: "".into() }.into_response(),
        _ => {
            while ws.recv().await.is_some() {}
            Response::ok()
        }
    }
}

/// Returns routes that end in every way, below another path.
fn router() -> Router {
    Router::new().nest("/api", Router::new().websocket("/ends/{how}", ends).mount(talk))
}
