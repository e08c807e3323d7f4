//! Those who come and go as they should, at their own pace.

use std::time::Duration;

use super::{
    Clients, Dice, Outcome,
    frames::{CLOSE, PING, PONG, TEXT, frame, text},
    one,
    peer::Peer,
    streams::Connection,
};

/// A few messages, and a close code that says how many there were.
pub(super) async fn churn(clients: Clients, mut dice: Dice) -> Outcome<()> {
    while clients.pause(&mut dice, 400).await {
        let peer = Peer::open(clients.0.addr, "/churn").await?;
        let messages = dice.roll(10);
        echoes(&clients, "churn", peer, messages, 4000 + messages as u16).await?;
    }
    Ok(())
}

/// Sends messages, hears them, and closes.
async fn echoes(clients: &Clients, route: &str, mut peer: Peer, messages: u64, code: u16) -> Outcome<()> {
    for number in 0..messages {
        peer.queue(&text(&number.to_string()));
    }
    for number in 0..messages {
        expect_text(&mut peer, &number.to_string()).await?;
    }
    peer.close(code).await?;
    let mut counts = one("Peer, clean");
    (counts.up, counts.down) = (messages, messages);
    clients.count(route, &counts);
    Ok(())
}

async fn expect_text(peer: &mut Peer, text: &str) -> Outcome<()> {
    let frame = peer.expect().await?;
    if frame.opcode != TEXT || frame.payload != text.as_bytes() {
        return Err(format!("{frame:?} instead of {text:?}"));
    }
    Ok(())
}

/// Byte by byte.
pub(super) async fn trickle(clients: Clients, mut dice: Dice) -> Outcome<()> {
    while clients.pause(&mut dice, 200).await {
        let mut peer = Peer::open(clients.0.addr, "/slow").await?;
        let message = format!("slowly {}", dice.roll(1000));
        for byte in text(&message) {
            peer.send_part(&[byte]).await?;
            tokio::time::sleep(Duration::from_millis(dice.roll(30))).await;
        }
        peer.send_rest(&[]).await?;
        expect_text(&mut peer, &message).await?;
        peer.close(1000).await?;
        let mut counts = one("Peer, clean");
        (counts.up, counts.down) = (1, 1);
        clients.count("slow", &counts);
    }
    Ok(())
}

/// More at once than there is room for, with pings in between, none of which waits for an answer.
pub(super) async fn flood(clients: Clients, mut dice: Dice) -> Outcome<()> {
    const MESSAGES: u64 = 2_000;
    while clients.pause(&mut dice, 1_000).await {
        let mut peer = Peer::open(clients.0.addr, "/flood").await?;
        let length = dice.roll(500) as usize;
        let message = |number: u64| format!("{number} {}", "x".repeat(length));
        let mut pings = 0_u64;
        for number in 0..MESSAGES {
            peer.queue(&text(&message(number)));
            if number % 10 == 0 {
                peer.queue(&frame(PING, &pings.to_be_bytes()));
                pings += 1;
            }
        }
        let (mut next, mut pongs) = (0, 0_u64);
        while next < MESSAGES || pongs < pings {
            let got = peer.expect().await?;
            let (expected, count) = match got.opcode {
                PONG => (pongs.to_be_bytes().to_vec(), &mut pongs),
                _ => (message(next).into_bytes(), &mut next),
            };
            if got.payload != expected || got.opcode == CLOSE {
                return Err(format!("flood: {got:?} after {next} messages and {pongs} pongs"));
            }
            *count += 1;
        }
        peer.close(1000).await?;
        let mut counts = one("Peer, clean");
        (counts.up, counts.down) = (MESSAGES, MESSAGES);
        clients.count("flood", &counts);
    }
    Ok(())
}

/// Some WebSockets on one HTTP/2 connection: they close, are reset, or are cut off with it.
pub(super) async fn streams(clients: Clients, mut dice: Dice) -> Outcome<()> {
    while clients.pause(&mut dice, 400).await {
        let mut connection = Connection::open(clients.0.addr).await?;
        let mut rest = Vec::new();
        for _ in 0..8 {
            let mut peer = connection.websocket("/stream").await?;
            let messages = dice.roll(5);
            let fate = dice.roll(3);
            if fate == 0 {
                echoes(&clients, "stream", peer, messages, 1000).await?;
                continue;
            }
            for number in 0..messages {
                peer.send(&text(&number.to_string())).await?;
                expect_text(&mut peer, &number.to_string()).await?;
            }
            let mut counts = one("Lost");
            (counts.up, counts.down) = (messages, messages);
            clients.count("stream", &counts);
            if fate == 1 {
                peer.reset();
            } else {
                rest.push(peer);
            }
        }
        connection.cut();
    }
    Ok(())
}
