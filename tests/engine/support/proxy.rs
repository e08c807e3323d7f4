//! TCP proxy between a node and its server, which breaks connections.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::connection_fault::{ConnectionKind, Flow, Link, contains};

/// TCP proxy between a node and its server.
pub(crate) struct Proxy {
    addr: SocketAddr,
    state: Arc<ProxyState>,
    task: JoinHandle<()>,
}

struct ProxyState {
    server: SocketAddr,
    links: Mutex<Vec<Arc<Link>>>,
    /// True if new connections are ended at once.
    is_refusing: AtomicBool,
    /// True if new connections wait.
    is_stalled: AtomicBool,
    connections: AtomicUsize,
    /// Bytes of a client, and the fault of the connection that has sent them.
    trap: Mutex<Option<(Vec<u8>, Flow)>>,
}

/// Direction of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToServer,
    ToClient,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let state = Arc::new(ProxyState {
            server,
            links: Mutex::default(),
            is_refusing: AtomicBool::new(false),
            is_stalled: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            trap: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, state.clone()));
        Self { addr, state, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.addr)
    }

    /// Cuts all connections.
    pub(crate) fn cut(&self) {
        self.change(|_| true, Flow::Cut);
    }

    /// Cuts all connections of a kind.
    pub(crate) fn cut_kind(&self, kind: ConnectionKind) {
        self.change(|link| link.kind() == kind, Flow::Cut);
    }

    /// Keeps all present connections of a kind, and drops what comes on them. New ones work.
    pub(crate) fn swallow_kind(&self, kind: ConnectionKind) {
        self.change(|link| link.kind() == kind, Flow::Swallowed);
    }

    /// Keeps all present connections, and drops what comes on them. New ones work.
    pub(crate) fn swallow(&self) {
        self.change(|_| true, Flow::Swallowed);
    }

    /// Lets everything wait, or go on.
    pub(crate) fn stall(&self, is_stalled: bool) {
        self.state.is_stalled.store(is_stalled, Ordering::Relaxed);
        let (from, to) = if is_stalled { (Flow::Open, Flow::Stalled) } else { (Flow::Stalled, Flow::Open) };
        self.change(|link| *link.flow.borrow() == from, to);
    }

    /// Lets the connections of a kind wait.
    pub(crate) fn stall_kind(&self, kind: ConnectionKind) {
        self.change(|link| link.kind() == kind && *link.flow.borrow() == Flow::Open, Flow::Stalled);
    }

    /// Ends all connections and refuses new ones, or accepts them again.
    pub(crate) fn refuse(&self, is_refusing: bool) {
        self.state.is_refusing.store(is_refusing, Ordering::Relaxed);
        if is_refusing {
            self.cut();
        }
    }

    /// Passes on these bytes to the server, and cuts the connection before they are answered.
    pub(crate) fn cut_behind(&self, bytes: &str) {
        *self.state.trap.lock().unwrap() = Some((bytes.as_bytes().to_vec(), Flow::Cut));
    }

    /// Keeps the connection on which these bytes come, and drops them and all that follows.
    pub(crate) fn swallow_from(&self, bytes: &str) {
        *self.state.trap.lock().unwrap() = Some((bytes.as_bytes().to_vec(), Flow::Swallowed));
    }

    /// Lets the connection on which these bytes come wait, before they are passed on.
    pub(crate) fn stall_from(&self, bytes: &str) {
        *self.state.trap.lock().unwrap() = Some((bytes.as_bytes().to_vec(), Flow::Stalled));
    }

    /// Returns true once the bytes that are waited for have come.
    pub(crate) fn has_trapped(&self) -> bool {
        self.state.trap.lock().unwrap().is_none()
    }

    /// Returns true once a connection was cut behind the bytes.
    pub(crate) fn has_cut(&self) -> bool {
        self.has_trapped() && !self.links().iter().any(|link| link.is_trapped.load(Ordering::Relaxed))
    }

    /// Returns the number of connections that were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    fn links(&self) -> Vec<Arc<Link>> {
        let mut links = self.state.links.lock().unwrap();
        links.retain(|link| *link.flow.borrow() != Flow::Cut);
        links.clone()
    }

    fn change(&self, is_meant: impl Fn(&Link) -> bool, flow: Flow) {
        for link in self.links().iter().filter(|link| is_meant(link)) {
            link.flow.send_replace(flow);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<ProxyState>) {
    while let Ok((client, _)) = listener.accept().await {
        if state.is_refusing.load(Ordering::Relaxed) {
            continue;
        }
        state.connections.fetch_add(1, Ordering::Relaxed);
        let is_stalled = state.is_stalled.load(Ordering::Relaxed);
        let link = Arc::new(Link::new(if is_stalled { Flow::Stalled } else { Flow::Open }));
        state.links.lock().unwrap().push(link.clone());
        tokio::spawn(pass(client, link, state.clone()));
    }
}

/// Passes on what comes, in both directions, until one side ends or the connection is cut.
async fn pass(client: TcpStream, link: Arc<Link>, state: Arc<ProxyState>) {
    if let Ok(server) = TcpStream::connect(state.server).await {
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let mut flow = link.flow.subscribe();
        tokio::select! {
            () = pump(&mut from_client, &mut to_server, &link, &state, Direction::ToServer) => {}
            () = pump(&mut from_server, &mut to_client, &link, &state, Direction::ToClient) => {}
            _ = flow.wait_for(|flow| *flow == Flow::Cut) => {}
        }
    }
    link.flow.send_replace(Flow::Cut);
}

async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    link: &Link,
    state: &ProxyState,
    direction: Direction,
) {
    let mut flow = link.flow.subscribe();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        let bytes = &buffer[..count];
        if direction == Direction::ToServer {
            link.notice(bytes);
            let mut trap = state.trap.lock().unwrap();
            if let Some((_, fault)) = trap.take_if(|(trap, _)| contains(bytes, trap)) {
                match fault {
                    Flow::Cut => link.is_trapped.store(true, Ordering::Relaxed),
                    fault => _ = link.flow.send_replace(fault),
                }
            }
        } else if link.is_trapped.swap(false, Ordering::Relaxed) {
            link.flow.send_replace(Flow::Cut);
            return;
        }
        let now = flow.wait_for(|flow| *flow != Flow::Stalled).await.map(|flow| *flow);
        let is_passed = match now {
            Ok(Flow::Open) => to.write_all(bytes).await.is_ok(),
            Ok(Flow::Swallowed) => true,
            _ => false,
        };
        if !is_passed {
            return;
        }
    }
}
