//! Input of a connection: decoded messages become ones that wait for the handler, or answers to
//! liveness probes.

use super::{
    after_unlock::AfterUnlock,
    connection_state::ConnectionState,
    message_kind::MessageKind,
    probe::{PING, Probe, ProbeReader, may_be_probe},
};
use crate::{
    message::{Message, Payload},
    protocol::{ShortTexts, TEXT},
};

impl ConnectionState {
    /// Takes probes out of the input from now on, and out of what waits to be received.
    pub(crate) fn handle_probes(&mut self, reader: ProbeReader, after_unlock: &mut AfterUnlock) {
        self.probe_reader = Some(reader);
        let waiting: Vec<Message> = std::iter::from_fn(|| self.recv_queue.pop()).collect();
        for received in waiting {
            self.receive(received, after_unlock);
        }
        // Silence is measured now, and reading may go on.
        self.wakeups.notify_io(after_unlock);
    }

    /// Returns `true` if the peer's program can be asked for a sign of life.
    pub(crate) fn handles_probes(&self) -> bool {
        self.probe_reader.is_some()
    }

    /// Asks the peer's program for a sign of life, unless the send queue is full: then the peer
    /// does not read, which has a timeout of its own.
    pub(crate) fn ask_for_life(&mut self, after_unlock: &mut AfterUnlock) {
        self.queue_probe(PING.to_owned(), after_unlock);
    }

    /// Receives a message. Returns `true` if the handler waits for it.
    pub(crate) fn receive(&mut self, received: Message, after_unlock: &mut AfterUnlock) -> bool {
        if let Message::Text(text) = &received
            && self.take_probe(text, after_unlock)
        {
            return false;
        }
        self.recv_queue.push(received);
        self.release_receivers(after_unlock)
    }

    /// Receives a short text. Returns `true` if the handler waits for it.
    #[inline]
    pub(crate) fn receive_text(&mut self, text: &str, after_unlock: &mut AfterUnlock) -> bool {
        if self.take_probe(text, after_unlock) {
            return false;
        }
        self.recv_queue.push_text(text);
        self.release_receivers(after_unlock)
    }

    /// Receives short texts. Returns `true` if the handler waits for one.
    pub(crate) fn receive_texts(&mut self, texts: ShortTexts<'_>, after_unlock: &mut AfterUnlock) -> bool {
        if self.probe_reader.is_none() || !texts.iter().any(may_be_probe) {
            self.recv_queue.push_texts(texts);
            return self.release_receivers(after_unlock);
        }
        let mut handler_waits = false;
        for text in texts.iter() {
            handler_waits |= self.receive_text(text, after_unlock);
        }
        handler_waits
    }

    /// Takes a text that is a probe, and answers a `$ping`. Returns `false` for other texts.
    #[inline]
    fn take_probe(&mut self, text: &str, after_unlock: &mut AfterUnlock) -> bool {
        let Some(probe) = self.probe_reader.as_ref().and_then(|reader| reader.read(text)) else {
            return false;
        };
        if let Probe::Ping { answer } = probe {
            self.queue_probe(answer, after_unlock);
        }
        true
    }

    /// Queues a probe or the answer to one, if there is room: a peer that has more to read than
    /// that needs no sign of life, and gets none of its own back.
    fn queue_probe(&mut self, text: String, after_unlock: &mut AfterUnlock) {
        if !self.is_over() && self.send_queue.has_room(text.len()) {
            self.send_queue.push(MessageKind::from(TEXT), &Payload::Vec(text.into_bytes()));
            self.wakeups.notify_output(after_unlock);
        }
    }
}
