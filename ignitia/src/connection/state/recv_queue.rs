use std::collections::VecDeque;

use super::handler_progress::HandlerProgress;
use crate::{
    close::CloseFrame,
    connection::config::WebSocketConfig,
    message::Message,
    protocol::{BatchLimit, ProtocolViolation, ShortTexts},
};

/// Most pings and pongs that wait for `recv`. A newer one replaces the oldest.
const MAX_CONTROLS: usize = 16;

/// Capacity, in messages, that an empty queue keeps.
const RETAINED: usize = 8;

/// Capacity, in bytes, of the memory that is kept for short texts.
const RETAINED_BYTES: usize = 256;

/// Bytes of messages that may wait beyond `read_ahead_bytes` and `read_ahead_messages`, so that the
/// control frames behind them are seen.
const RESERVE: usize = 256 << 10;

/// Bytes that a waiting message counts for, beside its payload.
const OVERHEAD: usize = 64;

/// End of the peer's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EndOfInput {
    /// Close frame of the peer.
    Close(Option<CloseFrame>),
    /// End of the transport without a close frame.
    Eof,
    /// Violation of the protocol: what follows is not read.
    Violation(ProtocolViolation),
    /// End of the connection itself.
    Aborted,
}

/// Bounded queue of messages that wait for `recv`, and the end behind them. A full queue stops
/// reading: that is the backpressure on the peer.
#[derive(Debug)]
pub(crate) struct RecvQueue {
    queue: VecDeque<Waiting>,
    /// Short texts of the queue, one behind the other, behind those that were taken.
    texts: String,
    taken: usize,
    /// Memory for the next text that is taken.
    spare: String,
    data_messages: usize,
    data_bytes: usize,
    max_messages: usize,
    max_bytes: usize,
    pub(crate) end: Option<EndOfInput>,
    /// Progress of the handler with the message that was taken last.
    pub(crate) handler_progress: HandlerProgress,
    close_delivered: bool,
    reader: ReaderState,
    /// Number of text and binary messages that no handler will ever take.
    unhandled: usize,
}

/// Message that waits.
#[derive(Debug)]
enum Waiting {
    /// Next of the short texts, by its length in bytes.
    ShortText(usize),
    Message(Message),
}

impl Waiting {
    fn is_data(&self) -> bool {
        match self {
            Self::ShortText(_) => true,
            Self::Message(message) => message.is_data(),
        }
    }
}

/// Interest of the handler in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReaderState {
    /// It has not received yet, but may still.
    NotYet,
    Present,
    /// It takes control frames and the end, but no messages.
    IgnoresMessages,
    /// It will not receive again: input is discarded.
    Gone,
}

impl RecvQueue {
    pub(crate) fn new(config: &WebSocketConfig) -> Self {
        Self {
            queue: VecDeque::new(),
            texts: String::new(),
            taken: 0,
            spare: String::new(),
            data_messages: 0,
            data_bytes: 0,
            max_messages: config.read_ahead_messages.max(1),
            max_bytes: config.read_ahead_bytes.max(1),
            end: None,
            handler_progress: HandlerProgress::Done,
            close_delivered: false,
            reader: ReaderState::NotYet,
            unhandled: 0,
        }
    }

    /// Returns `true` if reading stops until `recv` has taken a message. Peeks for control frames
    /// go on.
    pub(crate) fn is_full(&self) -> bool {
        self.data_messages >= self.max_messages || self.data_bytes >= self.max_bytes
    }

    /// Returns the limit of the next batch: the room until the queue is full.
    pub(crate) fn batch_limit(&self) -> BatchLimit {
        BatchLimit {
            messages: self.max_messages.saturating_sub(self.data_messages),
            bytes: self.max_bytes.saturating_sub(self.data_bytes),
        }
    }

    /// Returns `true` if not even peeks may add messages.
    pub(crate) fn is_at_limit(&self) -> bool {
        let reserved = self.data_messages.saturating_mul(OVERHEAD).saturating_add(self.data_bytes);
        reserved >= self.max_bytes.saturating_add(RESERVE)
    }

    /// Returns `true` while there are messages from before the end that the handler has not taken,
    /// or not finished.
    pub(crate) fn has_data(&self) -> bool {
        self.data_messages > 0 || self.handler_progress.delays_close_reply()
    }

    /// Notes that the handler receives.
    pub(crate) fn note_reader(&mut self) {
        if self.reader == ReaderState::NotYet {
            self.reader = ReaderState::Present;
        }
    }

    /// Returns `true` if taking a message changes nothing else: the reader is known, and reading
    /// has not stopped.
    pub(crate) fn only_hands_out(&self) -> bool {
        self.reader == ReaderState::Present && !self.is_full()
    }

    /// Returns `true` if the handler has not received yet.
    pub(crate) fn is_unread(&self) -> bool {
        self.reader == ReaderState::NotYet
    }

    /// Returns the number of text and binary messages that wait.
    pub(crate) fn len(&self) -> usize {
        self.data_messages
    }

    pub(crate) fn push(&mut self, received: Message) {
        match self.reader {
            ReaderState::Gone | ReaderState::IgnoresMessages if received.is_data() => {
                self.unhandled += 1;
                return;
            }
            ReaderState::Gone => return,
            ReaderState::NotYet | ReaderState::Present | ReaderState::IgnoresMessages => {}
        }
        if received.is_data() {
            self.data_messages += 1;
            self.data_bytes += received.payload_len();
        } else if self.queue.len() - self.data_messages >= MAX_CONTROLS {
            let oldest = self.queue.iter().position(|waiting| !waiting.is_data());
            self.queue.remove(oldest.expect("the queue holds more than its data"));
        }
        self.queue.push_back(Waiting::Message(received));
    }

    #[inline]
    pub(crate) fn push_text(&mut self, text: &str) {
        if self.admits_texts(1, text.len()) {
            self.texts.push_str(text);
            self.queue.push_back(Waiting::ShortText(text.len()));
        }
    }

    pub(crate) fn push_texts(&mut self, texts: ShortTexts<'_>) {
        if self.admits_texts(texts.lengths.len(), texts.joined.len()) {
            self.texts.push_str(texts.joined);
            self.queue.extend(texts.lengths.iter().map(|length| Waiting::ShortText((*length).into())));
        }
    }

    /// Makes room for this number of texts, and of their bytes. Returns `false` if they are
    /// dropped.
    #[inline]
    fn admits_texts(&mut self, texts: usize, bytes: usize) -> bool {
        if matches!(self.reader, ReaderState::Gone | ReaderState::IgnoresMessages) {
            self.unhandled += texts;
            return false;
        }
        self.data_messages += texts;
        self.data_bytes += bytes;
        // Half of the memory at most is that of texts that were taken. Moving the other half costs
        // each text one copy on average.
        if self.taken > 0 && self.taken >= self.texts.len() / 2 {
            self.texts.drain(..self.taken);
            self.taken = 0;
        }
        true
    }

    /// Takes the next message.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Message> {
        match self.queue.pop_front()? {
            Waiting::ShortText(length) => {
                self.data_messages -= 1;
                self.data_bytes -= length;
                Some(Message::Text(self.take_text(length)))
            }
            Waiting::Message(received) => {
                if received.is_data() {
                    self.data_messages -= 1;
                    self.data_bytes -= received.payload_len();
                }
                Some(received)
            }
        }
    }

    #[inline]
    fn take_text(&mut self, length: usize) -> String {
        let end = self.taken + length;
        let text = &self.texts[self.taken..end];
        let text = if length > self.spare.capacity() {
            text.to_owned()
        } else {
            let mut memory = std::mem::take(&mut self.spare);
            memory.push_str(text);
            memory
        };
        self.taken = end;
        if end == self.texts.len() {
            self.texts.clear();
            self.taken = 0;
        }
        text
    }

    /// Keeps the memory of a text for the next one that is taken, if there is none: a handler that
    /// answers every text, or only reads it, costs no allocation for that.
    #[inline]
    pub(crate) fn recycle(&mut self, memory: &mut Vec<u8>) {
        if self.spare.capacity() == 0 && memory.capacity() <= RETAINED_BYTES {
            memory.clear();
            self.spare = String::from_utf8(std::mem::take(memory)).unwrap_or_default();
        }
    }

    /// Returns the peer's close frame, the first time that it is asked for.
    pub(crate) fn take_close(&mut self) -> Option<Message> {
        match &self.end {
            Some(EndOfInput::Close(frame)) if !self.close_delivered => {
                self.close_delivered = true;
                Some(Message::Close(frame.clone()))
            }
            _ => None,
        }
    }

    /// Returns `true` once the handler will be given nothing more.
    pub(crate) fn discards(&self) -> bool {
        self.reader == ReaderState::Gone
    }

    /// Drops everything that waits or is still to come.
    pub(crate) fn discard(&mut self) {
        self.reader = ReaderState::Gone;
        self.handler_progress = HandlerProgress::Done;
        self.queue = VecDeque::new();
        self.forget_data();
    }

    /// Drops messages that wait or are still to come. Control frames and the end are kept.
    pub(crate) fn ignore_messages(&mut self) {
        if self.reader != ReaderState::Gone {
            self.reader = ReaderState::IgnoresMessages;
            self.handler_progress = HandlerProgress::Done;
            self.queue.retain(|received| !received.is_data());
            self.forget_data();
        }
    }

    fn forget_data(&mut self) {
        self.texts = String::new();
        self.taken = 0;
        self.unhandled += self.data_messages;
        self.data_messages = 0;
        self.data_bytes = 0;
    }

    /// Returns the number of text and binary messages that no handler will ever take.
    pub(crate) fn unhandled(&self) -> usize {
        self.unhandled
    }

    /// Releases the memory that a burst took.
    #[inline]
    pub(crate) fn shrink(&mut self) {
        if self.queue.capacity() > RETAINED || self.texts.capacity() > RETAINED_BYTES {
            self.release_memory();
        }
    }

    #[cold]
    fn release_memory(&mut self) {
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        if self.texts.is_empty() {
            self.texts = String::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn ping(n: u8) -> Message {
        Message::Ping(Bytes::from(vec![n]))
    }

    fn text(text: &str) -> Message {
        Message::Text(text.to_owned())
    }

    #[test]
    fn the_oldest_ping_gives_way_and_data_never_does() {
        let mut recv_queue = RecvQueue::new(&WebSocketConfig::default());
        recv_queue.push(text("a"));
        for n in 0..20 {
            recv_queue.push(ping(n));
        }
        recv_queue.push(text("b"));
        let order: Vec<Message> = std::iter::from_fn(|| recv_queue.pop()).collect();
        let mut expected = vec![text("a")];
        expected.extend((4..20).map(ping));
        expected.push(text("b"));
        assert_eq!(order, expected);
    }

    #[test]
    fn full_by_messages_and_by_bytes() {
        let config = WebSocketConfig::default().read_ahead_messages(2).read_ahead_bytes(10);
        let mut recv_queue = RecvQueue::new(&config);
        recv_queue.push(text("a"));
        assert!(!recv_queue.is_full());
        recv_queue.push(text("b"));
        assert!(recv_queue.is_full());
        recv_queue.pop();
        assert!(!recv_queue.is_full());
        recv_queue.push(text("0123456789"));
        assert!(recv_queue.is_full());
        recv_queue.pop();
        recv_queue.pop();
        assert!(!recv_queue.is_full() && !recv_queue.has_data());
    }

    #[test]
    fn a_full_queue_has_a_reserve_for_what_is_read_on_the_way_to_control_frames() {
        let config = WebSocketConfig::default().read_ahead_messages(1).read_ahead_bytes(1_000);
        let mut recv_queue = RecvQueue::new(&config);
        let mut messages = 0;
        while !recv_queue.is_at_limit() {
            recv_queue.push(text("0123456789"));
            messages += 1;
        }
        assert!(recv_queue.is_full());
        assert_eq!(messages, (RESERVE + 1_000).div_ceil(OVERHEAD + 10));
    }

    #[test]
    fn what_nobody_takes_is_counted() {
        let mut recv_queue = RecvQueue::new(&WebSocketConfig::default());
        recv_queue.push(text("a"));
        recv_queue.push(ping(1));
        recv_queue.ignore_messages();
        recv_queue.push(text("b"));
        recv_queue.push(ping(2));
        assert_eq!(recv_queue.unhandled(), 2);
        assert_eq!(
            [recv_queue.pop(), recv_queue.pop(), recv_queue.pop()],
            [Some(ping(1)), Some(ping(2)), None]
        );
        recv_queue.discard();
        recv_queue.push(text("c"));
        recv_queue.push(ping(3));
        assert_eq!((recv_queue.unhandled(), recv_queue.pop()), (3, None));
    }

    #[test]
    fn the_close_is_delivered_once() {
        let mut recv_queue = RecvQueue::new(&WebSocketConfig::default());
        recv_queue.end = Some(EndOfInput::Close(None));
        assert_eq!(recv_queue.take_close(), Some(Message::Close(None)));
        assert_eq!(recv_queue.take_close(), None);
    }
}
