//! Several nodes on one server.

use ignitia::engine::{EngineConfig, EngineStatus};
use tests::engine_app::Tell;

use super::{
    app_name::app_name,
    local_node::LocalNode,
    member::{Member, Visit},
    proxy::Proxy,
    store_options::StoreOptions,
    store_server::StoreServer,
    wait::until,
};

/// Server and nodes of one application in this process, each node behind a proxy of its own.
pub(crate) struct Machines {
    // The nodes end before their server.
    pub(crate) nodes: Vec<LocalNode>,
    pub(crate) proxies: Vec<Proxy>,
    pub(crate) server: StoreServer,
    pub(crate) app: String,
}

impl Machines {
    pub(crate) async fn start(nodes: usize) -> Self {
        Self::with(StoreOptions::default(), nodes, |config| config).await
    }

    /// Starts a server with these options, and nodes with a configuration.
    pub(crate) async fn with(
        options: StoreOptions,
        nodes: usize,
        configure: impl Fn(EngineConfig) -> EngineConfig,
    ) -> Self {
        let server = StoreServer::with(options).await;
        let app = app_name();
        let mut machines = Self { nodes: Vec::new(), proxies: Vec::new(), server, app };
        for _ in 0..nodes {
            let proxy = Proxy::start(machines.server.addr()).await;
            let config = configure(EngineConfig::new(&machines.app));
            machines.nodes.push(LocalNode::with(proxy.url(), config).await);
            machines.proxies.push(proxy);
        }
        machines
    }

    /// Waits until all nodes have this status.
    pub(crate) async fn all(&self, status: EngineStatus) {
        for node in &self.nodes {
            node.status(status).await;
        }
    }

    /// Opens a connection that is a member of a room, on a node.
    pub(crate) async fn member(&self, node: usize, visit: &Visit) -> Member {
        visit.enter(self.nodes[node].addr).await
    }

    /// Opens a connection on each node, and waits until all nodes hear the room: they know all
    /// members then.
    pub(crate) async fn member_on_each(&self, room: &str) -> Vec<Member> {
        let mut members = Vec::new();
        for (n, node) in self.nodes.iter().enumerate() {
            members.push(Visit::new(room, &format!("member-{n}")).enter(node.addr).await);
        }
        until("all nodes know all members", async || {
            self.nodes.iter().all(|node| node.rooms.room(room).len() == members.len())
        })
        .await;
        members
    }

    /// Publishes numbers to a room, one after the other.
    pub(crate) async fn publish(&self, node: usize, room: &str, numbers: impl IntoIterator<Item = u64>) {
        for n in numbers {
            self.nodes[node].rooms.room(room).publish(&Tell::number(n)).await.unwrap();
        }
    }

    /// Broadcasts numbers to a room.
    pub(crate) fn broadcast(&self, node: usize, room: &str, numbers: impl IntoIterator<Item = u64>) {
        for n in numbers {
            self.nodes[node].rooms.room(room).broadcast(&Tell::number(n)).unwrap();
        }
    }

    /// Returns the key of something that belongs to a room.
    pub(crate) fn key(&self, room: &str, part: &str) -> String {
        format!("ig1:{}:rooms:{}:{part}", self.app, room.replace('+', "%2B"))
    }
}
