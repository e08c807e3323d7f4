//! The endpoints of the server.

use std::{collections::BTreeMap, sync::Arc};

use ignitia::{
    prelude::*,
    rooms::{Overflow, RoomConfig},
    websocket::CloseKind,
};
use tokio::sync::watch;

use super::route_totals::{ConnectionCounts, RouteTotals};
use crate::settings::SoakSettings;

/// Room with small broadcasts, which every member reads in time.
pub(super) const SMALL_ROOM: &str = "small";

/// Room with more broadcasts than its members read.
pub(super) const LARGE_ROOM: &str = "large";

pub(super) fn rooms() -> Rooms<Message> {
    Rooms::with_config(RoomConfig::default().overflow(Overflow::DropOldest).backlog(16))
}

/// Causes for which connections of [`stall`] ended, by their client's id. The client's request for
/// a cause removes it.
type StallCauses = Arc<watch::Sender<BTreeMap<u64, CloseKind>>>;

pub(super) fn router(settings: SoakSettings, totals: RouteTotals, rooms: Rooms<Message>) -> Router<()> {
    let counted = |route: &'static str| {
        let totals = totals.clone();
        move || totals.open_connection(route)
    };
    let (long_lived, stream) = (counted("long-lived"), counted("stream"));
    let (flood, churn, slow) = (counted("flood"), counted("churn"), counted("slow"));
    let (reset, broken, stuck) = (counted("reset"), counted("broken"), counted("stuck"));
    let (small_room, large_room, stalling) = (counted("small-room"), counted("large-room"), counted("stall"));
    let causes: StallCauses = Arc::new(watch::Sender::default());
    let (known_causes, large_rooms) = (causes.clone(), rooms.clone());
    Router::new()
        .websocket_config(settings.websocket_config())
        .get("/tasks", async || tokio::runtime::Handle::current().metrics().num_alive_tasks().to_string())
        .websocket("/long-lived", move |ws: WebSocketConnection| echo_numbered(long_lived(), ws))
        .websocket("/stream", move |ws: WebSocketConnection| echo(stream(), ws))
        .websocket("/flood", move |ws: WebSocketConnection| echo(flood(), ws))
        .websocket("/slow", move |ws: WebSocketConnection| echo(slow(), ws))
        .websocket("/reset", move |ws: WebSocketConnection| echo(reset(), ws))
        .websocket("/broken", move |ws: WebSocketConnection| echo(broken(), ws))
        .websocket("/churn", move |ws: WebSocketConnection| echo_counted(churn(), ws))
        .websocket("/stuck", move |ws: WebSocketConnection| never_return(stuck(), ws))
        .websocket("/small-room", move |ws: WebSocketConnection| {
            member(small_room(), ws, rooms.clone(), SMALL_ROOM)
        })
        .websocket("/large-room", move |ws: WebSocketConnection| {
            member(large_room(), ws, large_rooms.clone(), LARGE_ROOM)
        })
        .websocket("/stall/{id}", move |Path(id): Path<u64>, ws: WebSocketConnection| {
            stall(stalling(), ws, id, causes.clone())
        })
        .get("/stall/{id}/end", move |Path(id): Path<u64>| stall_cause(id, known_causes.clone()))
}

/// Echoes every data message.
async fn echo(mut counts: ConnectionCounts, mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            counts.count_received();
            if ws.send(message).await.is_ok() {
                counts.count_sent();
            }
        }
    }
    counts.count_end(&ws.closed().await);
    Response::ok()
}

/// Echoes texts, and checks that each begins with its number.
async fn echo_numbered(mut counts: ConnectionCounts, mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        let Message::Text(text) = message else { continue };
        let number = text.split(' ').next().and_then(|number| number.parse().ok());
        if number != Some(counts.received()) {
            counts.fault(&format!("{text:?} instead of number {}", counts.received()));
        }
        counts.count_received();
        if ws.send_text(text).await.is_ok() {
            counts.count_sent();
        }
    }
    counts.count_end(&ws.closed().await);
    Response::ok()
}

/// Echoes every data message, and checks the client's close code: 4000 plus the number of messages.
async fn echo_counted(mut counts: ConnectionCounts, mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            counts.count_received();
            if ws.send(message).await.is_ok() {
                counts.count_sent();
            }
        }
    }
    let cause = ws.closed().await;
    let code = cause.frame.as_ref().map(|frame| u64::from(frame.code));
    if code != Some(4000 + counts.received()) {
        counts.fault(&format!("{cause:?} after {} messages", counts.received()));
    }
    counts.count_end(&cause);
    Response::ok()
}

/// Accepts, and never returns: the drain has to abort this handler.
async fn never_return(mut counts: ConnectionCounts, ws: WebSocketConnection) -> Response {
    ws.accept().await.unwrap();
    counts.count_end(&ws.closed().await);
    std::future::pending().await
}

/// Stays in a room until the connection ends.
async fn member(
    mut counts: ConnectionCounts,
    mut ws: WebSocketConnection,
    rooms: Rooms<Message>,
    name: &str,
) -> Result<Response> {
    ws.accept().await?;
    let membership = rooms.join(name, &ws)?;
    while ws.recv().await.is_some() {}
    counts.count_end(&ws.closed().await);
    drop(membership);
    Ok(Response::ok())
}

/// Sends until the write stall ends the connection.
async fn stall(
    mut counts: ConnectionCounts,
    ws: WebSocketConnection,
    id: u64,
    causes: StallCauses,
) -> Response {
    while ws.send_binary(vec![0; 16 << 10]).await.is_ok() {
        counts.count_sent();
    }
    let cause = ws.closed().await;
    counts.count_end(&cause);
    causes.send_modify(|causes| {
        causes.insert(id, cause.kind);
    });
    Response::ok()
}

/// Waits for the end of a connection of [`stall`], and returns its cause.
async fn stall_cause(id: u64, causes: StallCauses) -> String {
    let mut changes = causes.subscribe();
    let kind = changes.wait_for(|causes| causes.contains_key(&id)).await.unwrap().get(&id).copied();
    causes.send_if_modified(|causes| {
        causes.remove(&id);
        false
    });
    format!("{:?}", kind.unwrap())
}
