//! A room with history, for the pages of `.ci/browser/soak/`: a server of its own, which restarts
//! without forgetting the room.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use ignitia::{
    BoundServer,
    prelude::*,
    rooms::{History, Resume, RoomConfig},
    websocket::WebSocketConfig,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use super::page;

#[derive(Deserialize, JsonSchema, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Say { number: u64 },
}

#[derive(Serialize, JsonSchema, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Said { from: String, number: u64 },
    Noted { number: u64 },
}

/// The last number of each member, which is the key of its request: one that is repeated is known.
type LastNumbers = Arc<Mutex<HashMap<String, u64>>>;

struct Numbers {
    room: Membership<Tell>,
    from: String,
    resume: Resume,
    last: LastNumbers,
}

#[websocket("/numbers/<room>/<from>", message = Ask, reply = Tell, id = "id")]
impl Numbers {
    async fn accept(
        room: String,
        from: String,
        rooms: Rooms<Tell>,
        Extension(last): Extension<LastNumbers>,
        resume: Resume,
    ) -> Self {
        Self { room: rooms.reserve(room), from, resume, last }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        self.room.resume(ws, (), std::mem::take(&mut self.resume)).await?;
        Ok(())
    }

    /// Tells the next number to the room, once, however often it is said.
    #[on(Say { number })]
    async fn say(&mut self, number: u64) -> Result<Tell, Gap> {
        let mut all = self.last.lock().expect("nothing panics while it holds the lock");
        let last = all.entry(self.from.clone()).or_insert(number.saturating_sub(1));
        if number > *last + 1 {
            return Err(Gap { last: *last, number });
        }
        if number > *last {
            let said = Tell::Said { from: self.from.clone(), number };
            self.room.broadcast(&said).expect("names and numbers are valid JSON");
            *last = number;
        }
        Ok(Tell::Noted { number })
    }
}

/// A number that is not the next one: one before it is lost.
#[derive(Debug)]
struct Gap {
    last: u64,
    number: u64,
}

impl MessageError for Gap {
    fn code(&self) -> &'static str {
        "gap"
    }

    fn public_message(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} follows {}", self.number, self.last)
    }
}

/// Sender of the requests to restart. Each has a channel for the answer that it is done.
pub(super) type Restarts = mpsc::Sender<oneshot::Sender<()>>;

/// Restarts the server of the numbers, and answers when it listens again.
pub(super) async fn restart(Extension(restarts): Extension<Restarts>) -> Response {
    let (done, is_done) = oneshot::channel();
    let restarted = restarts.send(done).await.is_ok() && is_done.await.is_ok();
    if restarted { Response::ok() } else { StatusCode::SERVICE_UNAVAILABLE.into_response() }
}

/// State that outlives a restart.
struct Memory {
    rooms: Rooms<Tell>,
    last: LastNumbers,
}

/// The server of the numbers, which listens already.
pub(super) struct NumbersServer {
    bound: BoundServer,
    memory: Memory,
    config: ServerConfig,
    restarts: mpsc::Receiver<oneshot::Sender<()>>,
}

impl NumbersServer {
    pub(super) async fn bind(addr: SocketAddr, config: ServerConfig) -> Result<(Self, Restarts)> {
        let (sender, restarts) = mpsc::channel(1);
        let rooms = Rooms::with_config(RoomConfig::default().history(History::default()));
        let memory = Memory { rooms, last: LastNumbers::default() };
        let bound = bind(&memory, &config, addr).await?;
        Ok((Self { bound, memory, config, restarts }, sender))
    }

    pub(super) fn local_addr(&self) -> SocketAddr {
        self.bound.local_addr()
    }

    /// Serves until a signal ends the process.
    pub(super) async fn ignitia(self) -> Result<()> {
        let Self { mut bound, memory, config, mut restarts } = self;
        loop {
            let (addr, shutdown) = (bound.local_addr(), bound.shutdown());
            let mut serving = pin!(bound.ignitia());
            let done = tokio::select! {
                served = &mut serving => return served,
                Some(done) = restarts.recv() => done,
            };
            let (_, served) = tokio::join!(shutdown.drain(), serving);
            served?;
            bound = bind(&memory, &config, addr).await?;
            let _ = done.send(()); // the request may have ended
        }
    }
}

async fn bind(memory: &Memory, config: &ServerConfig, addr: SocketAddr) -> Result<BoundServer> {
    Server::new(routes(memory), addr).with_server_config(config.clone()).bind().await
}

fn routes(Memory { rooms, last }: &Memory) -> Router<Rooms<Tell>> {
    let limits = WebSocketConfig::default()
        // Half-open connections do not stay for long.
        .keepalive_interval(Duration::from_secs(1))
        .pong_timeout(Duration::from_secs(1))
        .close_timeout(Duration::from_millis(300));
    let router =
        Router::new().state(rooms.clone()).extension(last.clone()).mount_session_with::<Numbers>(limits);
    let client = router.contract().javascript();
    router.get("/", page::page).get("/client.js", move || {
        let client = client.clone();
        async { ([("content-type", "text/javascript; charset=utf-8")], client) }
    })
}
