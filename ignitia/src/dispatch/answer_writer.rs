//! Writer of the answer to one message.

use std::collections::VecDeque;

use serde::Serialize;

use super::{
    correlation_id::ReplyId,
    error_reply::{CorrelatedError, ErrorReply},
    reply_memory,
};
use crate::{
    close::CloseFrame,
    connection::{Sending, WebSocketConnection},
    json,
    message::Message,
};

/// Everything that is sent in answer to one message: messages, and a close frame behind them.
#[derive(Debug, Default)]
pub(super) struct AnswerWriter {
    pub(super) first: Option<AnswerMessage>,
    // Nearly every answer is one message: without the rest it takes little to move.
    pub(super) rest: Option<Box<AnswerRest>>,
}

/// Messages of an answer behind its first one, and its end.
#[derive(Debug, Default)]
pub(super) struct AnswerRest {
    pub(super) messages: VecDeque<AnswerMessage>,
    /// End of the answer: nothing may follow it.
    pub(super) end: Option<AnswerEnd>,
}

/// One message of an answer.
#[derive(Debug)]
pub(super) enum AnswerMessage {
    /// Text that is written already.
    Json(Vec<u8>),
    /// Such text that is not to be compressed. It is rare: in a box it makes the others no larger.
    #[expect(clippy::box_collection, reason = "two vectors would leave no niche for the kind")]
    UncompressedJson(Box<Vec<u8>>),
    Raw(Box<Message>),
}

/// End of an answer.
#[derive(Debug)]
pub(super) enum AnswerEnd {
    /// The frame to close the connection with.
    Close(CloseFrame),
    /// Error of a message that cannot be written as JSON.
    Failure(serde_json::Error),
}

impl AnswerMessage {
    /// Returns the future that queues the message.
    pub(super) fn sending(self, ws: &WebSocketConnection) -> Sending<'_> {
        match self {
            Self::Json(text) => ws.send_json_text(Ok(text)),
            Self::UncompressedJson(_) | Self::Raw(_) => self.sending_rare(ws),
        }
    }

    #[cold]
    fn sending_rare(self, ws: &WebSocketConnection) -> Sending<'_> {
        match self {
            Self::Json(text) => ws.send_json_text(Ok(text)),
            Self::UncompressedJson(text) => ws.send_json_text(Ok(*text)).uncompressed(),
            Self::Raw(message) => ws.sending(*message),
        }
    }
}

impl AnswerWriter {
    /// Writes an error.
    pub(super) fn write_error(&mut self, error: &ErrorReply<'_>, to: ReplyId<'_>) {
        // The error writes the id itself, behind its type.
        self.write(&CorrelatedError { error, id: to }, None, false);
    }

    /// Writes a message as JSON, unless the answer is complete.
    #[inline]
    pub(super) fn write<T: Serialize>(&mut self, message: &T, to: ReplyId<'_>, is_uncompressed: bool) {
        if self.is_complete() {
            return;
        }
        match encode(message, to) {
            Ok(text) if is_uncompressed => self.push(AnswerMessage::UncompressedJson(text.into())),
            Ok(text) => self.push(AnswerMessage::Json(text)),
            Err(error) => self.end(AnswerEnd::Failure(error)),
        }
    }

    /// Adds a message as it is, unless the answer is complete.
    pub(super) fn write_raw(&mut self, message: Message) {
        if !self.is_complete() {
            self.push(AnswerMessage::Raw(Box::new(message)));
        }
    }

    /// Closes the connection behind the messages, unless the answer is complete.
    pub(super) fn close(&mut self, frame: CloseFrame) {
        if !self.is_complete() {
            self.end(AnswerEnd::Close(frame));
        }
    }

    #[inline]
    fn push(&mut self, message: AnswerMessage) {
        match self.first {
            None => self.first = Some(message),
            Some(_) => self.rest.get_or_insert_default().messages.push_back(message),
        }
    }

    #[cold]
    fn end(&mut self, end: AnswerEnd) {
        self.rest.get_or_insert_default().end = Some(end);
    }

    /// Returns true if nothing more may be added.
    #[inline]
    fn is_complete(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.end.is_some())
    }
}

/// Writes a message as JSON, with the id in front of its fields.
#[inline]
fn encode<T: Serialize>(message: &T, to: ReplyId<'_>) -> serde_json::Result<Vec<u8>> {
    let Some((name, id)) = to else { return reply_memory::encode(message) };
    let mut text = reply_memory::take();
    text.push(b'{');
    json::write(&mut text, name)?;
    text.push(b':');
    text.extend_from_slice(id.json().as_bytes());
    let object = text.len();
    json::write(&mut text, message)?;
    // The message is an object with a tag in it: its brace becomes the comma.
    text[object] = b',';
    Ok(text)
}
