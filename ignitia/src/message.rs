//! Messages of an application, and their payloads.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use crate::close::CloseFrame;

/// A WebSocket message. It may be fragmented on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// A ping, at most 125 bytes. A received one has been answered already.
    Ping(Bytes),
    /// A pong, at most 125 bytes.
    Pong(Bytes),
    /// A close frame. A received one is the last message; sending one closes the connection.
    Close(Option<CloseFrame>),
}

impl Message {
    /// Returns the text of a text message.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Message::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the bytes of a binary message.
    pub fn as_binary(&self) -> Option<&Bytes> {
        match self {
            Message::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns true for text and binary messages, the ones that applications exchange.
    pub fn is_data(&self) -> bool {
        matches!(self, Message::Text(_) | Message::Binary(_))
    }

    /// Returns the length of the payload in bytes, but for close frames.
    pub(crate) fn payload_len(&self) -> usize {
        match self {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
            Message::Close(_) => 0,
        }
    }

    /// Returns true for a close frame.
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

/// Payload of a frame to send. It is borrowed until it is queued, or owned; an owned one that is
/// large is shared instead of copied.
#[derive(Debug, Clone)]
pub(crate) enum Payload<'a> {
    Borrowed(&'a [u8]),
    /// Converting it to [`Bytes`] allocates, which pays off only if it saves a copy.
    Vec(Vec<u8>),
    Shared(Bytes),
}

impl Payload<'_> {
    /// Returns the payload of a text message as that message again.
    pub(crate) fn into_text(self) -> Message {
        let bytes = match self {
            Payload::Borrowed(bytes) => bytes.to_vec(),
            Payload::Vec(bytes) => bytes,
            Payload::Shared(bytes) => bytes.into(),
        };
        Message::Text(String::from_utf8(bytes).expect("it was a text"))
    }

    pub(crate) fn len(&self) -> usize {
        self.as_ref().len()
    }

    /// Makes the payload shared if it has at least this length, unless it is borrowed:
    /// [`to_bytes`](Self::to_bytes) does not copy it then.
    #[inline]
    pub(crate) fn share_from(&mut self, length: usize) {
        if let Payload::Vec(bytes) = self
            && bytes.len() >= length
        {
            *self = Payload::Shared(std::mem::take(bytes).into());
        }
    }

    /// Returns the payload as bytes to keep: shared if it is shared, otherwise a copy.
    pub(crate) fn to_bytes(&self) -> Bytes {
        match self {
            Payload::Borrowed(bytes) => Bytes::copy_from_slice(bytes),
            Payload::Vec(bytes) => Bytes::copy_from_slice(bytes),
            Payload::Shared(bytes) => bytes.clone(),
        }
    }
}

impl AsRef<[u8]> for Payload<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Payload::Borrowed(bytes) => bytes,
            Payload::Vec(bytes) => bytes,
            Payload::Shared(bytes) => bytes,
        }
    }
}

/// Content of a text message, made from `&str`, `String`, `&String`, `Cow<str>` or `Box<str>`.
#[derive(Debug, Clone)]
pub struct TextPayload<'a>(pub(crate) Payload<'a>);

impl<'a> From<&'a str> for TextPayload<'a> {
    fn from(text: &'a str) -> Self {
        Self(Payload::Borrowed(text.as_bytes()))
    }
}

impl<'a> From<&'a String> for TextPayload<'a> {
    fn from(text: &'a String) -> Self {
        Self(Payload::Borrowed(text.as_bytes()))
    }
}

impl From<String> for TextPayload<'_> {
    fn from(text: String) -> Self {
        Self(Payload::Vec(text.into()))
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

/// Content of a binary message, made from `Vec<u8>`, `Bytes`, `BytesMut`, `Box<[u8]>`,
/// `&'static [u8]` or `b"literals"`.
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
