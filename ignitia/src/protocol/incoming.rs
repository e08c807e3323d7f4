use std::ops::Deref;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::{close::CloseFrame, message::Message};

/// A message as the decoder made it: text is checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Text(Text),
    Binary(Bytes),
    Ping(Bytes),
    Pong(Bytes),
    Close(Option<CloseFrame>),
}

impl Received {
    pub(crate) fn is_data(&self) -> bool {
        matches!(self, Received::Text(_) | Received::Binary(_))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Received::Text(text) => text.len(),
            Received::Binary(bytes) | Received::Ping(bytes) | Received::Pong(bytes) => bytes.len(),
            Received::Close(_) => 0,
        }
    }
}

impl From<Received> for Message {
    fn from(received: Received) -> Self {
        match received {
            Received::Text(text) => Message::Text(text.into()),
            Received::Binary(bytes) => Message::Binary(bytes),
            Received::Ping(bytes) => Message::Ping(bytes),
            Received::Pong(bytes) => Message::Pong(bytes),
            Received::Close(frame) => Message::Close(frame),
        }
    }
}

/// A text as it was received: ready to be taken away, or small and only to be read, in memory that others share.
#[derive(Debug)]
pub(crate) enum Text {
    Shared(Utf8Bytes),
    Owned(String),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Shared(text) => text,
            Text::Owned(text) => text,
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl From<Utf8Bytes> for Text {
    fn from(text: Utf8Bytes) -> Self {
        Text::Shared(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::Owned(text)
    }
}

impl From<Text> for String {
    #[inline]
    fn from(text: Text) -> Self {
        match text {
            Text::Shared(text) => text.as_str().to_owned(),
            Text::Owned(text) => text,
        }
    }
}
