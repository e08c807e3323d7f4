//! Receiving end of a typed endpoint.

use super::{monitor::LivenessMonitor, probe::Probe};
use crate::{
    close::CloseFrame,
    connection::{ReceiveMode, WebSocketConnection},
    dispatch::reply_memory,
    message::Message,
};

/// Receiving end of a typed endpoint. It sends and answers liveness probes, and passes everything
/// else on.
#[derive(Debug)]
pub(in crate::dispatch) struct LivenessReceiver {
    pub(in crate::dispatch) ws: WebSocketConnection,
    /// Name of the correlation id.
    id_name: Option<&'static str>,
    /// `None` unless the peer is probed.
    monitor: Option<Box<LivenessMonitor>>,
}

impl LivenessReceiver {
    pub(in crate::dispatch) fn new(ws: WebSocketConnection, id_name: Option<&'static str>) -> Self {
        let monitor = ws.config().liveness_interval.map(|interval| {
            let timeout = ws.config().liveness_timeout;
            Box::new(LivenessMonitor::new(interval, timeout))
        });
        Self { ws, id_name, monitor }
    }

    /// Receives the next message that is no probe: see [`WebSocketConnection::receive`].
    pub(in crate::dispatch) async fn recv(&mut self, mode: ReceiveMode) -> Option<Message> {
        loop {
            let received = match &mut self.monitor {
                None => self.ws.receive(mode).await,
                Some(monitor) => match monitor.recv(&mut self.ws, mode).await {
                    Some(received) => received,
                    None => {
                        let reason = "no answer to `$ping`".to_owned();
                        let code = self.ws.config().close_codes.keepalive_timeout;
                        self.ws.time_out(CloseFrame { code, reason });
                        return None;
                    }
                },
            };
            let Some(Message::Text(text)) = received else { return received };
            match Probe::of(&text) {
                Some(Probe::Ping) => self.answer(&text),
                Some(Probe::Pong) => {}
                None => return Some(Message::Text(text)),
            }
            self.recycle(text);
        }
    }

    /// Keeps the memory of a text that was handled, for a reply or for the next text.
    #[inline]
    pub(in crate::dispatch) fn recycle(&self, text: String) {
        if let Some(unneeded) = reply_memory::keep(text) {
            self.ws.recycle(unneeded);
        }
    }

    /// Answers a `$ping`, unless the send queue is full: then the peer has enough to read, and
    /// knows that this program runs.
    fn answer(&self, ping: &str) {
        let pong = Probe::pong(ping, self.id_name);
        if let Err(error) = self.ws.try_send(Message::Text(pong)) {
            tracing::debug!(connection = %self.ws.id(), %error, "a `$ping` was not answered");
        }
    }
}
