//! The connection with typed messages.

use std::fmt;

use super::{
    client_message::ClientMessage, decode::decode, error_reply::ErrorReply, malformed::Malformed,
    probe::handle_probes, reply_memory, server_message::ServerMessage,
};
use crate::{
    close::{CloseCause, CloseFrame},
    connection::{ConnectionId, ReceiveMode, Sending, WebSocketConnection},
    error::Result,
    message::Message,
};

/// A connection that receives `In` and sends `Out`, as JSON in text messages. The caller decides
/// how to react to malformed input.
///
/// It is the last argument of a `#[websocket]` function, or converted from a
/// [`WebSocketConnection`]. Clones are handles of the same connection.
///
/// ```
/// use ignitia::{ClientMessage, ServerMessage, TypedConnection, prelude::*};
///
/// #[derive(serde::Deserialize, ClientMessage)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum Question {
///     Add { a: i64, b: i64 },
/// }
///
/// #[derive(serde::Serialize, ServerMessage)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum Answer {
///     Sum { value: i64 },
/// }
///
/// #[websocket("/sums")]
/// async fn sums(mut ws: TypedConnection<Question, Answer>) -> Result<Response> {
///     while let Some(question) = ws.recv().await {
///         match question {
///             Ok(Question::Add { a, b }) => {
///                 ws.send(&Answer::Sum { value: a.saturating_add(b) }).await?;
///             }
///             Err(malformed) => ws.send_error(&malformed).await?,
///         }
///     }
///     Ok(Response::ok())
/// }
/// # let _ = Router::new().mount(sums);
/// ```
pub struct TypedConnection<In, Out> {
    ws: WebSocketConnection,
    codec: Codec<In, Out>,
}

/// Functions of the messages' traits. They are looked up where the connection is created, so that a
/// type that is no message is reported there, and not at every use.
struct Codec<In, Out> {
    decode: fn(&str) -> Result<In, Malformed>,
    encode: fn(&Out) -> serde_json::Result<Vec<u8>>,
    is_uncompressed: fn(&Out) -> bool,
}

impl<In, Out> TypedConnection<In, Out> {
    /// Upgrades now: see [`WebSocketConnection::accept`].
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`](crate::Error::is_closed) if the peer went away before the upgrade, or
    /// the connection has ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe; the upgrade goes on.
    pub async fn accept(&self) -> Result<()> {
        self.get_ref().accept().await
    }

    /// Receives the next message, or the error of input that is none. `None` when the connection
    /// has ended and everything before its end has been received. Pings and pongs are skipped.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no message is lost when this future is dropped.
    pub async fn recv(&mut self) -> Option<Result<In, Malformed>> {
        match self.next().await? {
            Message::Text(text) => {
                let decoded = (self.codec.decode)(&text);
                reply_memory::recycle(text, &self.ws);
                Some(decoded)
            }
            _ => Some(Err(Malformed::binary())),
        }
    }

    /// Receives as [`recv`](Self::recv) does, and returns malformed input as well: a third-party
    /// client's heartbeat, or bytes.
    ///
    /// ```
    /// # use ignitia::{ClientMessage, ServerMessage, TypedConnection, prelude::*};
    /// # #[derive(serde::Deserialize, ClientMessage)] #[serde(tag = "type")] enum In { Hello }
    /// # #[derive(serde::Serialize, ServerMessage)] #[serde(tag = "type")] enum Out { Hello }
    /// # async fn f(mut ws: TypedConnection<In, Out>) -> Result<Response> {
    /// while let Some(received) = ws.recv_raw().await {
    ///     match received {
    ///         Ok(In::Hello) => ws.send(&Out::Hello).await?,
    ///         Err(other) if other.message.as_text() == Some("ping") => {
    ///             ws.get_ref().send_text("pong").await?;
    ///         }
    ///         Err(other) => ws.send_error(&other.malformed).await?,
    ///     }
    /// }
    /// # Ok(Response::ok()) }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no message is lost when this future is dropped.
    pub async fn recv_raw(&mut self) -> Option<Result<In, Undecoded>> {
        let received = self.next().await?;
        let decoded = match &received {
            Message::Text(text) => (self.codec.decode)(text),
            _ => Err(Malformed::binary()),
        };
        Some(decoded.map_err(|malformed| Undecoded { message: received, malformed }))
    }

    /// Receives the next text or binary message.
    async fn next(&mut self) -> Option<Message> {
        loop {
            match self.ws.receive(ReceiveMode::TypedLoop).await? {
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(_) => return None,
                data => return Some(data),
            }
        }
    }

    /// Queues a message: see [`WebSocketConnection::send`].
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`](crate::Error::is_closed) when the connection is closed or closing,
    /// [`Error::is_json`](crate::Error::is_json) if the message cannot be written as JSON.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropped before it returned, nothing was queued.
    pub fn send(&self, message: &Out) -> Sending<'_> {
        let sending = self.get_ref().send_json_text((self.codec.encode)(message));
        if (self.codec.is_uncompressed)(message) { sending.uncompressed() } else { sending }
    }

    /// Reports an error to the peer, [`Malformed`] or a [`MessageError`](crate::MessageError) of
    /// yours, as the other typed endpoints do. The connection goes on.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropped before it returned, nothing was queued.
    pub fn send_error<'e>(&self, error: impl Into<ErrorReply<'e>>) -> Sending<'_> {
        self.get_ref().send_json(&error.into())
    }

    /// Closes the connection: see [`WebSocketConnection::close`].
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) for a code that must not be on
    /// the wire.
    ///
    /// # Cancel safety
    ///
    /// It never waits.
    pub async fn close(&self, frame: Option<CloseFrame>) -> Result<()> {
        self.get_ref().close(frame).await
    }

    /// Waits for the end: see [`WebSocketConnection::closed`].
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn closed(&self) -> CloseCause {
        self.get_ref().closed().await
    }

    /// Returns true if nothing more can be sent.
    pub fn is_closed(&self) -> bool {
        self.get_ref().is_closed()
    }

    /// Returns the connection's number, unique within the process.
    pub fn id(&self) -> ConnectionId {
        self.get_ref().id()
    }

    /// Returns the connection without the types, for everything else.
    pub fn get_ref(&self) -> &WebSocketConnection {
        &self.ws
    }
}

impl<In, Out> From<WebSocketConnection> for TypedConnection<In, Out>
where
    In: for<'de> ClientMessage<'de>,
    Out: ServerMessage,
{
    fn from(ws: WebSocketConnection) -> Self {
        let codec = Codec {
            decode: |text| decode(text, None).map(|decoded| decoded.message),
            encode: |message| reply_memory::encode(message),
            is_uncompressed: Out::is_uncompressed,
        };
        handle_probes(&ws, None);
        Self { ws, codec }
    }
}

impl<In, Out> Clone for TypedConnection<In, Out> {
    fn clone(&self) -> Self {
        Self { ws: self.ws.clone(), codec: self.codec.clone() }
    }
}

impl<In, Out> Clone for Codec<In, Out> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<In, Out> fmt::Debug for TypedConnection<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedConnection").field(self.get_ref()).finish()
    }
}

/// Received input that is none of the expected messages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Undecoded {
    /// The input as it came: text or binary.
    pub message: Message,
    /// Description of the error, safe to send to the client.
    pub malformed: Malformed,
}
