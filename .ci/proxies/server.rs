//! The server behind the proxies of `.ci/proxies/`.
//!
//! It listens on two free ports and prints their addresses to stdout: plain HTTP, which trusts one
//! proxy on the client's address, and TLS behind the PROXY protocol. Then it prints how each
//! connection ended, as one JSON object per line. `NAME` is its name in greetings.

use std::{env, net::SocketAddr, sync::Arc, time::Duration};

use ignitia::{
    DrainConfig, ProxyProtocol, health,
    limits::TrustedProxies,
    prelude::*,
    websocket::{Origin, WebSocketConfig},
};

/// Time between SIGTERM and the drain: long enough for the requests that are refused in it.
const NOTICE: Duration = Duration::from_secs(5);

/// Name of this process.
#[derive(Clone)]
struct Name(Arc<str>);

/// Greets with the name, the client's address and the version of HTTP, and then echoes. A message
/// `{"code": .., "reason": ".."}` closes the connection.
#[websocket("/echo/<tag>")]
async fn echo(
    tag: String,
    State(Name(name)): State<Name>,
    Peer(peer): Peer,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_json(&json!({ "name": &*name, "peer": peer })).await?;
    while let Some(Message::Text(text)) = ws.recv().await {
        match serde_json::from_str::<Close>(&text) {
            Ok(Close { code, reason }) => ws.close(Some(CloseFrame { code, reason })).await?,
            Err(_) => ws.send_text(text).await?,
        }
    }
    let cause = ws.closed().await;
    let (code, reason) = cause.frame.map(|frame| (frame.code, frame.reason)).unzip();
    let kind = format!("{:?}", cause.kind);
    println!("{}", json!({ "tag": tag, "kind": kind, "code": code, "reason": reason, "clean": cause.clean }));
    Ok(Response::ok())
}

/// Message that closes a connection.
#[derive(serde::Deserialize)]
struct Close {
    code: u16,
    reason: String,
}

/// Refuses as an endpoint does whose client has not logged in.
#[websocket("/login")]
async fn login(ws: WebSocketConnection) -> Result<Response> {
    drop(ws);
    Ok((StatusCode::UNAUTHORIZED, "log in first").into_response())
}

async fn strict(mut ws: WebSocketConnection) -> Result<Response> {
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

fn routes(name: Name) -> Router<Name> {
    let same_origin = WebSocketConfig::default().origin(Origin::SameOrigin);
    Router::new()
        .state(name)
        .mount(echo)
        .mount(login)
        .websocket_with("/same-origin", strict, same_origin)
        .get("/readyz", health::readyz)
}

#[tokio::main]
async fn main() -> Result<()> {
    let name = Name(env::var("NAME").unwrap_or_else(|_| "server".into()).into());
    let drain = DrainConfig::default().notice(NOTICE).jitter(Duration::ZERO);
    let config = ServerConfig { drain, ..Default::default() };
    let address: SocketAddr = "127.0.0.1:0".parse()?;

    let behind_http = routes(name.clone()).trusted_proxies(TrustedProxies::hops(1));
    let plain = Server::new(behind_http, address).with_server_config(config.clone()).bind().await?;
    let from = vec![address.ip().into()];
    let proxy_protocol = Some(ProxyProtocol { from, ..Default::default() });
    let config = ServerConfig { proxy_protocol, ..config };
    let tls = Server::new(routes(name), address).with_server_config(config);
    let tls = tls.with_self_signed_cert("localhost")?.bind().await?;

    println!("listening on {} {}", plain.local_addr(), tls.local_addr());
    tokio::try_join!(plain.ignitia(), tls.ignitia())?;
    Ok(())
}
