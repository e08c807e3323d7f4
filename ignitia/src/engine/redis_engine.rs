use std::{fmt, pin::Pin, sync::Arc};

use axum::Extension;
use http::StatusCode;
use tokio::{sync::watch, time::timeout};

use super::{
    config::EngineConfig,
    dial::{Connections, address_fault, dial},
    engine_core::{EngineCore, EngineHandle, EngineStatus},
    fault::{EngineFault, OutageCause},
    keys::{NodeKeys, app_key, rooms_key},
    lease::{Lease, register_command},
    node::{Node, new_seed},
    probe::probe,
    rooms_link::RoomsLink,
    scripts::Scripts,
    servers::RedisServers,
    supervisor::supervise,
};
use crate::{
    error::{Error, Result},
    health::readyz,
    shutdown::Shutdown,
    sync::{Ordering, try_spawn},
};

/// Bits of a node's number: with the number of a member it fits into what JavaScript reads exactly.
const NODE_BITS: u32 = 20;
/// Attempts to find a number that no other node has.
const MAX_ATTEMPTS: usize = 16;

/// Answer of a readiness check.
type Readiness = Pin<Box<dyn Future<Output = (StatusCode, &'static str)> + Send>>;

/// Engine for rooms on several machines, on a Redis or Valkey server.
///
/// It is a handle: clones are cheap and share the engine. One process needs one. When the last
/// handle is dropped, and no rooms are left on it, its task ends; [`close`](Self::close) waits for
/// that.
///
/// ```no_run
/// use ignitia::{engine::{EngineConfig, RedisEngine}, prelude::*};
/// # #[derive(serde::Serialize, ServerMessage)]
/// # #[serde(tag = "type")]
/// # enum ServerMsg { Said { text: String } }
///
/// # async fn run() -> Result<()> {
/// let engine = RedisEngine::connect("redis://127.0.0.1:6379", EngineConfig::new("my-app")).await?;
/// let rooms = Rooms::<ServerMsg>::new().on(&engine, "chat")?;
/// # let _ = rooms;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisEngine {
    handle: Arc<EngineHandle>,
}

impl RedisEngine {
    /// Connects to the primary among the servers, and tries out everything that an engine does.
    /// Afterwards the engine connects again by itself after each outage, for as long as it is used.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) if the configuration or a URL
    /// cannot work. [`Error::is_unavailable`](crate::Error::is_unavailable) if no primary can be
    /// reached, if the credentials or rights do not suffice, or if the server is too old or a
    /// cluster; the text names the reason.
    pub async fn connect(servers: impl Into<RedisServers>, config: EngineConfig) -> Result<Self> {
        let servers = servers.into();
        if let Some(fault) = config.fault() {
            return Err(Error::input(fault));
        }
        if let Some(fault) = address_fault(&servers) {
            return Err(Error::input(fault));
        }
        let scripts = Arc::new(Scripts::new());
        let app = app_key(&config.app);
        let mut connections = dial(&servers, &config).await.map_err(refusal)?;
        scripts.load(connections.commands.clone()).await.map_err(refusal)?;
        probe(&mut connections, &scripts, &app, &config).await.map_err(refusal)?;
        let registered = register(&mut connections, &scripts, &app).await.map_err(refusal)?;
        let Registered { lease, hash_seed, keys } = registered;
        let core = Arc::new(EngineCore::new(config, app, lease.node, hash_seed));
        let node = Node::new(core.clone(), keys, scripts, lease);
        try_spawn(supervise(node, servers, connections));
        let engine = Self { handle: Arc::new(EngineHandle { core }) };
        let mut status = engine.handle.core.status.subscribe();
        let up = status.wait_for(|status| *status == EngineStatus::Up);
        match timeout(engine.handle.core.config.patience, up).await {
            Ok(Ok(_)) => {}
            _ => return Err(Error::unavailable("the server was reached, but does not answer")),
        }
        Ok(engine)
    }

    /// Returns the present status.
    pub fn status(&self) -> EngineStatus {
        *self.handle.core.status.borrow()
    }

    /// Returns true if rooms can be used as usual: for a readiness check.
    pub fn is_up(&self) -> bool {
        self.status() == EngineStatus::Up
    }

    /// Returns a receiver of the status, which tells of its changes.
    pub fn watch_status(&self) -> watch::Receiver<EngineStatus> {
        self.handle.core.status.subscribe()
    }

    /// Returns a handler for a readiness check: as [`readyz`](crate::health::readyz), and 503 while
    /// the engine is not up.
    ///
    /// ```
    /// use ignitia::{engine::RedisEngine, prelude::*};
    ///
    /// fn router(engine: &RedisEngine) -> Router {
    ///     Router::new().get("/readyz", engine.readyz())
    /// }
    /// # let _ = router;
    /// ```
    pub fn readyz(&self) -> impl Fn(Option<Extension<Shutdown>>) -> Readiness + Clone + Send + Sync + use<> {
        let engine = self.clone();
        move |shutdown: Option<Extension<Shutdown>>| {
            let is_up = engine.is_up();
            let readiness: Readiness = Box::pin(async move {
                if is_up { readyz(shutdown).await } else { (StatusCode::SERVICE_UNAVAILABLE, "no engine") }
            });
            readiness
        }
    }

    /// Publishes what waits, removes the members of this node at once rather than when its lease is
    /// over, and ends the engine. Broadcasts fail from now on.
    ///
    /// Call it when the server has ended: its connections have left their rooms then.
    ///
    /// # Errors
    ///
    /// [`Error::is_unavailable`](crate::Error::is_unavailable) if that was not done within three
    /// times the [`patience`](EngineConfig::patience), for instance because the server is away or
    /// refuses to write. The engine ends all the same, and the other nodes remove the members once
    /// the lease is over.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the engine ends all the same.
    pub async fn close(&self) -> Result<()> {
        let core = &self.handle.core;
        core.queue.close();
        let mut status = core.status.subscribe();
        let closed = status.wait_for(|status| *status == EngineStatus::Closed);
        let _ = timeout(3 * core.config.patience, closed).await;
        if core.queue.fill().messages > 0 {
            return Err(Error::unavailable("the engine was closed before everything was published"));
        }
        if !core.has_left.load(Ordering::Acquire) {
            return Err(Error::unavailable(
                "the engine was closed before the members of this node were removed",
            ));
        }
        Ok(())
    }

    /// Returns the link for rooms of this name.
    pub(crate) fn rooms_link(&self, name: &str) -> Result<RoomsLink> {
        let core = &self.handle.core;
        let key = rooms_key(&core.app, name);
        if !core.take_key(&key) {
            return Err(Error::input(format!("there are rooms named `{name}` on this engine already")));
        }
        Ok(RoomsLink::new(self.handle.clone(), key))
    }
}

/// Identity of a node.
struct Registered {
    lease: Lease,
    hash_seed: u64,
    keys: NodeKeys,
}

/// Finds a number for this node, and a lease.
async fn register(
    connections: &mut Connections,
    scripts: &Scripts,
    app: &str,
) -> Result<Registered, EngineFault> {
    let seed = new_seed();
    for _ in 0..MAX_ATTEMPTS {
        let node = uuid::Uuid::new_v4().as_u128() as u32 % (1 << NODE_BITS);
        let keys = NodeKeys::new(app, node);
        let lease = Lease::new(node);
        let command = register_command(scripts, &keys, lease, seed, "");
        let (is_registered, seed): (u8, String) = command.query_async(&mut connections.commands).await?;
        if is_registered == 1 {
            let hash_seed = seed.parse().map_err(|_| EngineFault::answer("the seed"))?;
            return Ok(Registered { lease, hash_seed, keys });
        }
    }
    Err(EngineFault::Rejected("there is no number left for this node".to_owned()))
}

/// Returns the error for a server that cannot be used.
fn refusal(fault: EngineFault) -> Error {
    let hint = match &fault {
        EngineFault::Disconnected { cause: OutageCause::Role, text }
            if ["CrossSlot", "ClusterDown"].iter().any(|code| text.contains(code)) =>
        {
            ": the server is a cluster, which is not supported; use one primary, with replicas or Sentinel"
        }
        EngineFault::Disconnected { cause: OutageCause::Role, .. } => ": name the primary, or all servers",
        EngineFault::Refused(_) => ": see `ignitia::engine` for the rights and settings that it needs",
        EngineFault::Rejected(_) => ": the engine needs Redis 6.2 or Valkey, or later versions",
        _ => "",
    };
    Error::unavailable(format!("the engine cannot use the server: {fault}{hint}"))
}

impl fmt::Debug for RedisEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisEngine").field("status", &self.status()).finish_non_exhaustive()
    }
}
