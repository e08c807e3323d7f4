//! Watch over the silence of a peer.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use super::probe::PING;
use crate::{
    connection::{ReceiveMode, WebSocketConnection},
    message::Message,
    time::{GraceTimeout, Instant, after, now},
};

/// Probes a silent peer: after `interval` it sends a `$ping`, and `timeout` later it gives up.
#[derive(Debug)]
pub(super) struct LivenessMonitor {
    interval: Duration,
    timeout: Duration,
    /// Time of the last data, or of the `$ping`.
    since: Instant,
    /// True while a `$ping` awaits its answer.
    awaits_answer: bool,
    /// Set when it fires, not at each message: if it fires too early, it is reset.
    timer: Option<Pin<Box<GraceTimeout>>>,
}

impl LivenessMonitor {
    pub(super) fn new(interval: Duration, timeout: Duration) -> Self {
        Self { interval, timeout, since: now(), awaits_answer: false, timer: None }
    }

    /// Receives the next message. Returns `None` if the peer has not answered a `$ping` in time.
    pub(super) async fn recv(
        &mut self,
        ws: &mut WebSocketConnection,
        mode: ReceiveMode,
    ) -> Option<Option<Message>> {
        let handle = ws.clone();
        let mut next = pin!(ws.receive(mode));
        poll_fn(|cx| {
            if let Poll::Ready(received) = next.as_mut().poll(cx) {
                if matches!(received, Some(Message::Text(_) | Message::Binary(_))) {
                    self.since = now();
                    self.awaits_answer = false;
                }
                return Poll::Ready(Some(received));
            }
            loop {
                let span = if self.awaits_answer { self.timeout } else { self.interval };
                let due = after(self.since, span);
                let timer = self.timer.get_or_insert_with(|| Box::pin(GraceTimeout::until(due)));
                if pin!(tokio::task::unconstrained(timer.as_mut())).poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if now() < due {
                    timer.as_mut().reset(due);
                    continue;
                }
                if self.awaits_answer {
                    return Poll::Ready(None);
                }
                // If the queue is full the peer does not read, which has a timeout of its own.
                let _ = handle.try_send(Message::Text(PING.to_owned()));
                self.awaits_answer = true;
                self.since = now();
                timer.as_mut().reset(after(self.since, self.timeout));
            }
        })
        .await
    }
}
