//! Handle by which tasks send events to a session.

use std::fmt;

use tokio::sync::mpsc::{Sender, error::TrySendError as ChannelError};

use crate::{
    error::{Error, Result},
    try_send_error::TrySendError,
};

/// A handle by which any task sends events to a session. The session's hook `on_event` handles them
/// one at a time, between two messages and never at the same time as one.
///
/// A session gets the handle as an argument of `accept` or `on_open`, and passes it on to other
/// tasks. It is cheap to clone, and does not keep the connection open. At most 64 events wait for a
/// session.
///
/// ```
/// use ignitia::prelude::*;
///
/// #[derive(serde::Deserialize, ClientMessage)]
/// #[serde(tag = "type")]
/// enum Ask {
///     Buy { what: String },
/// }
///
/// #[derive(serde::Serialize, ServerMessage)]
/// #[serde(tag = "type")]
/// enum Told {
///     Sold { what: String, price: u32 },
/// }
///
/// struct Deal {
///     what: String,
///     price: u32,
/// }
///
/// struct Trader {
///     events: Events<Deal>,
/// }
///
/// #[websocket("/market", message = Ask, reply = Told)]
/// impl Trader {
///     async fn accept(events: Events<Deal>) -> Self {
///         Self { events }
///     }
///
///     #[on(Buy { what })]
///     async fn buy(&mut self, what: String) {
///         let events = self.events.clone();
///         tokio::spawn(async move {
///             // .. haggles for a while ..
///             let _ = events.send(Deal { what, price: 7 }).await; // `Err`: the client has gone
///         });
///     }
///
///     async fn on_event(&mut self, deal: Deal) -> Told {
///         Told::Sold { what: deal.what, price: deal.price }
///     }
/// }
/// # let _ = Router::new().mount_session::<Trader>();
/// ```
pub struct Events<E> {
    pub(super) sender: Sender<E>,
}

impl<E> Events<E> {
    /// Queues an event, waiting while the queue is full (backpressure). `Ok` means queued: events
    /// are handled in this order, unless the connection closes before.
    ///
    /// The session's own methods use [`try_send`](Self::try_send): while one of them waits here,
    /// nothing takes from the queue.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`] when the session has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it returned, nothing was queued: the event is lost, and so is its place in
    /// the order of the waiting senders.
    pub async fn send(&self, event: E) -> Result<()> {
        self.sender.send(event).await.map_err(|_| Error::session_ended())
    }

    /// Queues an event if there is room for it now. The error gives the event back.
    ///
    /// # Errors
    ///
    /// [`TrySendError::is_closed`] when the session has ended, [`TrySendError::is_full`] instead of
    /// waiting.
    pub fn try_send(&self, event: E) -> Result<(), TrySendError<E>> {
        self.sender.try_send(event).map_err(|error| match error {
            ChannelError::Full(event) => TrySendError::new(event, Error::inbox_full()),
            ChannelError::Closed(event) => TrySendError::new(event, Error::session_ended()),
        })
    }

    /// Returns true if the session has ended.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Waits for the end of the session.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }
}

impl<E> Clone for Events<E> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone() }
    }
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("is_closed", &self.is_closed()).finish_non_exhaustive()
    }
}
