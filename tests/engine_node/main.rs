//! Node of the tests of the engine, in a process of its own.
//!
//! The variable `ENGINE_NODE` has its settings as JSON. It prints its address, drains at SIGTERM,
//! and ends when its standard input does.

mod counters;

use std::{
    io::Read,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use ignitia::{DrainConfig, Shutdown, engine::RedisEngine, prelude::*, websocket::CloseCode};
use tests::engine_app::{NodeApp, NodeSettings, node_router, room_config};

use self::counters::Counters;

#[tokio::main]
async fn main() -> Result<()> {
    std::thread::spawn(|| {
        // The tests have ended, in whatever way.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
    let settings = NodeSettings::from_environment()?;
    let counters = Counters::install();
    let engine = RedisEngine::connect(settings.servers.clone(), settings.engine_config()).await?;
    let rooms = Rooms::with_config_by_name(room_config).on(&engine, "rooms")?;
    let app = NodeApp { engine: engine.clone(), rooms };
    let router = node_router(&app).get("/counters", move || async move { Json(counters.values()) });
    let drain = DrainConfig::default()
        .notice(Duration::ZERO)
        .jitter(Duration::from_millis(200))
        .timeout(Duration::from_secs(10))
        .frame(CloseFrame { code: CloseCode::RESTART, reason: "try another node".into() });
    let router = router.shutdown(Shutdown::with_config(drain));
    let server = Server::new(router, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).bind().await?;
    println!("listening on {}", server.local_addr());
    server.ignitia().await?;
    engine.close().await
}
