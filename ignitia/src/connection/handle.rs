//! Handle of a connection: [`WebSocketConnection`].

use std::{fmt, future::poll_fn, sync::Arc};

use bytes::Bytes;
use serde::Serialize;

#[cfg(doc)]
use super::{CloseCodes, WebSocketConfig};
use super::{
    expiry::Expiry,
    frame_checks::check_control,
    id::ConnectionId,
    sending::{Outgoing, Sending},
    state::{ReceiveMode, Shared},
    wait::Wait,
};
use crate::{
    close::{CloseCause, CloseFrame},
    error::Result,
    json,
    message::{BinaryPayload, Message, Payload, TextPayload},
    protocol::{BINARY, PING, PONG, TEXT},
    try_send_error::TrySendError,
};

/// A WebSocket connection: receive from it in one place, send to it from anywhere.
///
/// It is a handle: clones are cheap and may go to other tasks and into shared maps. A handler gets
/// one *before* the 101 is sent. The first receive, send or close, or [`accept`](Self::accept),
/// upgrades. When the handler has returned, the connection closes, and so do handles that are kept.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
///     while let Some(message) = ws.recv().await {
///         match message {
///             Message::Text(text) => ws.send_text(text).await?,
///             Message::Binary(bytes) => ws.send_binary(bytes).await?,
///             Message::Ping(_) | Message::Pong(_) => {}
///             Message::Close(_) => break,
///         }
///     }
///     Ok(Response::ok())
/// }
/// # let _ = Router::new().websocket("/echo", echo);
/// ```
pub struct WebSocketConnection {
    pub(super) shared: Arc<Shared>,
}

impl WebSocketConnection {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        shared.add_handle();
        Self { shared }
    }

    /// Upgrades now, and waits until the connection is open.
    ///
    /// Handlers that push without receiving call it first. Others need not: whatever they do first
    /// upgrades.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`](crate::Error::is_closed) if the peer went away before the upgrade, or
    /// the connection has ended.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the upgrade goes on.
    pub async fn accept(&self) -> Result<()> {
        let mut wait = Wait::new(&self.shared);
        poll_fn(|cx| self.shared.poll_accept(&mut wait.wait_key, cx)).await
    }

    /// Receives the next message. Returns `None` once the connection has ended and everything
    /// before the end was received.
    ///
    /// Pings and pongs are delivered, too; a ping has been answered already. The peer's close frame
    /// is the last message, once; receiving it answers it. When clones receive at the same time,
    /// each message goes to exactly one of them.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no message is lost when this future is dropped, as `select!` and `timeout` do.
    pub async fn recv(&mut self) -> Option<Message> {
        self.receive(ReceiveMode::Loop).await
    }

    /// Queues a message, and waits while the queue is full ([`WebSocketConfig::outbox_bytes`],
    /// [`WebSocketConfig::outbox_messages`]). `Ok` means queued: messages go out in the order in
    /// which they were queued, and [`flush`](Self::flush) waits until they have.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`](crate::Error::is_closed), at once, when the connection is closed or
    /// closing; [`Error::is_invalid_input`](crate::Error::is_invalid_input) for a ping or pong of
    /// over 125 bytes and for a close code that must not be sent.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if it is dropped before it returns, nothing was queued.
    // An opaque future: rustc says of it that `.await` is missing.
    #[inline]
    pub fn send(&self, message: Message) -> impl Future<Output = Result<()>> + Send + Sync + Unpin {
        self.sending(message)
    }

    /// Queues a text message: see [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if it is dropped before it returns, nothing was queued.
    pub fn send_text<'a>(&'a self, text: impl Into<TextPayload<'a>>) -> Sending<'a> {
        let TextPayload(payload) = text.into();
        Sending::new(&self.shared, Outgoing::Message(TEXT.into(), payload))
    }

    /// Queues a binary message: see [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if it is dropped before it returns, nothing was queued.
    pub fn send_binary(&self, bytes: impl Into<BinaryPayload>) -> Sending<'_> {
        let BinaryPayload(bytes) = bytes.into();
        Sending::new(&self.shared, Outgoing::Message(BINARY.into(), Payload::Shared(bytes)))
    }

    /// Queues a value as JSON in a text message.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`Error::is_json`](crate::Error::is_json) if the value cannot
    /// be written as JSON.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if it is dropped before it returns, nothing was queued.
    pub fn send_json<T: Serialize + ?Sized>(&self, value: &T) -> Sending<'_> {
        self.send_json_text(json::to_vec(value))
    }

    /// Queues a ping of at most 125 bytes. The keepalive sends pings by itself; this is for
    /// measurements by the application.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if it is dropped before it returns, nothing was queued.
    pub fn send_ping(&self, payload: impl AsRef<[u8]>) -> Sending<'_> {
        let payload = check_control(payload.as_ref()).map(Bytes::copy_from_slice);
        Sending::new(&self.shared, Outgoing::control(PING, payload))
    }

    /// Queues an unsolicited pong of at most 125 bytes. Pings are answered without it.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: if it is dropped before it returns, nothing was queued.
    pub fn send_pong(&self, payload: impl AsRef<[u8]>) -> Sending<'_> {
        let payload = check_control(payload.as_ref()).map(Bytes::copy_from_slice);
        Sending::new(&self.shared, Outgoing::control(PONG, payload))
    }

    /// Queues a message if there is room for it now. The error gives the message back.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`TrySendError::is_full`] instead of waiting.
    pub fn try_send(&self, message: Message) -> Result<(), TrySendError<Message>> {
        self.try_send_as(message, false)
    }

    /// Queues a message as [`try_send`](Self::try_send) does, and leaves it as it is on a connection
    /// with compression: see [`Sending::uncompressed`].
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send).
    pub fn try_send_uncompressed(&self, message: Message) -> Result<(), TrySendError<Message>> {
        self.try_send_as(message, true)
    }

    /// Closes the connection: queues a close frame behind all messages that were accepted, and
    /// returns without waiting for the peer. Later sends fail. [`recv`](Self::recv) goes on with
    /// messages that the peer still sends, until its close frame or
    /// [`WebSocketConfig::close_timeout`].
    ///
    /// `None` sends a close frame without a code. A reason of over 123 bytes is cut at a character
    /// boundary. Closing again is `Ok` and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) for a code that must not be sent
    /// ([RFC 6455, section 7.4](https://www.rfc-editor.org/rfc/rfc6455#section-7.4)): nothing is
    /// sent then.
    ///
    /// # Cancel safety
    ///
    /// It never waits.
    pub async fn close(&self, frame: Option<CloseFrame>) -> Result<()> {
        self.shared.close(frame)
    }

    /// Drops the peer's messages from now on, and those that wait: for handlers that only send.
    /// Pings are answered, and [`recv`](Self::recv) still returns pings, pongs and the close frame.
    /// Dropped messages are counted in [`CloseCause::unhandled`].
    ///
    /// ```
    /// use ignitia::prelude::*;
    ///
    /// async fn ticker(ws: WebSocketConnection) -> Result<Response> {
    ///     ws.ignore_messages();
    ///     let mut ticks = tokio::time::interval(std::time::Duration::from_secs(1));
    ///     for tick in 0.. {
    ///         ticks.tick().await;
    ///         ws.send_text(format!("tick {tick}")).await?; // an error once the peer has gone
    ///     }
    ///     Ok(Response::ok())
    /// }
    /// # let _ = Router::new().websocket("/ticker", ticker);
    /// ```
    pub fn ignore_messages(&self) {
        self.shared.ignore_messages();
    }

    /// Closes the connection at a time, with 3000 ([`CloseCodes::expired`]): when the credentials
    /// that it was opened with expire. Another call replaces the time; [`Expiry::NEVER`] removes
    /// it. The message that is being handled then is answered first.
    ///
    /// A [`SystemTime`](std::time::SystemTime), as tokens have it, is turned into a span at once:
    /// if the system's clock is set later, the connection does not notice. A time that has passed
    /// closes it now.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use ignitia::prelude::*;
    ///
    /// struct Claims {
    ///     exp: u64, // seconds since 1970
    /// }
    ///
    /// async fn private(
    ///     Extension(claims): Extension<std::sync::Arc<Claims>>,
    ///     mut ws: WebSocketConnection,
    /// ) -> Response {
    ///     ws.expires_at(SystemTime::UNIX_EPOCH + Duration::from_secs(claims.exp));
    ///     while ws.recv().await.is_some() {}
    ///     Response::ok()
    /// }
    /// # let _ = Router::new().websocket("/private", private);
    /// ```
    pub fn expires_at(&self, time: impl Into<Expiry>) {
        let Expiry(at) = time.into();
        self.shared.expire(at);
    }

    /// Waits until everything that was queued before this call has been handed to the kernel.
    ///
    /// It is rarely needed: queued messages go out as soon as the handler awaits. It is for a send
    /// that is followed by long synchronous work, and for knowing that a message got out.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`](crate::Error::is_closed) if the connection ended before.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn flush(&self) -> Result<()> {
        let mut wait = Wait::new(&self.shared);
        let mut target = None;
        poll_fn(|cx| self.shared.poll_flush(&mut target, &mut wait.wait_key, cx)).await
    }

    /// Returns `true` if nothing more can be sent: the connection has ended or is closing.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Waits for the end: both close frames, a timeout, or the loss of the transport.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn closed(&self) -> CloseCause {
        let mut wait = Wait::new(&self.shared);
        poll_fn(|cx| self.shared.poll_closed(&mut wait.wait_key, cx)).await
    }

    /// Returns the cause of the end, once the connection has ended.
    pub fn close_cause(&self) -> Option<CloseCause> {
        self.shared.cause()
    }

    /// Returns the subprotocol that was agreed on, of [`WebSocketConfig::subprotocols`].
    pub fn subprotocol(&self) -> Option<&str> {
        self.shared.subprotocol.as_deref()
    }

    /// Returns the compression that was agreed on: see [`WebSocketConfig::compression`].
    #[cfg(feature = "compression")]
    pub fn compression(&self) -> Option<crate::compression::NegotiatedCompression> {
        self.shared.compression
    }

    /// Returns the id of the connection, unique within the process.
    pub fn id(&self) -> ConnectionId {
        self.shared.id
    }
}

impl Clone for WebSocketConnection {
    fn clone(&self) -> Self {
        Self::new(self.shared.clone())
    }
}

impl Drop for WebSocketConnection {
    fn drop(&mut self) {
        self.shared.drop_handle();
    }
}

impl fmt::Debug for WebSocketConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketConnection")
            .field("id", &self.id().get())
            .field("closed", &self.is_closed())
            .finish()
    }
}
