//! What users send and receive.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use crate::close::CloseFrame;

/// A WebSocket message: what one side sent in one piece, however many frames it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// A ping, at most 125 bytes. One that is received has been answered already.
    Ping(Bytes),
    /// A pong, at most 125 bytes.
    Pong(Bytes),
    /// The end: from the peer, it is the last message; sent, it closes the connection.
    Close(Option<CloseFrame>),
}

impl Message {
    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Message::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, if this is a binary message.
    pub fn as_binary(&self) -> Option<&Bytes> {
        match self {
            Message::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether this is text or binary: what applications exchange.
    pub fn is_data(&self) -> bool {
        matches!(self, Message::Text(_) | Message::Binary(_))
    }

    /// Whether this is the end.
    pub fn is_close(&self) -> bool {
        matches!(self, Message::Close(_))
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Message::Text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Message::Text(text.into())
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Message::Binary(bytes.into())
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Message::Binary(bytes)
    }
}

/// A frame's payload on its way out: lent for as long as it takes to queue it, or owned and then shared, uncopied
/// if it is large.
#[derive(Debug, Clone)]
pub(crate) enum Payload<'a> {
    Lent(&'a [u8]),
    /// To make [`Bytes`] of it is an allocation, and only worth it for what is not copied.
    Written(Vec<u8>),
    Owned(Bytes),
}

impl Payload<'_> {
    /// Returns the payload of a text message as that message again.
    pub(crate) fn into_text(self) -> Message {
        let bytes = match self {
            Payload::Lent(bytes) => bytes.to_vec(),
            Payload::Written(bytes) => bytes,
            Payload::Owned(bytes) => bytes.into(),
        };
        Message::Text(String::from_utf8(bytes).expect("it was a text"))
    }

    pub(crate) fn len(&self) -> usize {
        self.as_ref().len()
    }

    /// The same, such that [`to_bytes`](Self::to_bytes) copies nothing of this length or more, unless it is lent.
    pub(crate) fn sharable_from(self, length: usize) -> Self {
        match self {
            Payload::Written(bytes) if bytes.len() >= length => Payload::Owned(bytes.into()),
            payload => payload,
        }
    }

    /// The payload to keep, shared if it can be.
    pub(crate) fn to_bytes(&self) -> Bytes {
        match self {
            Payload::Lent(bytes) => Bytes::copy_from_slice(bytes),
            Payload::Written(bytes) => Bytes::copy_from_slice(bytes),
            Payload::Owned(bytes) => bytes.clone(),
        }
    }
}

impl AsRef<[u8]> for Payload<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Payload::Lent(bytes) => bytes,
            Payload::Written(bytes) => bytes,
            Payload::Owned(bytes) => bytes,
        }
    }
}

/// What a text message can be made of: `&str`, `String`, `&String`, `Cow<str>`, `Box<str>`.
#[derive(Debug, Clone)]
pub struct TextPayload<'a>(pub(crate) Payload<'a>);

impl<'a> From<&'a str> for TextPayload<'a> {
    fn from(text: &'a str) -> Self {
        Self(Payload::Lent(text.as_bytes()))
    }
}

impl<'a> From<&'a String> for TextPayload<'a> {
    fn from(text: &'a String) -> Self {
        Self(Payload::Lent(text.as_bytes()))
    }
}

impl From<String> for TextPayload<'_> {
    fn from(text: String) -> Self {
        Self(Payload::Written(text.into()))
    }
}

impl From<Box<str>> for TextPayload<'_> {
    fn from(text: Box<str>) -> Self {
        String::from(text).into()
    }
}

impl<'a> From<Cow<'a, str>> for TextPayload<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

/// What a binary message can be made of: `Vec<u8>`, `Bytes`, `BytesMut`, `Box<[u8]>`, `&'static [u8]` and
/// `b"literals"`.
#[derive(Debug, Clone)]
pub struct BinaryPayload(pub(crate) Bytes);

impl<const N: usize> From<&'static [u8; N]> for BinaryPayload {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self(Bytes::from_static(bytes))
    }
}

macro_rules! into_bytes {
    ($($from:ty),*) => { $(
        impl From<$from> for BinaryPayload {
            fn from(bytes: $from) -> Self {
                Self(bytes.into())
            }
        }
    )* };
}

into_bytes!(Vec<u8>, Bytes, BytesMut, Box<[u8]>, &'static [u8]);
