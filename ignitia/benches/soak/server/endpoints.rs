use std::{collections::BTreeMap, sync::Arc};

use ignitia::{
    prelude::*,
    rooms::{Overflow, RoomConfig},
    websocket::CloseKind,
};
use tokio::sync::watch;

use super::tally::{Tallies, Tally};
use crate::plan::Plan;

/// Small messages, which everybody takes in time.
pub(super) const TICKER: &str = "ticker";
/// More than its members take.
pub(super) const FIREHOSE: &str = "firehose";

pub(super) fn rooms() -> Rooms<Message> {
    Rooms::with_config(RoomConfig { overflow: Overflow::DropOldest, backlog: 16, ..Default::default() })
}

/// How the connections of [`stall`] ended, by the number that their client gave them, until it has asked.
type Ends = Arc<watch::Sender<BTreeMap<u64, CloseKind>>>;

pub(super) fn router(plan: Plan, tallies: Tallies, rooms: Rooms<Message>) -> Router<()> {
    let endpoint = |route: &'static str| (tallies.clone(), route);
    let (held, stream, flood, churn) =
        (endpoint("held"), endpoint("stream"), endpoint("flood"), endpoint("churn"));
    let (slow, reset, broken, stuck) =
        (endpoint("slow"), endpoint("reset"), endpoint("broken"), endpoint("stuck"));
    let (ticker, firehose, stalled) = (endpoint("ticker"), endpoint("firehose"), endpoint("stall"));
    let ends: Ends = Arc::new(watch::Sender::default());
    let asked = ends.clone();
    let pouring = rooms.clone();
    Router::new()
        .websocket_config(plan.config())
        .get("/tasks", async || tokio::runtime::Handle::current().metrics().num_alive_tasks().to_string())
        .websocket("/held", move |ws: WebSocketConnection| numbered(held.0.open_one(held.1), ws))
        .websocket("/stream", move |ws: WebSocketConnection| echo(stream.0.open_one(stream.1), ws))
        .websocket("/flood", move |ws: WebSocketConnection| echo(flood.0.open_one(flood.1), ws))
        .websocket("/slow", move |ws: WebSocketConnection| echo(slow.0.open_one(slow.1), ws))
        .websocket("/reset", move |ws: WebSocketConnection| echo(reset.0.open_one(reset.1), ws))
        .websocket("/broken", move |ws: WebSocketConnection| echo(broken.0.open_one(broken.1), ws))
        .websocket("/churn", move |ws: WebSocketConnection| counted(churn.0.open_one(churn.1), ws))
        .websocket("/stuck", move |ws: WebSocketConnection| never(stuck.0.open_one(stuck.1), ws))
        .websocket("/ticker", move |ws: WebSocketConnection| {
            member(ticker.0.open_one(ticker.1), ws, rooms.clone(), TICKER)
        })
        .websocket("/firehose", move |ws: WebSocketConnection| {
            member(firehose.0.open_one(firehose.1), ws, pouring.clone(), FIREHOSE)
        })
        .websocket("/stall/{id}", move |Path(id): Path<u64>, ws: WebSocketConnection| {
            stall(stalled.0.open_one(stalled.1), ws, id, ends.clone())
        })
        .get("/stall/{id}/end", move |Path(id): Path<u64>| end_of(id, asked.clone()))
}

/// Sends back what comes.
async fn echo(mut tally: Tally, mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            tally.up();
            if ws.send(message).await.is_ok() {
                tally.down();
            }
        }
    }
    tally.ended(&ws.closed().await);
    Response::ok()
}

/// The same, and every message begins with its number.
async fn numbered(mut tally: Tally, mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        let Message::Text(text) = message else { continue };
        let number = text.split(' ').next().and_then(|number| number.parse().ok());
        if number != Some(tally.ups()) {
            tally.fault(&format!("{text:?} instead of number {}", tally.ups()));
        }
        tally.up();
        if ws.send_text(text).await.is_ok() {
            tally.down();
        }
    }
    tally.ended(&ws.closed().await);
    Response::ok()
}

/// The same as [`echo`], and the close code is 4000 and as many as there were messages.
async fn counted(mut tally: Tally, mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            tally.up();
            if ws.send(message).await.is_ok() {
                tally.down();
            }
        }
    }
    let cause = ws.closed().await;
    let code = cause.frame.as_ref().map(|frame| u64::from(frame.code));
    if code != Some(4000 + tally.ups()) {
        tally.fault(&format!("{cause:?} after {} messages", tally.ups()));
    }
    tally.ended(&cause);
    Response::ok()
}

/// Does not care how the connection ends, and is still there when it has.
async fn never(mut tally: Tally, ws: WebSocketConnection) -> Response {
    ws.accept().await.unwrap();
    tally.ended(&ws.closed().await);
    std::future::pending().await
}

/// Hears what is broadcast.
async fn member(
    mut tally: Tally,
    mut ws: WebSocketConnection,
    rooms: Rooms<Message>,
    name: &str,
) -> Result<Response> {
    ws.accept().await?;
    let membership = rooms.join(name, &ws)?;
    while ws.recv().await.is_some() {}
    tally.ended(&ws.closed().await);
    drop(membership);
    Ok(Response::ok())
}

/// Sends until the client's silence is noticed.
async fn stall(mut tally: Tally, ws: WebSocketConnection, id: u64, ends: Ends) -> Response {
    while ws.send_binary(vec![0; 16 << 10]).await.is_ok() {
        tally.down();
    }
    let cause = ws.closed().await;
    tally.ended(&cause);
    ends.send_modify(|ends| {
        ends.insert(id, cause.kind);
    });
    Response::ok()
}

/// Waits for the end of such a connection.
async fn end_of(id: u64, ends: Ends) -> String {
    let mut changes = ends.subscribe();
    let kind = changes.wait_for(|ends| ends.contains_key(&id)).await.unwrap().get(&id).copied();
    ends.send_if_modified(|ends| {
        ends.remove(&id);
        false
    });
    format!("{:?}", kind.unwrap())
}
