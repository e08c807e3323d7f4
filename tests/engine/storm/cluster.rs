//! Servers and nodes of the storm.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tests::engine_app::NodeSettings;

use crate::support::{NodeProcess, Proxy, StoreOptions, StoreServer, app_name, http_get, until};

pub(super) const NODES: usize = 3;

/// Time of the nodes' leases: a frozen node loses its own.
const LEASE_MILLIS: u64 = 3_000;

/// Addresses of the nodes that are there.
#[derive(Clone, Default)]
pub(super) struct Addresses(Arc<Mutex<Vec<SocketAddr>>>);

impl Addresses {
    /// Returns an address: each in its turn.
    pub(super) fn pick(&self, turn: usize) -> SocketAddr {
        let addresses = self.0.lock().unwrap();
        addresses[turn % addresses.len()]
    }

    pub(super) fn all(&self) -> Vec<SocketAddr> {
        self.0.lock().unwrap().clone()
    }

    fn set(&self, n: usize, addr: SocketAddr) {
        let mut addresses = self.0.lock().unwrap();
        if n < addresses.len() {
            addresses[n] = addr;
        } else {
            addresses.push(addr);
        }
    }
}

/// Servers and nodes of the storm.
pub(super) struct Cluster {
    pub(super) nodes: Vec<NodeProcess>,
    /// Proxies of each node to both servers.
    pub(super) proxies: Vec<[Proxy; 2]>,
    pub(super) servers: [StoreServer; 2],
    /// Server that is the primary; the other one is its replica.
    pub(super) primary: usize,
    /// Proxy of the replication to each server.
    pub(super) replication: [Proxy; 2],
    pub(super) addresses: Addresses,
    app: String,
}

impl Cluster {
    pub(super) async fn start() -> Self {
        let servers = [StoreServer::start().await, StoreServer::with(StoreOptions::default()).await];
        let replication = [Proxy::start(servers[0].addr()).await, Proxy::start(servers[1].addr()).await];
        let mut cluster = Self {
            nodes: Vec::new(),
            proxies: Vec::new(),
            servers,
            primary: 0,
            replication,
            addresses: Addresses::default(),
            app: app_name(),
        };
        cluster.follow(1).await;
        for n in 0..NODES {
            let [first, second] = &cluster.servers;
            cluster.proxies.push([Proxy::start(first.addr()).await, Proxy::start(second.addr()).await]);
            let node = cluster.new_node(n).await;
            cluster.nodes.push(node);
        }
        cluster
    }

    /// Makes a server the replica of the other one.
    pub(super) async fn follow(&self, replica: usize) {
        let url = self.replication[1 - replica].url();
        let port = url.rsplit(':').next().unwrap();
        self.servers[replica].command::<()>(&["REPLICAOF", "127.0.0.1", port]).await;
        self.replicated().await;
    }

    /// Waits until the replica has everything.
    pub(super) async fn replicated(&self) {
        until("the replica has everything", async || {
            let info = |n: usize| self.servers[n].try_command::<String>(&["INFO", "replication"]);
            let (Ok(primary), Ok(replica)) = (info(self.primary).await, info(1 - self.primary).await) else {
                return false;
            };
            let written = number(&primary, "master_repl_offset:");
            let is_linked = replica.contains("master_link_status:up");
            // Heartbeats are written all the time.
            let read = number(&replica, "slave_repl_offset:").max(number(&primary, ",offset="));
            is_linked && read.is_some() && read >= written
        })
        .await;
    }

    /// Starts a node in place of one that has ended.
    pub(super) async fn new_node(&self, n: usize) -> NodeProcess {
        let settings = NodeSettings {
            lease_millis: LEASE_MILLIS,
            ..NodeSettings::new(self.proxies[n].iter().map(Proxy::url), &self.app)
        };
        // It may be started while its server is away.
        let mut node = None;
        until("a node starts", async || {
            node = NodeProcess::try_start(&settings, &[]).await.ok();
            node.is_some()
        })
        .await;
        let node = node.unwrap();
        self.addresses.set(n, node.addr);
        node
    }

    /// Waits until all nodes are up.
    pub(super) async fn calm(&mut self) {
        for node in &self.nodes {
            until("a node is up", async || http_get(node.addr, "/status").await.as_deref() == Some("Up"))
                .await;
        }
    }
}

/// Returns the number behind a name.
pub(super) fn number(text: &str, name: &str) -> Option<u64> {
    text.split(name).nth(1)?.split(|end: char| !end.is_ascii_digit()).next()?.parse().ok()
}
