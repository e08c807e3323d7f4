//! The end of a long-lived connection: a close by the client, or the server's graceful shutdown.

use std::pin::pin;

use super::{
    context::LoadContext,
    deadline::{ClientResult, within},
    frames::{Frame, close},
    websocket_client::WebSocketClient,
};
use crate::report::RouteCounts;

/// Passes all frames to `receive` until the event.
pub(super) async fn receive_until(
    client: &mut WebSocketClient,
    event: impl Future<Output = ()>,
    receive: &mut (impl FnMut(Frame) -> ClientResult<()> + Send),
) -> ClientResult<()> {
    let mut event = pin!(event);
    loop {
        tokio::select! {
            frame = client.frame() => match frame {
                Ok(Some(frame)) => receive(frame)?,
                other => return Err(format!("{other:?} on a long-lived connection")),
            },
            () = &mut event => return Ok(()),
        }
    }
}

/// Closes every second connection, and waits for the graceful shutdown with the others.
pub(super) async fn close_or_await_drain(
    route: &str,
    context: &LoadContext,
    mut client: WebSocketClient,
    receive: &mut (impl FnMut(Frame) -> ClientResult<()> + Send),
) -> ClientResult<()> {
    if context.unique_number().is_multiple_of(2) {
        return await_drain(route, context, client, receive).await;
    }
    receive_until(&mut client, context.leave.cancelled(), receive).await?;
    client.send(&close(1000)).await?;
    loop {
        let frame = client.expect().await?;
        match frame.code() {
            Some(1000) => break,
            _ => receive(frame)?,
        }
    }
    client.expect_end().await?;
    context.count(route, &RouteCounts::of_one("Peer, clean"));
    Ok(())
}

/// Waits for the graceful shutdown, and completes the closing handshake.
pub(super) async fn await_drain(
    route: &str,
    context: &LoadContext,
    mut client: WebSocketClient,
    receive: &mut (impl FnMut(Frame) -> ClientResult<()> + Send),
) -> ClientResult<()> {
    receive_until(&mut client, context.leave.cancelled(), receive).await?;
    loop {
        let frame = client.expect().await?;
        match frame.code() {
            Some(1001) => break,
            _ => receive(frame)?,
        }
    }
    within("the answer to the drain", client.send(&close(1001))).await??;
    client.expect_end().await?;
    context.count(route, &RouteCounts::of_one("Shutdown, clean"));
    Ok(())
}
