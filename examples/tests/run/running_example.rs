//! Start and stop of an example, and requests to it.

use std::{
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, Lines,
    },
    net::{TcpSocket, TcpStream},
    process::{Child, ChildStdout, Command},
    time::Instant,
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Error, client::IntoClientRequest, handshake::client::Request},
};

use crate::{client::Client, deadline::within};

/// A running example. It is killed and reaped if the test fails: `kill_on_drop`.
pub(crate) struct RunningExample {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    pub(crate) addr: SocketAddr,
}

impl RunningExample {
    pub(crate) async fn start(program: &str) -> Self {
        Self::start_at(program, "http").await
    }

    pub(crate) async fn start_at(program: &str, scheme: &str) -> Self {
        Self::start_with(program, scheme, &[]).await
    }

    /// Starts an example with these variables of the environment.
    pub(crate) async fn start_with(program: &str, scheme: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(program)
            .env("PORT", "0")
            .env("RUST_LOG", "info")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the example starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let line = within(stdout.next_line()).await.expect("UTF-8").expect("a line before the end");
        let addr =
            line.strip_prefix(&format!("listening on {scheme}://")).expect("the line contains the address");
        let addr: SocketAddr = addr.parse().expect("an address");
        assert!(addr.ip().is_loopback() && addr.port() != 0, "{addr}");
        Self { child, stdout, addr }
    }

    pub(crate) async fn stream(&self) -> TcpStream {
        within(TcpStream::connect(self.addr)).await.expect("the example accepts")
    }

    pub(crate) async fn connect(&self, path: &str) -> Client<TcpStream> {
        self.handshake(self.request(path)).await.expect("the upgrade succeeds")
    }

    /// Connects with a small receive buffer, so that a client that does not read lags early.
    pub(crate) async fn connect_with_small_buffer(&self, path: &str) -> Client<TcpStream> {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(16 << 10).expect("the buffer is set");
        let stream = within(socket.connect(self.addr)).await.expect("the example accepts");
        let upgrade = within(client_async(self.request(path), stream)).await;
        let (socket, _) = upgrade.expect("the upgrade succeeds");
        Client(socket)
    }

    pub(crate) fn request(&self, path: &str) -> Request {
        format!("ws://{}{path}", self.addr).into_client_request().expect("a URL")
    }

    pub(crate) async fn handshake(&self, request: Request) -> Result<Client<TcpStream>, Error> {
        let (socket, response) = within(client_async(request, self.stream().await)).await?;
        assert_eq!(response.status(), 101);
        Ok(Client(socket))
    }

    /// Expects a handshake to be refused, and returns the status and the text.
    pub(crate) async fn refusal(&self, request: Request) -> (u16, String) {
        match self.handshake(request).await {
            Err(Error::Http(response)) => {
                let text = response.body().as_deref().unwrap_or_default();
                (response.status().as_u16(), String::from_utf8_lossy(text).into_owned())
            }
            other => panic!("no refusal: {:?}", other.map(drop)),
        }
    }

    /// Sends a plain request, and returns the head and the body of the response.
    pub(crate) async fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> (String, String) {
        exchange(self.stream().await, &request_text(self.addr, method, path, headers, body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        let (head, body) = self.http("GET", path, "", "").await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
        body
    }

    /// Checks the page and the files that it loads.
    pub(crate) async fn check_page(&self, contains: &str) {
        let files = self.check_page_at("/", contains).await;
        assert!(files.iter().any(|file| file == "/state_view.js"), "{files:?}");
    }

    /// Checks a page and the files that it loads, and returns their paths.
    pub(crate) async fn check_page_at(&self, path: &str, contains: &str) -> Vec<String> {
        let page = self.get(path).await;
        assert!(page.starts_with("<!doctype html>") && page.contains(contains), "{page}");
        assert!(!page.contains("{{"), "{page}");
        let quoted = page.split('"').filter(|text| text.starts_with('/'));
        let files: Vec<_> = quoted.filter(|text| text.ends_with(".js") || text.ends_with(".css")).collect();
        assert!(files.contains(&"/style.css"), "{files:?}");
        for file in &files {
            assert!(!self.get(file).await.is_empty(), "{file}");
        }
        files.into_iter().map(str::to_owned).collect()
    }

    fn terminate(&self) {
        let pid = self.child.id().expect("it still runs");
        // The shell's builtin `kill`: a program of that name is not installed everywhere.
        let killed = std::process::Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status();
        assert!(killed.expect("a shell").success());
    }

    /// Sends SIGTERM while these connections are open: each must be closed with 1001, then the
    /// process must exit successfully.
    pub(crate) async fn stop<S>(mut self, clients: impl IntoIterator<Item = Client<S>>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let begun = Instant::now();
        self.terminate();
        for mut client in clients {
            let frame = client.closed().await.expect("a close frame with a code");
            assert_eq!(u16::from(frame.code), 1001, "{}", frame.reason);
        }
        let status: ExitStatus = within(self.child.wait()).await.expect("it can be waited for");
        assert!(status.success(), "{status}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        let more = within(self.stdout.next_line()).await.expect("UTF-8");
        assert_eq!(more, None, "stdout has more than one line");
    }
}

/// Writes an HTTP/1.1 request.
pub(crate) fn request_text(addr: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let headers = format!("Host: {addr}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}");
    format!("{method} {path} HTTP/1.1\r\n{headers}\r\n{body}")
}

/// Sends a request, and returns the head and the body of the response.
pub(crate) async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
) -> (String, String) {
    let mut answer = Vec::new();
    within(stream.write_all(request.as_bytes())).await.expect("the request is taken");
    within(stream.read_to_end(&mut answer)).await.expect("the answer comes");
    let answer = String::from_utf8(answer).expect("UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_owned(), body.to_owned())
}
