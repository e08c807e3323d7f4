//! Members of rooms. Received broadcasts and announced gaps must add up to all broadcasts.

use std::time::Duration;

use serde::Deserialize;

use super::{
    closing::{close_or_await_drain, receive_until},
    context::{BusyGuard, LoadContext},
    deadline::ClientResult,
    frames::{BINARY, CLOSE, Frame, TEXT, close},
    random::Xorshift,
    tcp,
    websocket_client::WebSocketClient,
};
use crate::report::RouteCounts;

/// Bytes that a slow member reads at a time: less than the room sends.
const SLOW_READ: usize = 8 << 10;

/// Time between two reads of a slow member.
const SLOW_INTERVAL: Duration = Duration::from_millis(40);

/// Size of a slow member's receive buffer.
const RECEIVE_BUFFER: u32 = 32 << 10;

/// Reads every broadcast in time, for the whole run.
pub(super) async fn read_promptly(
    context: LoadContext,
    mut client: WebSocketClient,
    busy: BusyGuard,
) -> ClientResult<()> {
    let mut next = None;
    let mut check = |frame: Frame| {
        let number = str::from_utf8(&frame.payload).ok().and_then(|text| text.parse::<u64>().ok());
        match (number, next) {
            (Some(number), None) if frame.opcode == TEXT => next = Some(number + 1),
            (Some(number), Some(expected)) if number == expected => next = Some(number + 1),
            _ => return Err(format!("small-room: {frame:?} instead of {next:?}")),
        }
        Ok(())
    };
    receive_until(&mut client, context.stop.cancelled(), &mut check).await?;
    drop(busy);
    close_or_await_drain("small-room", &context, client, &mut check).await
}

/// Notice that a member receives in place of missed broadcasts.
#[derive(Deserialize)]
struct LagNotice {
    #[serde(rename = "type")]
    kind: String,
    missed: u64,
}

/// Broadcasts that a slow member has received or missed.
#[derive(Default)]
struct SlowMemberCounts {
    next: Option<u64>,
    messages: u64,
    missed: u64,
}

impl SlowMemberCounts {
    fn check(&mut self, frame: &Frame) -> ClientResult<()> {
        if frame.opcode == BINARY {
            let number = u64::from_be_bytes(frame.payload[..8].try_into().unwrap());
            if self.next.is_some_and(|next| number != next) {
                return Err(format!("large-room: {number} instead of {:?}", self.next));
            }
            self.messages += 1;
            self.next = Some(number + 1);
            return Ok(());
        }
        let notice: LagNotice = serde_json::from_slice(&frame.payload).map_err(|error| error.to_string())?;
        if notice.kind != "$lagged" || notice.missed == 0 {
            return Err(format!("large-room: {}", notice.kind));
        }
        self.missed += notice.missed;
        self.next = self.next.map(|next| next + notice.missed);
        Ok(())
    }
}

/// Reads more slowly than the room sends, for the whole run.
pub(super) async fn read_slowly(context: LoadContext, _: Xorshift) -> ClientResult<()> {
    let mut client =
        WebSocketClient::over(tcp::connect(context.addr, Some(RECEIVE_BUFFER)).await?, "/large-room").await?;
    let mut counts = SlowMemberCounts::default();
    while !context.stop.is_cancelled() {
        tokio::time::sleep(SLOW_INTERVAL).await;
        match client.read(SLOW_READ).await {
            Ok(true) => {}
            other => return Err(format!("large-room: {other:?} instead of bytes")),
        }
        while let Some(frame) = client.parsed() {
            counts.check(&frame)?;
        }
    }
    client.send(&close(1000)).await?;
    loop {
        let frame = client.expect().await?;
        if frame.opcode == CLOSE {
            break;
        }
        counts.check(&frame)?;
    }
    client.expect_end().await?;
    println!("a slow member has received {} broadcasts and missed {}", counts.messages, counts.missed);
    if counts.missed == 0 {
        return Err("large-room: a slow member has missed no broadcast".into());
    }
    context.count("large-room", &RouteCounts::of_one("Peer, clean"));
    Ok(())
}
