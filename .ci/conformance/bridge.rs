//! Forwards WebSockets over HTTP/1.1 to a server of WebSockets over HTTP/2 (RFC 8441), byte by
//! byte.
//!
//! ```text
//! conformance-bridge HOST:PORT
//! ```
//!
//! It prints its address to stdout. All WebSockets are streams of one connection without TLS, and
//! the bridge exits when that connection ends. It forwards the end of a direction as such, and a
//! reset as a reset.

use std::{env, error::Error, future::poll_fn, net::Ipv4Addr};

use bytes::Bytes;
use h2::{
    Reason, RecvStream, SendStream,
    client::{self, SendRequest},
    ext::Protocol,
};
use http::{Request, Response, StatusCode};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader, copy_buf, sink},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, yield_now},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

type BridgeResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Headers that HTTP/2 does not use (RFC 8441, section 5).
const NOT_IN_HTTP_2: [&str; 4] = ["host", "connection", "upgrade", "sec-websocket-key"];

#[tokio::main]
async fn main() -> BridgeResult<()> {
    let server = env::args().nth(1).ok_or("usage: conformance-bridge HOST:PORT")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on {}", listener.local_addr()?);
    let (mut client, _) = listener.accept().await?;
    // Connects only now, since a server closes connections without requests.
    let (connection, mut driver) = connect(&server).await?;
    loop {
        tokio::spawn(serve(client, connection.clone()));
        client = tokio::select! {
            over = &mut driver => {
                over??;
                return Err("the server has ended the connection".into());
            }
            accepted = listener.accept() => accepted?.0,
        };
    }
}

/// Opens the connection, and waits for the settings that enable extended CONNECT.
async fn connect(server: &str) -> BridgeResult<(SendRequest<Bytes>, JoinHandle<BridgeResult<()>>)> {
    let tcp = TcpStream::connect(server).await?;
    tcp.set_nodelay(true)?;
    let (connection, driver) = client::handshake(tcp).await?;
    let driver = tokio::spawn(async { Ok(driver.await?) });
    while !connection.is_extended_connect_protocol_enabled() {
        if driver.is_finished() {
            return Err("the server has ended the connection before its settings".into());
        }
        yield_now().await;
    }
    Ok((connection, driver))
}

async fn serve(mut client: TcpStream, connection: SendRequest<Bytes>) {
    if let Err(error) = forward(&mut client, connection).await {
        eprintln!("a WebSocket was aborted: {error}");
        // Dropping its last handle resets the stream. This resets the client's connection, too.
        let _ = client.set_zero_linger();
    }
}

/// Forwards one WebSocket until both directions have ended. An error aborts both.
async fn forward(client: &mut TcpStream, connection: SendRequest<Bytes>) -> BridgeResult<()> {
    client.set_nodelay(true)?;
    let (from_client, mut to_client) = client.split();
    let mut from_client = BufReader::with_capacity(64 << 10, from_client);
    let (request, key) = extended_connect(&mut from_client).await?;
    let (answer, to_server) = connection.ready().await?.send_request(request, false)?;
    let answer = answer.await?;
    to_client.write_all(head(&answer, &key).as_bytes()).await?;
    if answer.status() != StatusCode::OK {
        eprintln!("the server has refused a WebSocket: {}", answer.status());
        return Ok(());
    }
    let from_server = answer.into_body();
    tokio::try_join!(
        forward_to_server(&mut from_client, to_server),
        forward_to_client(from_server, &mut to_client)
    )?;
    Ok(())
}

/// Reads the head of an upgrade, and returns the request for HTTP/2 with the key.
async fn extended_connect(client: &mut (impl AsyncBufRead + Unpin)) -> BridgeResult<(Request<()>, String)> {
    let mut lines = client.lines();
    let request_line = lines.next_line().await?.ok_or("no request")?;
    let path = request_line.split(' ').nth(1).ok_or("no path")?.to_owned();
    let mut headers = Vec::new();
    while let Some(line) = lines.next_line().await?.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let header = |wanted| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| &**value);
    let mut request = Request::builder()
        .method("CONNECT")
        .uri(format!("http://{}{path}", header("host").ok_or("no host")?))
        .extension(Protocol::from(header("upgrade").ok_or("no upgrade")?));
    for (name, value) in headers.iter().filter(|(name, _)| !NOT_IN_HTTP_2.contains(&&**name)) {
        request = request.header(name, value);
    }
    Ok((request.body(())?, header("sec-websocket-key").ok_or("no key")?.to_owned()))
}

/// Returns the head of the response in HTTP/1.1, with a 101 for an open WebSocket.
fn head(answer: &Response<RecvStream>, key: &str) -> String {
    let mut head = match answer.status() {
        StatusCode::OK => format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {}\r\n",
            derive_accept_key(key.as_bytes())
        ),
        status => format!("HTTP/1.1 {status}\r\nconnection: close\r\n"),
    };
    for (name, value) in answer.headers() {
        head += &format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    head + "\r\n"
}

/// Forwards bytes to the server, until the client ends its direction or the server resets the
/// stream.
async fn forward_to_server(
    client: &mut (impl AsyncBufRead + Unpin),
    mut server: SendStream<Bytes>,
) -> BridgeResult<()> {
    loop {
        let bytes = tokio::select! {
            over = stream_is_reset(&mut server) => {
                over?;
                break;
            }
            bytes = client.fill_buf() => bytes?,
        };
        if bytes.is_empty() {
            server.send_data(Bytes::new(), true)?;
            return Ok(());
        }
        server.reserve_capacity(bytes.len());
        while server.capacity() == 0 {
            if let None | Some(Err(_)) = poll_fn(|cx| server.poll_capacity(cx)).await {
                break;
            }
        }
        let taken = server.capacity().min(bytes.len());
        if taken == 0 || server.send_data(Bytes::copy_from_slice(&bytes[..taken]), false).is_err() {
            // After a reset there is no window or no stream.
            stream_is_reset(&mut server).await?;
            break;
        }
        client.consume(taken);
    }
    // The client closes once it has read the server's end. Its bytes until then are discarded.
    copy_buf(client, &mut sink()).await?;
    Ok(())
}

/// Waits until the server resets the stream. `NO_ERROR` follows a complete response (RFC 9113,
/// section 8.1).
async fn stream_is_reset(server: &mut SendStream<Bytes>) -> BridgeResult<()> {
    match poll_fn(|cx| server.poll_reset(cx)).await? {
        Reason::NO_ERROR => Ok(()),
        reason => Err(h2::Error::from(reason).into()),
    }
}

/// Forwards bytes to the client, until the server ends its direction.
async fn forward_to_client(
    mut server: RecvStream,
    client: &mut (impl AsyncWrite + Unpin),
) -> BridgeResult<()> {
    while let Some(bytes) = server.data().await {
        let bytes = bytes?;
        client.write_all(&bytes).await?;
        server.flow_control().release_capacity(bytes.len())?;
    }
    client.shutdown().await?;
    Ok(())
}
