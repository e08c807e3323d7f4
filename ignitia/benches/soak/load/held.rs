//! Connections that are held from the beginning to the end. Nothing may happen to them.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    Busy, Clients, Dice, Outcome,
    frames::{Frame, TEXT, close, text},
    one,
    peer::{Peer, within},
    room,
    streams::Connection,
};
use crate::report::Counts;

/// Handshakes at the same time.
const AT_ONCE: usize = 200;

/// Streams of one HTTP/2 connection.
const STREAMS: usize = 100;

/// Opens all of them.
pub(super) async fn open(clients: &Clients, tasks: &mut JoinSet<()>, busy: &Busy) {
    let plan = clients.0.plan;
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let over_http1 = plan.held() - plan.held_streams();
    let paths = [("/held", over_http1), ("/ticker", plan.members()), ("/stuck", plan.stuck())];
    let mut opening = JoinSet::new();
    for path in paths.into_iter().flat_map(|(path, count)| std::iter::repeat_n(path, count)) {
        let (addr, at_once) = (clients.0.addr, at_once.clone());
        opening.spawn(async move {
            let _permit = at_once.acquire().await.unwrap();
            (path, Peer::open(addr, path).await)
        });
    }
    let mut opened = opening.join_all().await;
    let mut streams = plan.held_streams();
    while streams > 0 {
        let some = streams.min(STREAMS);
        streams -= some;
        match Connection::open(clients.0.addr).await {
            Ok(mut connection) => {
                for _ in 0..some {
                    opened.push(("/held", connection.websocket("/held").await));
                }
            }
            Err(fault) => clients.fault(fault),
        }
    }
    for (path, peer) in opened {
        let (clients, busy) = (clients.clone(), busy.clone());
        let dice = Dice::new(clients.number());
        clients.clone().spawn(tasks, async move {
            let peer = peer?;
            match path {
                "/held" => talk(clients, dice, peer, busy).await,
                "/ticker" => room::member(clients, peer, busy).await,
                _ => {
                    drop(busy);
                    be_drained("stuck", &clients, peer, &mut |frame| Err(format!("{frame:?}"))).await
                }
            }
        });
    }
}

/// Sends numbered messages now and then, and hears each of them once.
async fn talk(clients: Clients, mut dice: Dice, mut peer: Peer, busy: Busy) -> Outcome<()> {
    let stop = clients.0.stop.clone();
    let mut counts = Counts::default();
    let pace = clients.0.plan.seconds.clamp(4, 20) * 500;
    while !stop.is_cancelled() {
        let pause = Duration::from_millis(dice.roll(pace));
        listen(&mut peer, &mut counts, async {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        })
        .await?;
        let message = text(&message(counts.up));
        if dice.roll(2) == 0 {
            peer.send(&message).await?;
        } else {
            // Nobody is frozen in the middle of a message who is never there.
            let (first, rest) = message.split_at(1 + dice.roll(message.len() as u64 - 1) as usize);
            peer.send_part(first).await?;
            let pause = Duration::from_millis(dice.roll(1_000));
            listen(&mut peer, &mut counts, tokio::time::sleep(pause)).await?;
            peer.send_rest(rest).await?;
        }
        counts.up += 1;
    }
    while counts.down < counts.up {
        let frame = peer.expect().await?;
        hear(&frame, &mut counts)?;
    }
    drop(busy);
    clients.count("held", &counts);
    end("held", &clients, peer, &mut |frame| Err(format!("{frame:?} after the last message"))).await
}

/// Its length is different each time.
fn message(number: u64) -> String {
    format!("{number} {}", "x".repeat(number as usize * 37 % 300))
}

fn hear(frame: &Frame, counts: &mut Counts) -> Outcome<()> {
    if frame.opcode != TEXT || frame.payload != message(counts.down).as_bytes() {
        let start = String::from_utf8_lossy(&frame.payload[..frame.payload.len().min(20)]);
        return Err(format!("held: {start:?} (opcode {}) instead of {}", frame.opcode, counts.down));
    }
    counts.down += 1;
    Ok(())
}

/// Hears what comes, until something else does.
async fn listen(peer: &mut Peer, counts: &mut Counts, until: impl Future<Output = ()>) -> Outcome<()> {
    hear_until(peer, until, &mut |frame| hear(&frame, counts)).await
}

pub(super) async fn hear_until(
    peer: &mut Peer,
    until: impl Future<Output = ()>,
    hear: &mut (impl FnMut(Frame) -> Outcome<()> + Send),
) -> Outcome<()> {
    let mut until = pin!(until);
    loop {
        tokio::select! {
            frame = peer.frame() => match frame {
                Ok(Some(frame)) => hear(frame)?,
                other => return Err(format!("{other:?} on a connection that is held")),
            },
            () = &mut until => return Ok(()),
        }
    }
}

/// Closes, or waits to be closed by the drain: half of them do the one, half the other.
pub(super) async fn end(
    route: &str,
    clients: &Clients,
    mut peer: Peer,
    hear: &mut (impl FnMut(Frame) -> Outcome<()> + Send),
) -> Outcome<()> {
    if clients.number().is_multiple_of(2) {
        return be_drained(route, clients, peer, hear).await;
    }
    hear_until(&mut peer, clients.0.leave.cancelled(), hear).await?;
    peer.send(&close(1000)).await?;
    loop {
        let frame = peer.expect().await?;
        match frame.code() {
            Some(1000) => break,
            _ => hear(frame)?,
        }
    }
    peer.expect_end().await?;
    clients.count(route, &one("Peer, clean"));
    Ok(())
}

/// Waits for the drain, and plays its part in it.
pub(super) async fn be_drained(
    route: &str,
    clients: &Clients,
    mut peer: Peer,
    hear: &mut (impl FnMut(Frame) -> Outcome<()> + Send),
) -> Outcome<()> {
    hear_until(&mut peer, clients.0.leave.cancelled(), hear).await?;
    loop {
        let frame = peer.expect().await?;
        match frame.code() {
            Some(1001) => break,
            _ => hear(frame)?,
        }
    }
    within("the answer to the drain", peer.send(&close(1001))).await??;
    peer.expect_end().await?;
    clients.count(route, &one("Shutdown, clean"));
    Ok(())
}
