//! `.websocket(..)` on axum's own router, whose name goes before the prelude's.

use axum::{Router, extract::FromRef, routing::get};
use ignitia::prelude::*;
use ignitia::websocket::{WebSocketConfig, websocket_message_handler};

#[derive(Clone)]
struct App {
    db: Db,
}

#[derive(Clone)]
struct Db;

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

async fn chat(State(Db): State<Db>, _: WebSocketConnection) -> Response {
    Response::ok()
}

fn typed() -> Router<App> {
    Router::new()
        .route("/", get(async || "a page"))
        .websocket("/chat", chat)
        .websocket_with("/quiet", chat, WebSocketConfig::default())
        .websocket("/closure", |_: State<App>, _: WebSocketConnection| async { "bye" })
        .websocket("/go-on", websocket_message_handler(|_, _| async { "go on" }))
}

fn main() -> Result<()> {
    let app = App { db: Db };
    let router: Router = typed().with_state(app.clone());
    let _ = Server::new(router, "127.0.0.1:0".parse()?);
    // The state's type is known from the end only.
    let router: Router = Router::new().websocket("/untyped", chat).with_state(app);
    let _ = Server::new(router, "127.0.0.1:0".parse()?);
    let _: Router = Router::new().websocket("/none", |_: WebSocketConnection| async { "bye" });
    Ok(())
}
