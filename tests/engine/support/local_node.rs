//! Nodes in the test's own process.

use std::net::{Ipv4Addr, SocketAddr};

use ignitia::{
    engine::{EngineConfig, EngineStatus, RedisEngine, RedisServers},
    prelude::*,
};
use tests::engine_app::{NodeApp, Presence, Tell, node_router, room_config};
use tokio::task::JoinHandle;

use super::wait::within;

/// Node in the test's own process: an engine, rooms on it, and a server.
pub(crate) struct LocalNode {
    pub(crate) engine: RedisEngine,
    pub(crate) rooms: Rooms<Tell, Presence>,
    pub(crate) addr: SocketAddr,
    server: JoinHandle<()>,
}

impl LocalNode {
    /// Starts a node of this application.
    pub(crate) async fn start(servers: impl Into<RedisServers>, app: &str) -> Self {
        Self::with(servers, EngineConfig::new(app)).await
    }

    /// Starts a node with this configuration.
    pub(crate) async fn with(servers: impl Into<RedisServers>, config: EngineConfig) -> Self {
        let engine = RedisEngine::connect(servers, config).await.unwrap();
        let rooms = Rooms::with_config_by_name(room_config).on(&engine, "rooms").unwrap();
        let app = NodeApp { engine: engine.clone(), rooms: rooms.clone() };
        let server = Server::new(node_router(&app), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let bound = server.with_graceful_shutdown(std::future::pending()).bind().await.unwrap();
        let addr = bound.local_addr();
        let server = tokio::spawn(async move { bound.run().await.map(|_| ()).unwrap() });
        Self { engine, rooms, addr, server }
    }

    /// Waits for a status of the engine.
    pub(crate) async fn status(&self, status: EngineStatus) {
        let mut watch = self.engine.watch_status();
        within("a status", watch.wait_for(|now| *now == status)).await.unwrap();
    }

    /// Returns the names of a room's members, in alphabetical order, as this node knows them.
    pub(crate) fn names(&self, room: &str) -> Vec<String> {
        let members = self.rooms.room(room).members();
        let mut names: Vec<String> = members.iter().map(|member| member.presence.name.clone()).collect();
        names.sort();
        names
    }
}

/// Ends the server with all its connections, and with them the engine.
impl Drop for LocalNode {
    fn drop(&mut self) {
        self.server.abort();
    }
}
