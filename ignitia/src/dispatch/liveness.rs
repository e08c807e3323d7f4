//! Liveness above the ping: messages by which each side asks the other's program whether it still runs.
//!
//! A browser answers the pings of the protocol by itself, and goes on doing so for a page that is frozen. `{"type":"$ping"}` has
//! to be answered by the program at the other end, with `{"type":"$pong"}`: in every representation of messages the same.

use std::{
    borrow::Cow,
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::{Duration, Instant},
};

use serde::de::IgnoredAny;

use super::{decode::find, id::Id};
use crate::{
    close::CloseFrame,
    connection::{ReceiveMode, WebSocketConnection},
    message::Message,
    protocol::Incoming,
    time::{GraceTimeout, after, now},
};

const PING: &str = r#"{"type":"$ping"}"#;

/// The longest of these messages, in bytes: what is longer is not looked at.
const LONGEST: usize = 64;

/// The receiving side of a typed endpoint: it sees to liveness by itself, and passes everything else on.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) ws: WebSocketConnection,
    /// The name of the correlation id.
    id: Option<&'static str>,
    /// None unless the peer is asked for a sign of life.
    vigil: Option<Box<Vigil>>,
}

impl Listener {
    pub(super) fn new(ws: WebSocketConnection, id: Option<&'static str>) -> Self {
        let vigil = ws.config().liveness_interval.map(|interval| {
            let timeout = ws.config().liveness_timeout;
            Box::new(Vigil { interval, timeout, data: now(), is_asked: false, patience: None })
        });
        Self { ws, id, vigil }
    }

    /// The next that was received: see [`WebSocketConnection::receive`].
    pub(super) async fn recv(&mut self, receiver: ReceiveMode) -> Option<Incoming> {
        loop {
            let received = match &mut self.vigil {
                None => self.ws.receive(receiver).await,
                Some(vigil) => match vigil.keep(&mut self.ws, receiver).await {
                    Some(received) => received,
                    None => {
                        let reason = "no answer to `$ping`".to_owned();
                        let code = self.ws.config().close_codes.keepalive_timeout;
                        self.ws.time_out(CloseFrame { code, reason });
                        return None;
                    }
                },
            };
            let Some(Incoming::Text(text)) = &received else { return received };
            match Sign::of(text) {
                Some(Sign::Ping) => self.answer(text),
                Some(Sign::Pong) => {}
                None => return received,
            }
        }
    }

    /// If the queue is full the peer has enough to read, and knows that we live.
    fn answer(&self, text: &str) {
        let id = self.id.and_then(|name| Some((name, find::<Id<'_>>(text, name)?)));
        let pong = match id {
            Some((name, id)) => format!(r#"{{"type":"$pong",{name:?}:{}}}"#, id.json()),
            None => r#"{"type":"$pong"}"#.to_owned(),
        };
        if let Err(error) = self.ws.try_send(Message::Text(pong)) {
            tracing::debug!(connection = %self.ws.id(), %error, "a `$ping` was not answered");
        }
    }
}

/// A sign of life.
#[derive(Debug, PartialEq)]
enum Sign {
    Ping,
    Pong,
}

impl Sign {
    fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        // Escaped, the sign is not to be seen.
        if bytes.len() > LONGEST || !bytes.contains(&b'$') && !bytes.contains(&b'\\') {
            return None;
        }
        Self::read(text)
    }

    #[cold]
    fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        match &*find::<Cow<'_, str>>(text, "type")? {
            "$ping" => Some(Self::Ping),
            "$pong" => Some(Self::Pong),
            _ => None,
        }
    }
}

/// Watches over a peer's silence.
#[derive(Debug)]
struct Vigil {
    interval: Duration,
    timeout: Duration,
    data: Instant,
    is_asked: bool,
    /// It rings at the old end, and is set anew then.
    patience: Option<Pin<Box<GraceTimeout>>>,
}

impl Vigil {
    /// What comes next; `None` if the peer was asked for a sign of life and gave none in time.
    async fn keep(
        &mut self,
        ws: &mut WebSocketConnection,
        receiver: ReceiveMode,
    ) -> Option<Option<Incoming>> {
        let handle = ws.clone();
        let mut next = pin!(ws.receive(receiver));
        poll_fn(|cx| {
            if let Poll::Ready(received) = next.as_mut().poll(cx) {
                if matches!(received, Some(Incoming::Text(_) | Incoming::Binary(_))) {
                    self.data = now();
                    self.is_asked = false;
                }
                return Poll::Ready(Some(received));
            }
            loop {
                let span = if self.is_asked { self.timeout } else { self.interval };
                let due = after(self.data, span);
                let patience = self.patience.get_or_insert_with(|| Box::pin(GraceTimeout::until(due)));
                if pin!(tokio::task::unconstrained(patience.as_mut())).poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if now() < due {
                    patience.as_mut().reset(due);
                    continue;
                }
                if self.is_asked {
                    return Poll::Ready(None);
                }
                // If the queue is full the peer does not read, which has a clock of its own.
                let _ = handle.try_send(Message::Text(PING.to_owned()));
                self.is_asked = true;
                self.data = now();
                patience.as_mut().reset(after(self.data, self.timeout));
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_life_and_what_only_looks_like_them() {
        for (text, sign) in [
            (r#"{"type":"$ping"}"#, Some(Sign::Ping)),
            (r#" { "id" : 7, "type" : "\u0024ping" } "#, Some(Sign::Ping)),
            (r#"{"type":"$pong"}"#, Some(Sign::Pong)),
            (r#"{"type":"$pin"}"#, None),
            (r#"{"$ping":{}}"#, None),
            (r#"{"type":"ping"}"#, None),
            (r#"{"type":"say","text":"$ping"}"#, None),
            (r#"{"type":"$ping""#, None),
            (r#"{"type":"$ping","type":"$ping"}"#, None),
            (r#""$ping""#, None),
            (r#"{"type":"$ping"}}"#, None),
            (r#"{"type":7,"x":"$ping"}"#, None),
            ("$ping", None),
        ] {
            assert_eq!(Sign::of(text), sign, "{text}");
        }
        let long = format!(r#"{{"type":"$ping","x":"{}"}}"#, "x".repeat(64));
        assert_eq!(Sign::of(&long), None);
    }
}
