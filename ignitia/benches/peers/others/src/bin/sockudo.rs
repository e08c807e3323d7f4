//! sockudo-ws, used as in its own examples.

use std::sync::Arc;

use bytes::BytesMut;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use others::{ServerCompression, WINDOW_BITS};
use sockudo_ws::{
    Config, Error, Message, WebSocketStream,
    deflate::{DeflateConfig, DeflateWindowBits, negotiate_server_deflate},
    handshake::{build_response, generate_accept_key, parse_request},
    pubsub::PubSub,
    stream::CompressedWebSocketStream,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

const TOPIC: &str = "fan_out";

/// Returns the parameters to accept, or `None` without compression.
fn deflate_config() -> Option<DeflateConfig> {
    let config = DeflateConfig { compression_level: others::compression_level(), ..DeflateConfig::default() };
    match ServerCompression::of_environment() {
        ServerCompression::Off => None,
        ServerCompression::Shared => Some(DeflateConfig {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            ..config
        }),
        ServerCompression::Dedicated => {
            let bits = DeflateWindowBits::try_from(WINDOW_BITS).expect("a valid number of bits");
            Some(DeflateConfig { server_max_window_bits: bits, client_max_window_bits: bits, ..config })
        }
    }
}

async fn echo(mut socket: impl Stream<Item = Result<Message, Error>> + Sink<Message> + Unpin) {
    while let Some(Ok(message)) = socket.next().await {
        if matches!(message, Message::Text(_) | Message::Binary(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}

async fn fan_out(
    mut socket: impl Stream<Item = Result<Message, Error>> + Sink<Message> + Unpin,
    all: &PubSub,
) {
    let (sender, mut messages) = mpsc::unbounded_channel();
    let id = all.create_subscriber(sender);
    all.subscribe(id, TOPIC);
    loop {
        tokio::select! {
            message = socket.next() => match message {
                Some(Ok(message @ Message::Text(_))) => {
                    all.publish(TOPIC, message);
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
            Some(message) = messages.recv() => {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
        }
    }
    all.remove_subscriber(id);
}

async fn serve(mut stream: TcpStream, all: Arc<PubSub>) -> Result<(), Error> {
    let mut head = BytesMut::with_capacity(4096);
    let (is_fan_out, negotiated, response) = loop {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(Error::ConnectionClosed);
        }
        let Some((request, _)) = parse_request(&head)? else { continue };
        let negotiated =
            deflate_config().and_then(|policy| negotiate_server_deflate(request.extensions?, &policy));
        let extension = negotiated.as_ref().map(|negotiated| negotiated.to_response_header());
        let key = generate_accept_key(request.key);
        break (request.path == "/fan", negotiated, build_response(&key, None, extension.as_deref()));
    };
    stream.write_all(&response).await?;
    match negotiated {
        Some(negotiated) => {
            let socket = CompressedWebSocketStream::server(stream, Config::default(), negotiated.config);
            if is_fan_out { fan_out(socket, &all).await } else { echo(socket).await }
        }
        None => {
            let socket = WebSocketStream::server(stream, Config::default());
            if is_fan_out { fan_out(socket, &all).await } else { echo(socket).await }
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() {
    let listener = others::listen().await;
    let all = Arc::new(PubSub::new());
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        tokio::spawn(serve(stream, all.clone()));
    }
}
