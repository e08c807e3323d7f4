//! A drain of thousands of connections of every kind at once.

use std::{net::SocketAddr, time::Duration};

use ignitia::{DrainConfig, Shutdown, prelude::*, websocket::WebSocketConfig};
use tokio::{
    net::TcpStream,
    runtime::Handle,
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::yield_now,
    time::{Instant, timeout},
};

use crate::support::{
    DEADLINE, End, Http2Stream, RawSocket, Request, Running, Transport, close, echo, forever, tcp, text,
    within,
};

/// Deadline of the drain. By then every peer has had time to answer, also on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The close frames are spread over this time.
const JITTER: Duration = Duration::from_millis(1_500);

/// Streams of one HTTP/2 connection.
const STREAMS: usize = 100;

/// Number of connections of each kind.
#[derive(Debug, Clone, Copy)]
struct ConnectionCounts {
    /// Peers that answer, with handlers that end.
    healthy: usize,
    /// Handlers that never end; their peers answer.
    stubborn: usize,
    /// Peers that do not answer the close frame.
    silent: usize,
    /// Peers that never read what is sent to them all the time.
    stalled: usize,
    /// Handlers that have not decided.
    undecided: usize,
    /// Peers that have sent half of their request.
    half: usize,
}

/// Opens WebSockets; over HTTP/2 many on each connection.
struct Opener {
    transport: Transport,
    addr: SocketAddr,
    /// Number of bytes that a peer takes before it reads.
    window: Option<u32>,
    /// The last connection, and the number of streams that it has left.
    last: Option<(RawSocket, usize)>,
}

impl Opener {
    fn new(server: &Running, window: Option<u32>) -> Self {
        Self { transport: server.transport, addr: server.addr, window, last: None }
    }

    async fn connect(&mut self) -> RawSocket {
        let stream = async || tcp(self.addr, self.window).await;
        if self.transport != Transport::Http2 {
            return stream().await.into();
        }
        if self.last.as_ref().is_none_or(|(_, left)| *left == 0) {
            let connection = RawSocket::from(Http2Stream::connect(stream().await, self.window).await);
            self.last = Some((connection, STREAMS));
        }
        let (connection, left) = self.last.as_mut().unwrap();
        *left -= 1;
        connection.sibling()
    }

    async fn request(&mut self, path: &str, count: usize) -> Vec<RawSocket> {
        let mut sockets = Vec::with_capacity(count);
        for _ in 0..count {
            let mut socket = self.connect().await;
            socket.request(&Request::upgrade(path)).await;
            sockets.push(socket);
        }
        sockets
    }

    async fn open(&mut self, path: &str, count: usize) -> Vec<RawSocket> {
        let mut sockets = self.request(path, count).await;
        for socket in &mut sockets {
            assert_eq!(socket.head().await.status, 101);
        }
        sockets
    }
}

fn router(undecided: UnboundedSender<()>) -> Router {
    // No other timeout ends a connection before the drain does.
    let config = WebSocketConfig::default()
        .close_timeout(10 * TIMEOUT)
        .write_stall(10 * TIMEOUT)
        .outbox_bytes(64 << 10)
        .decision_window(None)
        .keepalive_interval(None);
    Router::new()
        .websocket_config(config)
        .websocket("/echo", |ws: WebSocketConnection| async move {
            ws.accept().await.unwrap();
            echo(ws).await
        })
        .websocket("/stubborn", |ws: WebSocketConnection| async move {
            ws.accept().await.unwrap();
            forever().await
        })
        .websocket("/full", |ws: WebSocketConnection| async move {
            while ws.send_binary(vec![0; 16 << 10]).await.is_ok() {}
            Response::ok()
        })
        .websocket("/undecided", move |_ws: WebSocketConnection| {
            undecided.send(()).unwrap();
            forever()
        })
}

async fn drain(transport: Transport, counts: ConnectionCounts) {
    let before = Handle::current().metrics().num_alive_tasks();
    let config = DrainConfig::default().timeout(TIMEOUT).notice(Duration::ZERO).jitter(JITTER);
    let shutdown = Shutdown::with_config(config);
    let (log, mut undecided) = unbounded_channel();
    let server = transport.serve_until(router(log), shutdown.clone()).await;
    let addr = server.addr;

    let mut opener = Opener::new(&server, None);
    let mut healthy = opener.open("/echo", counts.healthy).await;
    let mut stubborn = opener.open("/stubborn", counts.stubborn).await;
    let mut silent = opener.open("/echo", counts.silent).await;
    let mut refused = opener.request("/undecided", counts.undecided).await;
    // All streams share the window of their connection: streams that are not read need a connection
    // of their own.
    let stalled = Opener::new(&server, Some(4096)).open("/full", counts.stalled).await;
    let mut half = Vec::new();
    if transport != Transport::Http2 {
        let request = Request::upgrade("/echo").to_bytes();
        for _ in 0..counts.half {
            let mut socket = RawSocket::from(tcp(addr, None).await);
            socket.send(&request[..request.len() / 2]).await;
            half.push(socket);
        }
    }
    for _ in 0..counts.undecided {
        within("an undecided handler", undecided.recv()).await.unwrap();
    }
    for socket in healthy.iter_mut().step_by(10) {
        socket.send(&text("hello")).await;
        socket.expect_text("hello").await;
    }

    let begun = Instant::now();
    let done = server.stop();
    within("the drain", shutdown.draining()).await;
    if transport == Transport::Axum {
        // axum goes on accepting.
        refused.extend(opener.request("/echo", 10).await);
    }
    for socket in &mut refused {
        let head = socket.head().await;
        assert_eq!((head.status, head.get("retry-after")), (503, Some("5")), "{head:?}");
    }
    for socket in healthy.iter_mut().chain(&mut stubborn) {
        socket.expect_close(1001).await;
        socket.send(&close(1001, "")).await;
        assert_eq!(socket.end().await, End::Eof);
    }
    for socket in &mut silent {
        socket.expect_close(1001).await;
    }
    assert!(!done.is_finished(), "it has not waited for the others");

    let report = timeout(TIMEOUT + DEADLINE, done).await.expect("the drain ends").unwrap();
    let took = begun.elapsed();
    assert_eq!(report.clean, counts.healthy, "{report:?}");
    assert_eq!(report.unclean, 0, "{report:?}");
    assert_eq!(report.aborted, counts.stubborn + counts.silent + counts.stalled, "{report:?}");
    assert!(took >= TIMEOUT && took < TIMEOUT + DEADLINE, "{took:?}");
    for mut socket in silent.into_iter().chain(stalled) {
        within("the end of the connection", socket.drain()).await;
    }
    if transport != Transport::Axum {
        assert!(TcpStream::connect(addr).await.is_err(), "the port is still open");
        for mut socket in half.drain(..) {
            within("the end of half a request", socket.drain()).await;
        }
    }
    drop((healthy, stubborn, refused, half, opener));
    let left = async {
        while Handle::current().metrics().num_alive_tasks() > before {
            yield_now().await;
        }
    };
    within("the end of all tasks", left).await;
}

/// Both ends of each connection are in this process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_connections_are_drained_by_the_deadline() {
    let counts =
        ConnectionCounts { healthy: 4_000, stubborn: 500, silent: 400, stalled: 50, undecided: 40, half: 10 };
    let descriptors = rlimit::increase_nofile_limit(15_000).unwrap();
    assert!(descriptors > 12_000, "only {descriptors} descriptors are to be had");
    drain(Transport::Plain, counts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_streams_of_fifty_connections_are_drained_by_the_deadline() {
    let counts =
        ConnectionCounts { healthy: 4_000, stubborn: 500, silent: 400, stalled: 50, undecided: 50, half: 0 };
    drain(Transport::Http2, counts).await;
}

/// The routes are in another server, which goes on accepting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_connections_of_another_server_are_drained_by_the_deadline() {
    let counts =
        ConnectionCounts { healthy: 400, stubborn: 50, silent: 30, stalled: 10, undecided: 10, half: 10 };
    drain(Transport::Axum, counts).await;
}
