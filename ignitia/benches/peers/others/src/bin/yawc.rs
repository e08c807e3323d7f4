//! yawc on hyper, used as in its own examples. Without context takeover, a pool holds the states of
//! zlib.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use http_body_util::Empty;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use others::{MAX_MESSAGE, ServerCompression, WINDOW_BITS};
use tokio::sync::broadcast;
use yawc::{CompressionLevel, DeflatePool, Frame, HttpStream, OpCode, Options, UpgradeFut, WebSocket};

/// Idle states of zlib in the pool: the number that yawc's documentation proposes.
const POOL: usize = 64;

/// State that all connections share.
struct YawcServer {
    options: Options,
    all: broadcast::Sender<Bytes>,
}

fn options() -> Options {
    let options = Options::default().with_utf8().with_limits(MAX_MESSAGE, 2 * MAX_MESSAGE);
    let compressed =
        || options.clone().with_compression_level(CompressionLevel::new(others::compression_level()));
    match ServerCompression::of_environment() {
        ServerCompression::Off => options,
        ServerCompression::Shared => compressed()
            .server_no_context_takeover()
            .client_no_context_takeover()
            .with_deflate_pool(DeflatePool::new(POOL)),
        ServerCompression::Dedicated => {
            compressed().with_server_max_window_bits(WINDOW_BITS).with_client_max_window_bits(WINDOW_BITS)
        }
    }
}

async fn echo(mut socket: WebSocket<HttpStream>) {
    while let Some(frame) = socket.next().await {
        if matches!(frame.opcode(), OpCode::Text | OpCode::Binary) && socket.send(frame).await.is_err() {
            return;
        }
    }
}

async fn fan_out(mut socket: WebSocket<HttpStream>, all: broadcast::Sender<Bytes>) {
    let mut messages = all.subscribe();
    loop {
        tokio::select! {
            frame = socket.next() => match frame {
                Some(frame) if frame.opcode() == OpCode::Text => {
                    let _ = all.send(frame.into_payload());
                }
                Some(_) => {}
                None => return,
            },
            Ok(text) = messages.recv() => {
                if socket.send(Frame::text(text)).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn serve(
    mut request: Request<Incoming>,
    server: Arc<YawcServer>,
) -> yawc::Result<Response<Empty<Bytes>>> {
    let is_fan_out = request.uri().path() == "/fan";
    let (response, upgrade): (_, UpgradeFut) =
        WebSocket::upgrade_with_options(&mut request, server.options.clone())?;
    tokio::spawn(async move {
        let Ok(socket) = upgrade.await else { return };
        if is_fan_out { fan_out(socket, server.all.clone()).await } else { echo(socket).await }
    });
    Ok(response)
}

#[tokio::main]
async fn main() {
    let listener = others::listen().await;
    let server = Arc::new(YawcServer { options: options(), all: broadcast::Sender::new(1_024) });
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let server = server.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| serve(request, server.clone()));
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await.ok()
        });
    }
}
