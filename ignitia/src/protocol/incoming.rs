use std::ops::Deref;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{close::CloseFrame, message::Message};

/// Message that the decoder has made. Its text is valid UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Text(ReceivedText),
    Binary(Bytes),
    Ping(Bytes),
    Pong(Bytes),
    Close(Option<CloseFrame>),
}

impl Incoming {
    pub(crate) fn is_data(&self) -> bool {
        matches!(self, Incoming::Text(_) | Incoming::Binary(_))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Incoming::Text(text) => text.len(),
            Incoming::Binary(bytes) | Incoming::Ping(bytes) | Incoming::Pong(bytes) => bytes.len(),
            Incoming::Close(_) => 0,
        }
    }
}

impl From<Incoming> for Message {
    fn from(received: Incoming) -> Self {
        match received {
            Incoming::Text(text) => Message::Text(text.into()),
            Incoming::Binary(bytes) => Message::Binary(bytes),
            Incoming::Ping(bytes) => Message::Ping(bytes),
            Incoming::Pong(bytes) => Message::Pong(bytes),
            Incoming::Close(frame) => Message::Close(frame),
        }
    }
}

/// Text of a message: owned, for receivers that keep it, or a small part of shared memory, for
/// those that only read it.
#[derive(Debug)]
pub(crate) enum ReceivedText {
    Shared(Utf8Bytes),
    Owned(String),
}

impl Deref for ReceivedText {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            ReceivedText::Shared(text) => text,
            ReceivedText::Owned(text) => text,
        }
    }
}

impl PartialEq for ReceivedText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ReceivedText {}

impl From<Utf8Bytes> for ReceivedText {
    fn from(text: Utf8Bytes) -> Self {
        ReceivedText::Shared(text)
    }
}

impl From<String> for ReceivedText {
    fn from(text: String) -> Self {
        ReceivedText::Owned(text)
    }
}

impl From<ReceivedText> for String {
    #[inline]
    fn from(text: ReceivedText) -> Self {
        match text {
            ReceivedText::Shared(text) => text.as_str().to_owned(),
            ReceivedText::Owned(text) => text,
        }
    }
}
