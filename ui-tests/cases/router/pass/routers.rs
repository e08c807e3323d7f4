//! Routers put together, and served.

use std::sync::Arc;

use axum::routing;
use ignitia::{IntoRouter, prelude::*, websocket::WebSocketConfig};

type Ws = WebSocketConnection;

#[derive(Clone)]
struct Db;

#[derive(Clone)]
struct Mail;

async fn chat(_: State<Db>, _: Ws) -> Response {
    Response::ok()
}

fn chats() -> Router<Db> {
    Router::new()
        .state(Db)
        .websocket("/chat", chat)
        .websocket_with("/quiet", chat, WebSocketConfig::default())
        .get("/page", |_: State<Db>| async { "a page" })
        .post("/page", |_: State<Db>, body: String| async { body })
        .route("/both", routing::get(async || "got").put(|_: State<Db>| async { "put" }))
        .fallback(|_: State<Db>| async { StatusCode::NOT_FOUND })
}

fn two_states() -> impl IntoRouter {
    Router::new()
        .websocket("/none", |_: Ws| async { "0" })
        .state(Db)
        .websocket("/first", chat)
        .state(Arc::new(Mail))
        .websocket("/second", |_: State<Arc<Mail>>, _: Ws| async { "2" })
        .extension(5_u8)
        .websocket("/extension", |_: Extension<u8>, _: Ws| async { "3" })
        .layer(Extension("a layer"))
        .websocket_config(WebSocketConfig::default())
}

fn existing() -> axum::Router {
    axum::Router::new().route("/", routing::get(async || "an application"))
}

fn all() -> Router {
    Router::new().merge(chats().layer(Extension(1_u8))).nest("/nested", chats()).nest("/axum", existing())
}

fn main() -> Result<()> {
    let addr = "127.0.0.1:0".parse()?;
    let _ = Server::new(Router::new(), addr);
    let _ = Server::new(chats(), addr);
    let _ = Server::new(two_states(), addr);
    let _ = Server::new(existing(), addr);
    let _ = Server::new(all(), addr)
        .with_server_config(ServerConfig { tls: None, ..Default::default() })
        .with_graceful_shutdown(async {})
        .with_self_signed_cert("localhost")?;
    let _: axum::Router = existing().merge(chats().into_axum()?).nest("/more", all().try_into()?);
    let _: Router = existing().into();
    Ok(())
}
