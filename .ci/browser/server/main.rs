//! The server of the pages in `.ci/browser/matrix/` and of the clients in `.ci/clients/`, with an
//! endpoint for every way in which a WebSocket stays open, is compressed, is refused and ends.
//!
//! It serves the same routes over plain HTTP and TLS, on the ports `PORT` and `TLS_PORT`, and
//! [`numbers`] on the port `NUMBERS_PORT`, by default any free ones, and prints the addresses to
//! stdout. Then it prints an event per line: see [`event_log`]. `DRAIN_CODE` is the close code of a
//! drain, and `ALLOWED_ORIGINS` lists the origins that `/allowed` accepts, separated by commas.

mod closing_endpoints;
mod compressed_endpoints;
mod event_log;
mod numbers;
mod open_endpoints;
mod page;

use std::{env, net::SocketAddr, sync::Arc, time::Duration};

use axum::middleware::from_fn;
use ignitia::{
    DrainConfig,
    limits::Limits,
    prelude::*,
    websocket::{Origin, WebSocketConfig, websocket_batch_handler, websocket_message_handler},
};
use tokio::sync::Notify;

use self::{
    event_log::EventLog,
    numbers::{NumbersServer, Restarts},
};

fn routes(event_log: EventLog, restarts: Restarts, allowed: &str) -> Router<EventLog> {
    let config = WebSocketConfig::default;
    let origin = |origin| config().origin(origin);
    let full = Router::new()
        .websocket("/full", websocket_message_handler(|_, _| async { Response::ok() }))
        .limits(Limits::default().max_connections(0));
    Router::new()
        .state(event_log.clone())
        .get("/", page::page)
        .get("/reconnect.js", page::reconnect)
        .websocket("/echo", open_endpoints::echo)
        .websocket("/message", websocket_message_handler(open_endpoints::echo_one))
        .websocket("/batch", websocket_batch_handler(open_endpoints::echo_all, 1_000, 20))
        .websocket_with("/subprotocol", open_endpoints::echo, config().subprotocols(["v2", "v1"]))
        .websocket_with("/small", open_endpoints::echo, config().max_message_size(1_000))
        .websocket("/push", open_endpoints::push)
        .websocket("/late", open_endpoints::late)
        .post("/release", open_endpoints::release)
        .extension(Arc::new(Notify::new()))
        .post("/restart", numbers::restart)
        .extension(restarts)
        .websocket("/pings", open_endpoints::pings)
        .websocket_with(
            "/idle",
            open_endpoints::idle,
            config()
                .keepalive_interval(Duration::from_millis(100))
                .pong_timeout(open_endpoints::PONG_TIMEOUT)
                .close_timeout(Duration::from_millis(300)),
        )
        .websocket_with(
            "/stalled",
            open_endpoints::stalled,
            config().decision_window(Duration::from_millis(50)).close_timeout(Duration::from_millis(300)),
        )
        .websocket_with(
            "/stalled/pinging",
            open_endpoints::stalled,
            config().keepalive_interval(Duration::from_millis(100)),
        )
        .websocket("/close", closing_endpoints::close)
        .websocket("/outcome/{how}", closing_endpoints::outcome)
        .websocket("/refuse/{how}", closing_endpoints::refuse)
        .websocket_with("/any", open_endpoints::echo, origin(Origin::any()))
        .websocket_with("/same-origin", open_endpoints::echo, origin(Origin::SameOrigin))
        .websocket_with(
            "/allowed",
            open_endpoints::echo,
            origin(Origin::allow(allowed.split(',').filter(|origin| !origin.is_empty()))),
        )
        .merge(full)
        .merge(compressed_endpoints::routes(event_log))
        .layer(from_fn(event_log::handshake))
}

#[tokio::main]
async fn main() -> Result<()> {
    let variable = |name, default: &str| env::var(name).unwrap_or_else(|_| default.into());
    // No jitter: no other clients reconnect at the same time.
    let mut drain = DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO);
    if let Some(code) = env::var("DRAIN_CODE").ok().and_then(|code| code.parse().ok()) {
        drain.frame.code = code;
    }
    let event_log = EventLog::default();
    let config = ServerConfig { drain, ..Default::default() };
    let address = |port| Ok::<SocketAddr, Error>(format!("127.0.0.1:{}", variable(port, "0")).parse()?);
    let (numbers, restarts) = NumbersServer::bind(address("NUMBERS_PORT")?, config.clone()).await?;
    let server = |port| {
        let router = routes(event_log.clone(), restarts.clone(), &variable("ALLOWED_ORIGINS", ""));
        Ok::<_, Error>(Server::new(router, address(port)?).with_server_config(config.clone()))
    };
    let plain = server("PORT")?.bind().await?;
    let tls = server("TLS_PORT")?.with_self_signed_cert("127.0.0.1")?.bind().await?;
    let [http, https] = [plain.local_addr(), tls.local_addr()];
    println!("listening on http://{http} https://{https} http://{}", numbers.local_addr());
    tokio::try_join!(plain.ignitia(), tls.ignitia(), numbers.ignitia())?;
    event_log.wait().await;
    Ok(())
}
