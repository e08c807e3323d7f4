//! What the pages of `.ci/browser/matrix/` talk to: every way in which a WebSocket goes on, is refused and ends.
//!
//! It serves the same routes plain and over TLS, at the ports `PORT` and `TLS_PORT`, by default any free ones, and says
//! on stdout where. From then on it says there what it sees: see [`witness`]. `DRAIN_CODE` is what a drain closes with,
//! `ALLOWED_ORIGINS` what `/allowed` lets in, separated by commas.

mod endings;
mod page;
mod talks;
mod witness;

use std::{env, sync::Arc, time::Duration};

use axum::middleware::from_fn;
use ignitia::{
    DrainConfig,
    limits::Limits,
    prelude::*,
    websocket::{Origin, WebSocketConfig, websocket_batch_handler, websocket_message_handler},
};
use tokio::sync::Notify;

use self::witness::Witness;

fn routes(witness: Witness, allowed: &str) -> Router<Witness> {
    let config = WebSocketConfig::default;
    let origin = |origin| WebSocketConfig { origin, ..config() };
    let full = Router::new()
        .websocket("/full", websocket_message_handler(|_, _| async { Response::ok() }))
        .limits(Limits { max_connections: Some(0), ..Default::default() });
    Router::new()
        .state(witness)
        .get("/", page::page)
        .get("/reconnect.js", page::reconnect)
        .websocket("/echo", talks::echo)
        .websocket("/message", websocket_message_handler(talks::echo_one))
        .websocket("/batch", websocket_batch_handler(talks::echo_all, 1_000, 20))
        .websocket_with(
            "/subprotocol",
            talks::echo,
            WebSocketConfig { subprotocols: vec!["v2".into(), "v1".into()], ..config() },
        )
        .websocket_with("/small", talks::echo, WebSocketConfig { max_message_size: 1_000, ..config() })
        .websocket("/push", talks::push)
        .websocket("/late", talks::late)
        .post("/release", talks::release)
        .extension(Arc::new(Notify::new()))
        .websocket("/pings", talks::pings)
        .websocket_with(
            "/idle",
            talks::idle,
            WebSocketConfig {
                keepalive_interval: Some(Duration::from_millis(100)),
                pong_timeout: talks::PONG_TIMEOUT,
                close_timeout: Duration::from_millis(300),
                ..config()
            },
        )
        .websocket_with(
            "/stalled",
            talks::stalled,
            WebSocketConfig {
                decision_window: Some(Duration::from_millis(50)),
                close_timeout: Duration::from_millis(300),
                ..config()
            },
        )
        .websocket_with(
            "/stalled/pinging",
            talks::stalled,
            WebSocketConfig { keepalive_interval: Some(Duration::from_millis(100)), ..config() },
        )
        .websocket("/close", endings::close)
        .websocket("/outcome/{how}", endings::outcome)
        .websocket("/refuse/{how}", endings::refuse)
        .websocket_with("/any", talks::echo, origin(Origin::any()))
        .websocket_with("/same-origin", talks::echo, origin(Origin::SameOrigin))
        .websocket_with(
            "/allowed",
            talks::echo,
            origin(Origin::allow(allowed.split(',').filter(|origin| !origin.is_empty()))),
        )
        .merge(full)
        .layer(from_fn(witness::handshake))
}

#[tokio::main]
async fn main() -> Result<()> {
    let variable = |name, default: &str| env::var(name).unwrap_or_else(|_| default.into());
    // Nobody else is there that could come back at the same time.
    let mut drain = DrainConfig { notice: Duration::ZERO, jitter: Duration::ZERO, ..Default::default() };
    if let Some(code) = env::var("DRAIN_CODE").ok().and_then(|code| code.parse().ok()) {
        drain.frame.code = code;
    }
    let witness = Witness::default();
    let server = |port| {
        let router = routes(witness.clone(), &variable("ALLOWED_ORIGINS", ""));
        let config = ServerConfig { drain: drain.clone(), ..Default::default() };
        let address = format!("127.0.0.1:{}", variable(port, "0")).parse()?;
        Ok::<_, Error>(Server::new(router, address).with_server_config(config))
    };
    let plain = server("PORT")?.bind().await?;
    let tls = server("TLS_PORT")?.with_self_signed_cert("127.0.0.1")?.bind().await?;
    println!("listening on http://{} https://{}", plain.local_addr(), tls.local_addr());
    tokio::try_join!(plain.ignitia(), tls.ignitia())?;
    witness.rest().await;
    Ok(())
}
