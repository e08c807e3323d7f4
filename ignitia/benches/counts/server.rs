//! The measured server, and connections to it.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use ignitia::{prelude::*, websocket::WebSocketConfig};

use super::{client::EchoClient, handlers};

/// A server in this process.
pub(super) struct MeasuredServer {
    addr: SocketAddr,
    pub(super) runtime: tokio::runtime::Runtime,
}

impl MeasuredServer {
    pub(super) fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let config = WebSocketConfig::default()
            .write_stall(Duration::from_millis(500))
            .close_timeout(Duration::from_millis(500));
        let router = Router::new()
            .websocket("/echo", handlers::echo)
            .websocket("/headers", handlers::keeps_headers)
            .websocket("/cookies", handlers::keeps_cookies)
            .websocket("/binary", handlers::echo)
            .websocket("/static", handlers::fixed)
            .websocket("/tries", handlers::tries)
            .websocket("/returns", handlers::returns)
            .websocket("/fails", handlers::fails)
            .websocket("/panics", handlers::panics)
            .websocket("/stalls", handlers::stalls)
            .websocket("/sleeps", handlers::sleeps)
            .websocket_config(config);
        #[cfg(feature = "compression")]
        let router = router.merge(super::compression_routes::routes());
        let bound =
            runtime.block_on(ignitia::Server::new(router, ([127, 0, 0, 1], 0).into()).bind()).unwrap();
        let addr = bound.local_addr();
        runtime.spawn(bound.ignitia());
        Self { addr, runtime }
    }

    /// Opens a socket, and returns it with the request for a WebSocket.
    fn open(&self, path: &str) -> (TcpStream, String) {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        (stream, request)
    }

    /// Disconnects after a part of the request or after all of it, depending on the round.
    pub(super) fn abandon_handshake(&self, round: usize) {
        let (mut stream, request) = self.open("/echo");
        let most = request.len() - round % request.len();
        stream.write_all(&request.as_bytes()[..most]).unwrap();
    }

    pub(super) fn connect(&self, path: &str) -> EchoClient {
        self.connect_with(path, "")
    }

    /// Connects with additional header lines.
    pub(super) fn connect_with(&self, path: &str, lines: &str) -> EchoClient {
        let (mut stream, request) = self.open(path);
        let request = format!("{}{lines}\r\n", request.strip_suffix("\r\n").unwrap());
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        EchoClient::new(stream, if matches!(path, "/binary" | "/tries") { 0x82 } else { 0x81 })
    }
}
