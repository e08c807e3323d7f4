//! Unix sockets: the socket file, and everything that works over TCP.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use axum::extract::ConnectInfo;
use ignitia::{
    DrainConfig, DrainReport, Error, Shutdown,
    limits::Limits,
    prelude::*,
    websocket::{CloseKind, WebSocketConfig, WebSocketConnection},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

use crate::support::{Request, TempFolder, close, echo, frame, within};

fn routes() -> Router {
    Router::new()
        .get("/", |peer: Option<axum::Extension<ConnectInfo<std::net::SocketAddr>>>| async move {
            format!("{:?}", peer.map(|peer| peer.0.0))
        })
        .websocket("/ws", echo)
        .limits(Limits::default().max_connections_per_peer(1))
}

fn server(path: &Path) -> Server<PathBuf> {
    let drain = DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO);
    Server::unix(routes(), path).with_server_config(ServerConfig { drain, ..Default::default() })
}

async fn serve(path: &Path) -> (Shutdown, JoinHandle<Result<DrainReport>>) {
    let bound = server(path).bind().await.unwrap();
    (bound.shutdown(), tokio::spawn(bound.run()))
}

async fn connect(path: &Path) -> UnixStream {
    within("the connection", UnixStream::connect(path)).await.unwrap()
}

/// Returns the answer up to this end.
async fn read_to(stream: &mut UnixStream, end: &[u8]) -> String {
    let mut read = Vec::new();
    within("the answer", async {
        while !read.ends_with(end) {
            assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "{:?}", String::from_utf8_lossy(&read));
        }
    })
    .await;
    String::from_utf8_lossy(&read).into_owned()
}

async fn upgrade(stream: &mut UnixStream) {
    stream.write_all(&Request::upgrade("/ws").to_bytes()).await.unwrap();
    let head = read_to(stream, b"\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
}

/// Sends bytes and expects them back in a frame of the server.
async fn echoes(stream: &mut UnixStream, payload: &[u8]) {
    let ours = frame(0x82, payload);
    let (mut read, mut write) = stream.split();
    let length = if payload.len() < 126 { 2 } else { 10 } + payload.len();
    let mut theirs = vec![0; length];
    let both = async { tokio::join!(write.write_all(&ours), read.read_exact(&mut theirs)) };
    let (written, read) = within("an echo", both).await;
    written.unwrap();
    read.unwrap();
    assert!(theirs.ends_with(payload));
}

#[tokio::test]
async fn everything_works_over_a_unix_socket() {
    let folder = TempFolder::new();
    let path = folder.path().join("http.sock");
    let (shutdown, served) = serve(&path).await;
    assert!(fs::metadata(&path).unwrap().file_type().is_socket());

    let mut page = connect(&path).await;
    page.write_all(&Request::get("/").to_bytes()).await.unwrap();
    let answer = read_to(&mut page, b"None").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    // More than one: without an address they do not count as one peer.
    let mut sockets = [connect(&path).await, connect(&path).await];
    for socket in &mut sockets {
        upgrade(socket).await;
        echoes(socket, b"hello").await;
        echoes(socket, &vec![7; 1 << 20]).await;
    }

    let drain = tokio::spawn(async move { shutdown.drain().await });
    for mut socket in sockets {
        let mut farewell = vec![0; 4];
        within("the close frame", socket.read_exact(&mut farewell)).await.unwrap();
        assert_eq!((farewell[0], &farewell[2..]), (0x88, &1001_u16.to_be_bytes()[..]));
        socket.write_all(&close(1001, "")).await.unwrap();
        within("the end", socket.read_to_end(&mut farewell)).await.unwrap();
    }
    assert_eq!(within("the drain", drain).await.unwrap().clean, 2);
    assert_eq!(within("the end of the server", served).await.unwrap().unwrap().clean, 2);
    assert!(!path.exists(), "the file is left");
}

/// The peer has sent bytes behind its handshake: hyper looks for an end only while nothing is
/// unread.
#[tokio::test]
async fn a_peer_that_leaves_before_the_decision_is_noticed() {
    let folder = TempFolder::new();
    let path = folder.path().join("http.sock");
    let (handlers, mut handles) = tokio::sync::mpsc::unbounded_channel();
    let config = WebSocketConfig::default().decision_window(None);
    let undecided = move |ws: WebSocketConnection| {
        handlers.send(ws).unwrap();
        std::future::pending::<Response>()
    };
    let routes = Router::new().websocket_with("/ws", undecided, config);
    let bound = Server::unix(routes, &path).bind().await.unwrap();
    let served = tokio::spawn(bound.run());
    for behind in [&b""[..], b"\x81"] {
        let mut peer = connect(&path).await;
        peer.write_all(&[&Request::upgrade("/ws").to_bytes(), behind].concat()).await.unwrap();
        let ws = within("the handler", handles.recv()).await.unwrap();
        drop(peer);
        assert_eq!(within("its end", ws.closed()).await.kind, CloseKind::NotUpgraded);
    }
    served.abort();
}

/// The file of a server that was killed is replaced; one with a listener is not.
#[tokio::test]
async fn only_an_abandoned_socket_file_is_replaced() {
    let folder = TempFolder::new();
    let path = folder.path().join("http.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let (shutdown, served) = serve(&path).await;
    upgrade(&mut connect(&path).await).await;

    let taken = server(&path).bind().await.unwrap_err();
    assert!(taken.is_io() && taken.to_string().contains("http.sock"), "{taken}");
    upgrade(&mut connect(&path).await).await;
    shutdown.abort();
    within("the end of the server", served).await.unwrap().unwrap();

    fs::write(&path, "a file of somebody's").unwrap();
    let foreign = server(&path).bind().await.unwrap_err();
    assert!(foreign.is_io(), "{foreign}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "a file of somebody's");
    let nowhere = server(&folder.path().join("no/such/folder.sock")).bind().await.unwrap_err();
    assert!(nowhere.is_io(), "{nowhere}");
}

/// The next server may listen while the last one still drains.
#[tokio::test]
async fn the_socket_file_of_a_successor_is_kept() {
    let folder = TempFolder::new();
    let path = folder.path().join("http.sock");
    let (shutdown, served) = serve(&path).await;
    let mut socket = connect(&path).await;
    upgrade(&mut socket).await;
    let drain = tokio::spawn(async move { shutdown.drain().await });
    within("the file is gone", async {
        while path.exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (next, next_served) = serve(&path).await;
    socket.write_all(&close(1000, "")).await.unwrap();
    drop(socket);
    within("the drain", drain).await.unwrap();
    within("the end of the server", served).await.unwrap().unwrap();
    upgrade(&mut connect(&path).await).await;
    next.abort();
    within("the end of the server", next_served).await.unwrap().unwrap();
    assert!(!path.exists());
}

/// The file belongs to the program: it stays.
#[tokio::test]
async fn a_unix_listener_of_the_program_keeps_its_permissions() {
    let folder = TempFolder::new();
    let path = folder.path().join("http.sock");
    let listener = UnixListener::bind(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
    let bound = server(Path::new("/nowhere")).listen(listener).unwrap();
    let shutdown = bound.shutdown();
    let served = tokio::spawn(bound.ignitia());
    upgrade(&mut connect(&path).await).await;
    shutdown.abort();
    within("the end of the server", served).await.unwrap().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let refused = UnixStream::connect(&path).await.map(drop).map_err(|error| error.kind());
    assert_eq!(refused, Err(io::ErrorKind::ConnectionRefused));
}

/// The mistake in a route is found before the file is made.
#[tokio::test]
async fn no_socket_file_is_made_for_wrong_routes() {
    let folder = TempFolder::new();
    let wrong = Router::new().websocket("no-slash", |ws: WebSocketConnection| async move {
        drop(ws);
        Response::ok()
    });
    let error: Error = Server::unix(wrong, folder.path().join("http.sock")).bind().await.unwrap_err();
    assert!(error.is_route());
    assert!(!folder.path().join("http.sock").exists());
}
