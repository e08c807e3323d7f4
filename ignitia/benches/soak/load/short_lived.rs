//! Clients that follow the protocol, and open a new connection again and again.

use std::time::Duration;

use super::{
    context::LoadContext,
    deadline::ClientResult,
    frames::{CLOSE, PING, PONG, TEXT, frame, text},
    http2_connection::Http2Connection,
    random::Xorshift,
    websocket_client::WebSocketClient,
};
use crate::report::RouteCounts;

/// Sends a few messages, and closes with a code that contains their number.
pub(super) async fn churn(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    while context.pause(&mut random, 400).await {
        let client = WebSocketClient::open(context.addr, "/churn").await?;
        let messages = random.below(10);
        exchange_and_close(&context, "churn", client, messages, 4000 + messages as u16).await?;
    }
    Ok(())
}

/// Sends messages, expects their echoes, and closes.
async fn exchange_and_close(
    context: &LoadContext,
    route: &str,
    mut client: WebSocketClient,
    messages: u64,
    code: u16,
) -> ClientResult<()> {
    for number in 0..messages {
        client.queue(&text(&number.to_string()));
    }
    for number in 0..messages {
        expect_text(&mut client, &number.to_string()).await?;
    }
    client.close(code).await?;
    let mut counts = RouteCounts::of_one("Peer, clean");
    (counts.from_clients, counts.to_clients) = (messages, messages);
    context.count(route, &counts);
    Ok(())
}

async fn expect_text(client: &mut WebSocketClient, text: &str) -> ClientResult<()> {
    let frame = client.expect().await?;
    if frame.opcode != TEXT || frame.payload != text.as_bytes() {
        return Err(format!("{frame:?} instead of {text:?}"));
    }
    Ok(())
}

/// Sends a message byte by byte.
pub(super) async fn send_slowly(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    while context.pause(&mut random, 200).await {
        let mut client = WebSocketClient::open(context.addr, "/slow").await?;
        let message = format!("slowly {}", random.below(1000));
        for byte in text(&message) {
            client.send_part(&[byte]).await?;
            tokio::time::sleep(Duration::from_millis(random.below(30))).await;
        }
        client.send_rest(&[]).await?;
        expect_text(&mut client, &message).await?;
        client.close(1000).await?;
        let mut counts = RouteCounts::of_one("Peer, clean");
        (counts.from_clients, counts.to_clients) = (1, 1);
        context.count("slow", &counts);
    }
    Ok(())
}

/// Sends more messages than the queues hold, and pings between them, without waiting for echoes.
pub(super) async fn flood(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    const MESSAGES: u64 = 2_000;
    while context.pause(&mut random, 1_000).await {
        let mut client = WebSocketClient::open(context.addr, "/flood").await?;
        let length = random.below(500) as usize;
        let message = |number: u64| format!("{number} {}", "x".repeat(length));
        let mut pings = 0_u64;
        for number in 0..MESSAGES {
            client.queue(&text(&message(number)));
            if number % 10 == 0 {
                client.queue(&frame(PING, &pings.to_be_bytes()));
                pings += 1;
            }
        }
        let (mut next, mut pongs) = (0, 0_u64);
        while next < MESSAGES || pongs < pings {
            let got = client.expect().await?;
            let (expected, count) = match got.opcode {
                PONG => (pongs.to_be_bytes().to_vec(), &mut pongs),
                _ => (message(next).into_bytes(), &mut next),
            };
            if got.payload != expected || got.opcode == CLOSE {
                return Err(format!("flood: {got:?} after {next} messages and {pongs} pongs"));
            }
            *count += 1;
        }
        client.close(1000).await?;
        let mut counts = RouteCounts::of_one("Peer, clean");
        (counts.from_clients, counts.to_clients) = (MESSAGES, MESSAGES);
        context.count("flood", &counts);
    }
    Ok(())
}

/// Opens several WebSockets on one HTTP/2 connection. Each closes, is reset, or is lost with the
/// connection.
pub(super) async fn open_streams(context: LoadContext, mut random: Xorshift) -> ClientResult<()> {
    while context.pause(&mut random, 400).await {
        let mut connection = Http2Connection::open(context.addr).await?;
        let mut rest = Vec::new();
        for _ in 0..8 {
            let mut client = connection.websocket("/stream").await?;
            let messages = random.below(5);
            let fate = random.below(3);
            if fate == 0 {
                exchange_and_close(&context, "stream", client, messages, 1000).await?;
                continue;
            }
            for number in 0..messages {
                client.send(&text(&number.to_string())).await?;
                expect_text(&mut client, &number.to_string()).await?;
            }
            let mut counts = RouteCounts::of_one("Lost");
            (counts.from_clients, counts.to_clients) = (messages, messages);
            context.count("stream", &counts);
            if fate == 1 {
                client.reset();
            } else {
                rest.push(client);
            }
        }
        connection.abort();
    }
    Ok(())
}
