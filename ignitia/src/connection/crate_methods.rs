//! Methods of a connection for the rest of the crate.

use std::sync::Arc;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::{
    config::WebSocketConfig,
    frame_checks::check_control,
    handle::WebSocketConnection,
    receiving::Receiving,
    recorder::ConnectionRecorder,
    sending::{Outgoing, Sending},
    state::{HandlerProgress, MessageKind, NotQueued, ProbeReader, ReceiveMode, Shared, UNCOPIED},
};
use crate::{
    close::CloseKind,
    error::Result,
    message::{Message, Payload},
    metrics::HandlerTimer,
    protocol::{BINARY, PING, PONG, TEXT},
    try_send_error::TrySendError,
};

impl WebSocketConnection {
    /// Returns the future of [`send`](Self::send) by its name.
    #[inline]
    pub(crate) fn sending(&self, message: Message) -> Sending<'_> {
        Sending::new(&self.shared, message.into())
    }

    /// Receives like [`recv`](Self::recv). The mode decides what an end has to wait for.
    pub(crate) fn receive(&mut self, receiver: ReceiveMode) -> Receiving<'_> {
        Receiving::new(&self.shared, receiver)
    }

    /// Keeps the memory of a text that was handled for the next one.
    pub(crate) fn recycle(&self, text: String) {
        self.shared.recycle(text);
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn config(&self) -> &WebSocketConfig {
        &self.shared.config
    }

    /// Measures a call of the handler for as long as the timer is kept.
    pub(crate) fn start_timer(&self) -> HandlerTimer {
        self.shared.recorder.metrics.start_handler_timer()
    }

    /// Returns a connection that was never upgraded.
    pub(crate) fn never_upgraded(config: Arc<WebSocketConfig>) -> Self {
        let shared = Arc::new(Shared::new(config, None, None, ConnectionRecorder::default()));
        shared.end(CloseKind::NotUpgraded);
        Self::new(shared)
    }

    /// Queues text that was written elsewhere: see [`send`](Self::send).
    pub(crate) fn send_json_text(&self, text: serde_json::Result<Vec<u8>>) -> Sending<'_> {
        let outgoing = match text {
            Ok(text) => Outgoing::Message(TEXT.into(), Payload::Vec(text)),
            Err(error) => Outgoing::Refused(error.into()),
        };
        Sending::new(&self.shared, outgoing)
    }

    /// Sets the handler's progress, which ends have to wait for.
    pub(crate) fn set_handler_progress(&self, handler_progress: HandlerProgress) {
        self.shared.set_handler_progress(handler_progress);
    }

    /// Counts replies of a typed handler that could not be sent any more.
    pub(crate) fn count_lost_replies(&self, replies: usize) {
        self.shared.count_lost_replies(replies);
    }

    /// Takes liveness probes out of the input from now on, and out of what waits to be received.
    pub(crate) fn handle_probes(&self, reader: ProbeReader) {
        self.shared.with(|state, after_unlock| state.handle_probes(reader, after_unlock));
    }

    /// Queues a message if there is room for it now. The error gives the message back.
    pub(super) fn try_send_as(
        &self,
        message: Message,
        is_uncompressed: bool,
    ) -> Result<(), TrySendError<Message>> {
        let refused = match message {
            Message::Text(text) => {
                let mut payload = Payload::Vec(text.into());
                let queued =
                    self.shared.try_send(MessageKind { opcode: TEXT, is_uncompressed }, &mut payload);
                let Err(refused) = queued else { return Ok(()) };
                return Err(TrySendError::new(payload.into_text(), refused.into_error()));
            }
            Message::Binary(ref bytes) => {
                self.try_send_bytes(MessageKind { opcode: BINARY, is_uncompressed }, bytes)
            }
            Message::Ping(ref bytes) => self.try_send_control(PING, bytes),
            Message::Pong(ref bytes) => self.try_send_control(PONG, bytes),
            Message::Close(ref frame) => self.shared.close(frame.clone()),
        };
        refused.map_err(|error| TrySendError::new(message, error))
    }

    /// Queues bytes if there is room.
    fn try_send_bytes(&self, kind: MessageKind, bytes: &Bytes) -> Result<()> {
        // Short ones are copied. The first clone of bytes that were a `Vec` allocates.
        let mut payload =
            if bytes.len() < UNCOPIED { Payload::Borrowed(bytes) } else { Payload::Shared(bytes.clone()) };
        self.shared.try_send(kind, &mut payload).map_err(NotQueued::into_error)
    }

    /// Queues a ping or pong if there is room.
    fn try_send_control(&self, opcode: OpCode, payload: &Bytes) -> Result<()> {
        self.try_send_bytes(opcode.into(), check_control(payload)?)
    }
}
