//! Members of rooms: what they hear, and what they are told that they missed, is all there was.

use std::time::Duration;

use serde::Deserialize;

use super::{
    Busy, Clients, Dice, Outcome,
    frames::{BINARY, CLOSE, Frame, TEXT, close},
    held::{end, hear_until},
    one,
    peer::{Peer, tcp},
};

/// What a slow member takes at once, and how often: less than there is.
const SIP: usize = 8 << 10;
const PACE: Duration = Duration::from_millis(40);

/// What it takes before it is read.
const BUFFER: u32 = 32 << 10;

/// Takes everything in time, and is held.
pub(super) async fn member(clients: Clients, mut peer: Peer, busy: Busy) -> Outcome<()> {
    let mut next = None;
    let mut hear = |frame: Frame| {
        let number = str::from_utf8(&frame.payload).ok().and_then(|text| text.parse::<u64>().ok());
        match (number, next) {
            (Some(number), None) if frame.opcode == TEXT => next = Some(number + 1),
            (Some(number), Some(expected)) if number == expected => next = Some(number + 1),
            _ => return Err(format!("ticker: {frame:?} instead of {next:?}")),
        }
        Ok(())
    };
    hear_until(&mut peer, clients.0.stop.cancelled(), &mut hear).await?;
    drop(busy);
    end("ticker", &clients, peer, &mut hear).await
}

/// What is sent to a member in the place of what it missed.
#[derive(Deserialize)]
struct Lagged {
    #[serde(rename = "type")]
    kind: String,
    missed: u64,
}

/// What a slow member has heard, and was told that it missed.
#[derive(Default)]
struct Heard {
    next: Option<u64>,
    messages: u64,
    missed: u64,
}

impl Heard {
    fn hear(&mut self, frame: &Frame) -> Outcome<()> {
        if frame.opcode == BINARY {
            let number = u64::from_be_bytes(frame.payload[..8].try_into().unwrap());
            if self.next.is_some_and(|next| number != next) {
                return Err(format!("firehose: {number} instead of {:?}", self.next));
            }
            self.messages += 1;
            self.next = Some(number + 1);
            return Ok(());
        }
        let lagged: Lagged = serde_json::from_slice(&frame.payload).map_err(|error| error.to_string())?;
        if lagged.kind != "$lagged" || lagged.missed == 0 {
            return Err(format!("firehose: {}", lagged.kind));
        }
        self.missed += lagged.missed;
        self.next = self.next.map(|next| next + lagged.missed);
        Ok(())
    }
}

/// Takes less than there is, all the time.
pub(super) async fn slow_member(clients: Clients, _: Dice) -> Outcome<()> {
    let mut peer = Peer::over(tcp(clients.0.addr, Some(BUFFER)).await?, "/firehose").await?;
    let mut heard = Heard::default();
    while !clients.0.stop.is_cancelled() {
        tokio::time::sleep(PACE).await;
        match peer.read(SIP).await {
            Ok(true) => {}
            other => return Err(format!("firehose: {other:?} instead of bytes")),
        }
        while let Some(frame) = peer.parsed() {
            heard.hear(&frame)?;
        }
    }
    peer.send(&close(1000)).await?;
    loop {
        let frame = peer.expect().await?;
        if frame.opcode == CLOSE {
            break;
        }
        heard.hear(&frame)?;
    }
    peer.expect_end().await?;
    println!("a slow member has heard {} messages, and was told of {} more", heard.messages, heard.missed);
    if heard.missed == 0 {
        return Err("firehose: a slow member has missed nothing".into());
    }
    clients.count("firehose", &one("Peer, clean"));
    Ok(())
}
