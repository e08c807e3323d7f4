//! Connections that stay open for the whole run, and must not be disturbed by the others.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    closing::{await_drain, close_or_await_drain, receive_until},
    context::{BusyGuard, LoadContext},
    deadline::ClientResult,
    frames::{Frame, TEXT, text},
    http2_connection::Http2Connection,
    random::Xorshift,
    room_members,
    websocket_client::WebSocketClient,
};
use crate::report::RouteCounts;

/// Maximum number of concurrent handshakes.
const MAX_HANDSHAKES: usize = 200;

/// Maximum number of streams on one HTTP/2 connection.
const MAX_STREAMS: usize = 100;

/// Opens all long-lived connections, and spawns a client for each.
pub(super) async fn open(context: &LoadContext, tasks: &mut JoinSet<()>, busy: &BusyGuard) {
    let settings = context.settings;
    let handshakes = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    let over_http1 = settings.echoing() - settings.echoing_streams();
    let paths =
        [("/long-lived", over_http1), ("/small-room", settings.members()), ("/stuck", settings.stuck())];
    let mut opening = JoinSet::new();
    for path in paths.into_iter().flat_map(|(path, count)| std::iter::repeat_n(path, count)) {
        let (addr, handshakes) = (context.addr, handshakes.clone());
        opening.spawn(async move {
            let _permit = handshakes.acquire().await.unwrap();
            (path, WebSocketClient::open(addr, path).await)
        });
    }
    let mut opened = opening.join_all().await;
    let mut streams = settings.echoing_streams();
    while streams > 0 {
        let some = streams.min(MAX_STREAMS);
        streams -= some;
        match Http2Connection::open(context.addr).await {
            Ok(mut connection) => {
                for _ in 0..some {
                    opened.push(("/long-lived", connection.websocket("/long-lived").await));
                }
            }
            Err(fault) => context.fault(fault),
        }
    }
    for (path, client) in opened {
        let (context, busy) = (context.clone(), busy.clone());
        let random = Xorshift::new(context.unique_number());
        context.clone().spawn(tasks, async move {
            let client = client?;
            match path {
                "/long-lived" => exchange_messages(context, random, client, busy).await,
                "/small-room" => room_members::read_promptly(context, client, busy).await,
                _ => {
                    drop(busy);
                    await_drain("stuck", &context, client, &mut |frame| Err(format!("{frame:?}"))).await
                }
            }
        });
    }
}

/// Sends numbered messages at random intervals, and expects one echo of each.
async fn exchange_messages(
    context: LoadContext,
    mut random: Xorshift,
    mut client: WebSocketClient,
    busy: BusyGuard,
) -> ClientResult<()> {
    let stop = context.stop.clone();
    let mut counts = RouteCounts::default();
    let pace = context.settings.seconds.clamp(4, 20) * 500;
    while !stop.is_cancelled() {
        let pause = Duration::from_millis(random.below(pace));
        check_until(&mut client, &mut counts, async {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        })
        .await?;
        let message = text(&message(counts.from_clients));
        if random.below(2) == 0 {
            client.send(&message).await?;
        } else {
            // Sends the rest later, so that the freeze finds connections within a message.
            let (first, rest) = message.split_at(1 + random.below(message.len() as u64 - 1) as usize);
            client.send_part(first).await?;
            let pause = Duration::from_millis(random.below(1_000));
            check_until(&mut client, &mut counts, tokio::time::sleep(pause)).await?;
            client.send_rest(rest).await?;
        }
        counts.from_clients += 1;
    }
    while counts.to_clients < counts.from_clients {
        let frame = client.expect().await?;
        check_echo(&frame, &mut counts)?;
    }
    drop(busy);
    context.count("long-lived", &counts);
    close_or_await_drain("long-lived", &context, client, &mut |frame| {
        Err(format!("{frame:?} after the last message"))
    })
    .await
}

/// Returns the text of a message. Lengths vary.
fn message(number: u64) -> String {
    format!("{number} {}", "x".repeat(number as usize * 37 % 300))
}

/// Checks that a frame is the next echo.
fn check_echo(frame: &Frame, counts: &mut RouteCounts) -> ClientResult<()> {
    if frame.opcode != TEXT || frame.payload != message(counts.to_clients).as_bytes() {
        let start = String::from_utf8_lossy(&frame.payload[..frame.payload.len().min(20)]);
        return Err(format!(
            "long-lived: {start:?} (opcode {}) instead of {}",
            frame.opcode, counts.to_clients
        ));
    }
    counts.to_clients += 1;
    Ok(())
}

/// Checks all frames until the event.
async fn check_until(
    client: &mut WebSocketClient,
    counts: &mut RouteCounts,
    event: impl Future<Output = ()>,
) -> ClientResult<()> {
    receive_until(client, event, &mut |frame| check_echo(&frame, counts)).await
}
