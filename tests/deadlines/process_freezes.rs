//! Stalls of our own process: peers send in time, and their bytes lie in the kernel when the
//! process continues.
//!
//! The server has a thread of its own, which a test stops. It is told of one socket at a time, so
//! the timers of all connections fire before it has heard of the second socket.

use std::{net::SocketAddr, sync::mpsc, thread::JoinHandle, time::Duration};

use axum::http::request::Parts;
use ignitia::{
    FromRequestParts, IntoRouter,
    prelude::*,
    websocket::{CloseCause, CloseKind, WebSocketConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc::unbounded_channel, oneshot, watch},
    time::{Instant, sleep, timeout_at},
};

use crate::support::{
    Frame, PING, PONG, RawSocket, Request, TEXT, certificate, close, echo, frame, loopback, route, tcp, text,
    tls as tls_client, try_tls, within,
};

const CONNECTIONS: usize = 8;

/// Timeout under test: much longer than this machine stalls by itself.
const TERM: Duration = Duration::from_secs(2);

/// Lengths of a freeze: just past the timeout, perhaps too short to be noticed as a stall, and
/// longer than any grace period.
const FREEZES: [Duration; 2] = [Duration::from_millis(2_400), Duration::from_millis(4_500)];

/// A server in a thread that can be stopped.
struct Freezable {
    addr: SocketAddr,
    tasks: tokio::runtime::Handle,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Guard that keeps the thread of the server stopped.
struct Frozen(#[expect(dead_code, reason = "it is dropped")] mpsc::Sender<()>);

impl Freezable {
    fn serve(router: impl IntoRouter) -> Self {
        Self::serve_with(router, ServerConfig::default())
    }

    fn serve_with(router: impl IntoRouter, mut config: ServerConfig) -> Self {
        config.drain.notice = Duration::ZERO;
        let router = router.into_router();
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, tell) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .max_io_events_per_tick(1)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let server = Server::new(router, loopback()).with_server_config(config);
                let server = server.with_graceful_shutdown(async {
                    stopped.await.ok();
                });
                let bound = server.bind().await.unwrap();
                told.send((bound.local_addr(), tokio::runtime::Handle::current())).unwrap();
                bound.run().await.unwrap();
            });
        });
        let (addr, tasks) = tell.recv().unwrap();
        Self { addr, tasks, stop, thread }
    }

    async fn connect(&self) -> Vec<TcpStream> {
        let mut streams = Vec::new();
        for _ in 0..CONNECTIONS {
            streams.push(tcp(self.addr, None).await);
        }
        streams
    }

    async fn open(&self) -> Vec<RawSocket> {
        let mut sockets = Vec::new();
        for stream in self.connect().await {
            let mut socket = RawSocket::from(stream);
            socket.upgrade("/").await;
            sockets.push(socket);
        }
        sockets
    }

    /// Stops the thread between two polls of its tasks.
    async fn freeze(&self) -> Frozen {
        let (frozen, is_frozen) = oneshot::channel();
        let (thaw, thawed) = mpsc::channel::<()>();
        self.tasks.spawn(async move {
            frozen.send(()).unwrap();
            thawed.recv().ok();
        });
        within("the thread stands still", is_frozen).await.unwrap();
        Frozen(thaw)
    }

    async fn end(self) {
        drop(self.stop);
        let ended = tokio::task::spawn_blocking(|| self.thread.join().unwrap());
        within("the end of the server", ended).await.unwrap();
    }
}

/// Runs both lengths at the same time, since freezes take long.
async fn each(freeze: impl AsyncFn(Duration)) {
    tokio::join!(freeze(FREEZES[0]), freeze(FREEZES[1]));
}

/// Returns the next frame that is no ping, and answers the pings before it.
async fn answering(socket: &mut RawSocket) -> Frame {
    loop {
        let got = socket.frame().await;
        if got.opcode != PING {
            return got;
        }
        socket.send(&frame(0x80 | PONG, &got.payload)).await;
    }
}

async fn is_alive(socket: &mut RawSocket) {
    socket.send(&text("still here")).await;
    assert_eq!(answering(socket).await, Frame::whole(TEXT, "still here"));
}

#[tokio::test]
async fn pongs_that_arrived_during_a_freeze_count() {
    each(async |length| {
        let config = WebSocketConfig::default().keepalive_interval(TERM / 4).pong_timeout(TERM);
        let server = Freezable::serve(route(config, echo));
        let mut sockets = server.open().await;
        let mut pings = Vec::new();
        for socket in &mut sockets {
            let ping = socket.frame().await;
            assert_eq!(ping.opcode, PING);
            pings.push(ping.payload);
        }
        let frozen = server.freeze().await;
        for (socket, ping) in sockets.iter_mut().zip(pings) {
            socket.send(&frame(0x80 | PONG, &ping)).await;
        }
        sleep(length).await;
        drop(frozen);
        for socket in &mut sockets {
            is_alive(socket).await;
        }
        drop(sockets);
        server.end().await;
    })
    .await;
}

#[tokio::test]
async fn messages_that_arrived_during_a_freeze_count() {
    each(async |length| {
        let config = WebSocketConfig::default().idle_timeout(TERM);
        let server = Freezable::serve(route(config, echo));
        let mut sockets = server.open().await;
        let frozen = server.freeze().await;
        for socket in &mut sockets {
            socket.send(&text("busy")).await;
        }
        sleep(length).await;
        drop(frozen);
        for socket in &mut sockets {
            assert_eq!(answering(socket).await, Frame::whole(TEXT, "busy"));
            is_alive(socket).await;
        }
        drop(sockets);
        server.end().await;
    })
    .await;
}

#[tokio::test]
async fn close_frames_that_arrived_during_a_freeze_count() {
    each(async |length| {
        let (log, mut ends) = unbounded_channel::<CloseCause>();
        let config = WebSocketConfig::default().close_timeout(TERM);
        let server = Freezable::serve(route(config, move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                ws.recv().await;
                ws.close(None).await.unwrap();
                log.send(ws.closed().await).unwrap();
                Response::ok()
            }
        }));
        let mut sockets = server.open().await;
        for socket in &mut sockets {
            socket.send(&text("go")).await;
            socket.expect_close(1005).await;
        }
        let frozen = server.freeze().await;
        for socket in &mut sockets {
            socket.send(&close(1000, "")).await;
        }
        sleep(length).await;
        drop(frozen);
        for _ in 0..CONNECTIONS {
            let cause = within("the end", ends.recv()).await.unwrap();
            assert_eq!((cause.kind, cause.clean), (CloseKind::Local, true));
        }
        drop(sockets);
        server.end().await;
    })
    .await;
}

/// Freezes the server while its peers are behind on reading. With `busy` peers, which send all the
/// time, the tasks of the server are stopped between two polls.
async fn peers_that_were_behind(busy: bool, length: Duration) {
    const LARGE: usize = 1 << 20;
    const MESSAGES: usize = 8;
    let config = WebSocketConfig::default().write_stall(TERM);
    let (go, going) = watch::channel(false);
    let server = Freezable::serve(route(config, move |mut ws: WebSocketConnection| {
        let mut going = going.clone();
        async move {
            ws.accept().await.unwrap();
            going.wait_for(|go| *go).await.unwrap();
            for _ in 0..MESSAGES {
                let ws = ws.clone();
                tokio::spawn(async move { ws.send_binary(vec![0; LARGE]).await });
            }
            while ws.recv().await.is_some_and(|message| message.is_data()) {}
            Response::ok()
        }
    }));
    let mut peers = tokio::task::JoinSet::new();
    let mut readers = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut socket = RawSocket::from(tcp(server.addr, Some(64 << 10)).await);
        socket.upgrade("/").await;
        let (read, mut may_read) = oneshot::channel::<()>();
        readers.push(read);
        peers.spawn(async move {
            let flood = text(&"x".repeat(1000)).repeat(100);
            loop {
                tokio::select! {
                    biased;
                    _ = &mut may_read => break,
                    sent = socket.try_send(&flood), if busy => sent.unwrap(),
                }
            }
            for _ in 0..MESSAGES {
                assert_eq!(answering(&mut socket).await.payload.len(), LARGE);
            }
        });
    }
    // The server was stuck with each of them for a moment; the first did not have to wait for the
    // last.
    go.send_replace(true);
    sleep(TERM / 4).await;
    let frozen = server.freeze().await;
    let thaw = Instant::now() + length;
    for read in readers {
        read.send(()).unwrap();
    }
    // The peers read what the kernel holds, and wait for more.
    assert!(timeout_at(thaw, peers.join_next()).await.is_err());
    drop(frozen);
    within("the peers have everything", peers.join_all()).await;
    server.end().await;
}

#[tokio::test]
async fn a_peer_that_read_during_a_freeze_is_not_stalled() {
    each(async |length| peers_that_were_behind(false, length).await).await;
}

#[tokio::test]
async fn a_peer_that_sent_and_read_during_a_freeze_is_not_stalled() {
    each(async |length| peers_that_were_behind(true, length).await).await;
}

/// Half of the clients have sent half of their request before the freeze.
#[tokio::test]
async fn requests_that_arrived_during_a_freeze_count() {
    each(async |length| {
        let config = ServerConfig { header_read_timeout: TERM, ..Default::default() };
        let server = Freezable::serve_with(route(WebSocketConfig::default(), echo), config);
        let request = Request::upgrade("/").to_bytes();
        let mut sockets: Vec<RawSocket> = server.connect().await.into_iter().map(RawSocket::from).collect();
        for socket in sockets.iter_mut().skip(CONNECTIONS / 2) {
            socket.send(&request[..request.len() / 2]).await;
        }
        // A later client is served later: the others have been accepted.
        let _later = server.open().await;
        let frozen = server.freeze().await;
        for (n, socket) in sockets.iter_mut().enumerate() {
            socket.send(&request[if n < CONNECTIONS / 2 { 0 } else { request.len() / 2 }..]).await;
        }
        sleep(length).await;
        drop(frozen);
        for mut socket in sockets {
            assert_eq!(socket.head().await.status, 101);
            is_alive(&mut socket).await;
        }
        server.end().await;
    })
    .await;
}

#[tokio::test]
async fn tls_handshakes_that_arrived_during_a_freeze_count() {
    each(async |length| {
        let tls = TlsConfig { handshake_timeout: TERM, ..certificate() };
        let config = ServerConfig { tls: Some(tls), ..Default::default() };
        let server = Freezable::serve_with(route(WebSocketConfig::default(), echo), config);
        let streams = server.connect().await;
        let _later = tls_client(tcp(server.addr, None).await, b"http/1.1").await;
        let frozen = server.freeze().await;
        let mut handshakes = tokio::task::JoinSet::new();
        for stream in streams {
            handshakes.spawn(async { try_tls(stream, b"http/1.1").await.unwrap() });
        }
        sleep(length).await;
        drop(frozen);
        for stream in within("the handshakes", handshakes.join_all()).await {
            let mut socket = RawSocket::from(stream);
            socket.upgrade("/").await;
            is_alive(&mut socket).await;
        }
        server.end().await;
    })
    .await;
}

/// Asks another server for the client's authorization; its answer comes over a socket, too.
async fn authorized(database: SocketAddr) -> bool {
    let mut database = TcpStream::connect(database).await.unwrap();
    database.read_u8().await.unwrap() == 1
}

struct Authorized;

impl FromRequestParts<SocketAddr> for Authorized {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, database: &SocketAddr) -> Result<Self, StatusCode> {
        authorized(*database).await.then_some(Self).ok_or(StatusCode::FORBIDDEN)
    }
}

#[tokio::test]
async fn an_answer_that_a_handshake_waits_for_may_come_during_a_freeze() {
    each(async |length| {
        let database = TcpListener::bind(loopback()).await.unwrap();
        let at = database.local_addr().unwrap();
        let config = WebSocketConfig::default().decision_window(TERM).handshake_timeout(TERM);
        let router = Router::new().state(at).websocket_config(config);
        let router = router.websocket("/extractor", |_: Authorized, ws: WebSocketConnection| echo(ws));
        let router = router.websocket(
            "/handler",
            |State(at): State<SocketAddr>, ws: WebSocketConnection| async move {
                match authorized(at).await {
                    true => echo(ws).await,
                    false => Ok(Response::unauthorized("who are you?")),
                }
            },
        );
        let server = Freezable::serve(router);
        let mut waiting = Vec::new();
        for (n, stream) in server.connect().await.into_iter().enumerate() {
            let (mut socket, is_good) = (RawSocket::from(stream), n % 4 < 2);
            let path = if n % 2 == 0 { "/extractor" } else { "/handler" };
            socket.request(&Request::upgrade(path)).await;
            let (question, _) = within("a question", database.accept()).await.unwrap();
            let answer = if is_good { 101 } else { [403, 401][n % 2] };
            waiting.push((socket, question, is_good, answer));
        }
        let frozen = server.freeze().await;
        for (_, question, is_good, _) in &mut waiting {
            question.write_u8(u8::from(*is_good)).await.unwrap();
        }
        sleep(length).await;
        drop(frozen);
        for (mut socket, _, _, answer) in waiting {
            assert_eq!(socket.head().await.status, answer);
        }
        server.end().await;
    })
    .await;
}
