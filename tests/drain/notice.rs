//! The notice before a drain: the server reports that it is about to end, and continues to serve.

use std::{process::Stdio, time::Duration};

use ignitia::{DrainConfig, DrainReport, Shutdown, health, prelude::*, testing::TestClient};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
    time::{Instant, sleep, timeout},
};

use crate::support::{End, RawSocket, Request, Running, Transport, close, echo, loopback, tcp, text, within};

/// Long enough for all requests of a test, on a busy machine.
const NOTICE: Duration = Duration::from_secs(5);

/// A test that waits for this is wrong.
const EVER: Duration = Duration::from_secs(3_600);

fn drain(notice: Duration) -> DrainConfig {
    DrainConfig::default().notice(notice).jitter(Duration::ZERO).retry_after(Duration::from_secs(7))
}

fn routes() -> Router {
    Router::new()
        .get("/readyz", health::readyz)
        .get("/livez", health::livez)
        .get("/", || async { "a page" })
        .websocket("/ws", echo)
}

async fn serve(transport: Transport, drain: DrainConfig) -> Running {
    transport.serve_with(routes(), ServerConfig { drain, ..Default::default() }).await
}

async fn get(socket: &mut RawSocket, path: &str) -> (u16, String) {
    let head = socket.ask(&Request::get(path)).await;
    (head.status, socket.body(&head).await)
}

async fn is_alive(socket: &mut RawSocket) {
    socket.send(&text("hello")).await;
    socket.expect_text("hello").await;
}

/// Expects the close frame of the server, answers it, and expects the end of the connection.
async fn goes_away(mut socket: RawSocket) {
    socket.expect_close(1001).await;
    socket.send(&close(1001, "")).await;
    assert_eq!(socket.end().await, End::Eof);
}

fn counts(report: DrainReport) -> (usize, usize, usize) {
    (report.clean, report.unclean, report.aborted)
}

#[test]
fn by_default_the_drain_is_over_before_a_container_is_killed() {
    let DrainConfig { notice, timeout, .. } = DrainConfig::default();
    assert!(notice >= Duration::from_secs(1), "load balancers would not notice it");
    assert!(notice + timeout <= Duration::from_secs(9), "`docker stop` kills after 10 s");
}

#[tokio::test]
async fn readiness_probes_fail_during_the_notice_and_all_else_goes_on() {
    for transport in [Transport::Plain, Transport::Tls] {
        let server = serve(transport, drain(NOTICE)).await;
        let (addr, tls) = (server.addr, transport == Transport::Tls);
        let connect = async || {
            let stream = tcp(addr, None).await;
            if tls { crate::support::tls(stream, b"http/1.1").await.into() } else { RawSocket::from(stream) }
        };
        let mut kept_alive = connect().await;
        assert_eq!(get(&mut kept_alive, "/readyz").await, (200, "ready".to_owned()));
        let mut socket = connect().await;
        socket.upgrade("/ws").await;

        let begun = Instant::now();
        let done = server.stop();
        let ready = within("the notice", async {
            loop {
                match get(&mut kept_alive, "/readyz").await {
                    (200, _) => sleep(Duration::from_millis(10)).await,
                    (status, body) => return (status, body),
                }
            }
        });
        assert_eq!(ready.await, (503, "draining".to_owned()));
        let mut new = connect().await;
        assert_eq!(get(&mut new, "/readyz").await, (503, "draining".to_owned()));
        for socket in [&mut kept_alive, &mut new] {
            assert_eq!(get(socket, "/livez").await, (200, "alive".to_owned()));
            assert_eq!(get(socket, "/").await, (200, "a page".to_owned()));
        }
        let head = new.ask(&Request::upgrade("/ws")).await;
        assert_eq!((head.status, head.get("retry-after")), (503, Some("7")));
        is_alive(&mut socket).await;
        goes_away(socket).await;
        assert!(begun.elapsed() >= NOTICE, "{:?}", begun.elapsed());
        assert_eq!(kept_alive.end().await, End::Eof);
        assert_eq!(counts(within("the drain", done).await.unwrap()), (1, 0, 0));
        assert!(TcpStream::connect(addr).await.is_err(), "the port is still open");
    }
}

#[tokio::test]
async fn readiness_probes_fail_during_the_notice_over_http2_too() {
    let server = serve(Transport::Http2, drain(NOTICE)).await;
    let mut socket = server.open("/ws").await;
    let done = server.stop();
    let readyz = within("the notice", async {
        loop {
            let head = socket.sibling().ask(&Request::get("/readyz")).await;
            if head.status == 503 {
                return head;
            }
        }
    });
    assert_eq!(readyz.await.get("retry-after"), None);
    let head = socket.sibling().ask(&Request::upgrade("/ws")).await;
    assert_eq!((head.status, head.get("retry-after")), (503, Some("7")));
    is_alive(&mut socket).await;
    goes_away(socket).await;
    assert_eq!(counts(within("the drain", done).await.unwrap()), (1, 0, 0));
}

#[tokio::test]
async fn upgrades_go_on_during_the_notice_if_configured() {
    let server = serve(Transport::Plain, drain(NOTICE).upgrades_during_notice(true)).await;
    let addr = server.addr;
    let mut probe = RawSocket::from(tcp(addr, None).await);
    let done = server.stop();
    while get(&mut probe, "/readyz").await.0 == 200 {}
    let mut socket = RawSocket::from(tcp(addr, None).await);
    socket.upgrade("/ws").await;
    is_alive(&mut socket).await;
    goes_away(socket).await;
    assert_eq!(counts(within("the drain", done).await.unwrap()), (1, 0, 0));
}

#[tokio::test]
async fn a_drain_by_hand_waits_for_no_notice() {
    let config = ServerConfig { drain: drain(EVER), ..Default::default() };
    let bound = Server::new(routes(), loopback()).with_server_config(config).bind().await.unwrap();
    let (addr, shutdown) = (bound.local_addr(), bound.shutdown());
    let served = tokio::spawn(bound.run());
    let mut socket = RawSocket::from(tcp(addr, None).await);
    socket.upgrade("/ws").await;
    let draining = tokio::spawn(async move { shutdown.drain().await });
    goes_away(socket).await;
    assert_eq!(counts(within("the drain", draining).await.unwrap()), (1, 0, 0));
    within("the end of the server", served).await.unwrap().unwrap();
}

/// A program that has waited enough drains during the notice.
#[tokio::test]
async fn a_drain_by_hand_ends_the_notice() {
    let shutdown = Shutdown::with_config(drain(EVER));
    let server = Transport::Plain.serve_until(routes(), shutdown.clone()).await;
    let socket = server.open("/ws").await;
    let mut probe = server.connect().await;
    let done = server.stop();
    while get(&mut probe, "/readyz").await.0 == 200 {}
    assert!(!shutdown.is_draining());
    let draining = tokio::spawn(async move { shutdown.drain().await });
    goes_away(socket).await;
    within("the drain", draining).await.unwrap();
    assert_eq!(counts(within("the end of the server", done).await.unwrap()), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn routes_in_another_server_are_given_notice_by_hand() {
    let shutdown = Shutdown::with_config(drain(NOTICE));
    let client = TestClient::new(routes().shutdown(shutdown.clone())).unwrap();
    let mut socket = client.connect("/ws").await;
    assert!(shutdown.is_ready() && !shutdown.is_draining());
    let giving = shutdown.clone();
    let notice = giving.notice();
    tokio::pin!(notice);
    assert!(timeout(NOTICE / 2, &mut notice).await.is_err());
    assert!(!shutdown.is_ready() && !shutdown.is_draining());
    assert!(timeout(Duration::ZERO, shutdown.draining()).await.is_err());
    assert_eq!(client.get("/readyz").await.status, 503);
    let refused = client.request("/ws").rejection().await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (503, Some("7")));
    socket.send_text("still there").await;
    assert_eq!(socket.recv_text().await, "still there");
    let start = Instant::now();
    notice.await;
    assert_eq!((start.elapsed(), shutdown.is_draining()), (NOTICE / 2, false));
    // The next notice ends with the drain.
    let again = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { timeout(NOTICE / 2, shutdown.notice()).await }
    });
    tokio::task::yield_now().await;
    let drain = tokio::spawn(async move { shutdown.drain().await });
    again.await.unwrap().unwrap();
    socket.expect_close(1001).await;
    socket.expect_end().await;
    assert_eq!(counts(drain.await.unwrap()), (1, 0, 0));
}

#[tokio::test]
async fn nested_routes_with_a_shutdown_of_their_own_are_given_notice_at_the_same_time() {
    let nested = routes().shutdown(Shutdown::with_config(drain(Duration::ZERO)));
    let server = Transport::Plain
        .serve_with(
            routes().nest("/nested", nested),
            ServerConfig { drain: drain(NOTICE), ..Default::default() },
        )
        .await;
    let mut probe = server.connect().await;
    let done = server.stop();
    for path in ["/readyz", "/nested/readyz"] {
        within("the notice", async { while get(&mut probe, path).await.0 == 200 {} }).await;
        assert_eq!(get(&mut probe, path).await.0, 503);
    }
    within("the drain", done).await.unwrap();
}

/// Environment variable that turns this test binary into one of the servers below.
const PROGRAM: &str = "IGNITIA_TEST_PROGRAM";

/// A process with a server: signals are sent to a whole process.
struct Process {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    addr: std::net::SocketAddr,
}

impl Process {
    async fn start(program: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "drain::notice::the_child_process_serves_until_a_signal_comes", "--nocapture"])
            .env(PROGRAM, program)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Self { child, stdout, addr: loopback() };
        process.addr = process.says("listening on ").await.parse().unwrap();
        process
    }

    /// Returns the rest of the line that contains these words.
    async fn says(&mut self, words: &str) -> String {
        within(words, async {
            loop {
                let line = self.stdout.next_line().await.unwrap().expect("more lines");
                if let Some((_, rest)) = line.split_once(words) {
                    return rest.to_owned();
                }
            }
        })
        .await
    }

    async fn open(&self) -> RawSocket {
        let mut socket = RawSocket::from(tcp(self.addr, None).await);
        socket.upgrade("/ws").await;
        socket
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id().unwrap());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Returns the report of the drain.
    async fn end(mut self) -> String {
        let report = self.says("report: ").await;
        assert!(within("the end of the process", self.child.wait()).await.unwrap().success());
        report
    }
}

/// The servers that run in a process of their own.
#[tokio::test]
async fn the_child_process_serves_until_a_signal_comes() {
    let Ok(program) = std::env::var(PROGRAM) else { return };
    let notice = if program == "briefly" { NOTICE } else { EVER };
    let config = ServerConfig { drain: drain(notice), ..Default::default() };
    let mut server = Server::new(routes(), loopback()).with_server_config(config);
    if program == "by-itself" {
        let drain = drain(Duration::ZERO).timeout(EVER);
        server = server.with_server_config(ServerConfig { drain, ..Default::default() });
        server = server.with_graceful_shutdown(async { tokio::signal::ctrl_c().await.unwrap() });
    }
    let bound = server.bind().await.unwrap();
    println!("\nlistening on {}", bound.local_addr());
    let report = bound.run().await.unwrap();
    println!("\nreport: {:?}", counts(report));
}

#[tokio::test]
async fn sigterm_gives_notice_and_drains() {
    let process = Process::start("briefly").await;
    let mut socket = process.open().await;
    let mut probe = RawSocket::from(tcp(process.addr, None).await);
    process.signal("TERM");
    within("the notice", async { while get(&mut probe, "/readyz").await.0 == 200 {} }).await;
    let mut new = RawSocket::from(tcp(process.addr, None).await);
    assert_eq!(get(&mut new, "/readyz").await.0, 503);
    is_alive(&mut socket).await;
    goes_away(socket).await;
    assert_eq!(process.end().await, "(1, 0, 0)");
}

#[tokio::test]
async fn ctrl_c_drains_without_a_notice() {
    let process = Process::start("for-ever").await;
    let socket = process.open().await;
    process.signal("INT");
    goes_away(socket).await;
    assert_eq!(process.end().await, "(1, 0, 0)");
}

#[tokio::test]
async fn a_second_signal_ends_the_notice() {
    for (first, second) in [("TERM", "INT"), ("TERM", "TERM")] {
        let process = Process::start("for-ever").await;
        let mut socket = process.open().await;
        let mut probe = RawSocket::from(tcp(process.addr, None).await);
        process.signal(first);
        within("the notice", async { while get(&mut probe, "/readyz").await.0 == 200 {} }).await;
        process.signal(second);
        socket.expect_close(1001).await;
        assert_eq!(process.end().await, "(0, 0, 1)");
    }
}

/// The signal that completes the program's own shutdown future is the first one, not the second.
#[tokio::test]
async fn a_shutdown_future_of_the_program_counts_as_the_first_signal() {
    let process = Process::start("by-itself").await;
    let socket = process.open().await;
    process.signal("INT");
    goes_away(socket).await;
    assert_eq!(process.end().await, "(1, 0, 0)");
}
