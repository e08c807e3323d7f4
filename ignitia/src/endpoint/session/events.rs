use std::{
    any::Any,
    fmt,
    task::{Context, Poll, ready},
};

use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};

use crate::error::{Error, Result};

/// Events that wait for a session at most.
const MOST: usize = 64;

/// A handle by which any task tells a session something: what is sent is given to its hook `on_event`, in its turn, between two
/// messages and never at the same time as one.
///
/// A session gets it as an argument of `accept` or `on_open`, and hands it to whom it may concern. It is cheap to clone, and does
/// not keep the connection open. 64 events wait for a session at most.
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
    sender: Sender<E>,
}

impl<E> Events<E> {
    /// Queues an event, waiting while the queue is full. `Ok` means queued: events are handled in this order, unless the
    /// connection closes before.
    ///
    /// The session's own methods use [`try_send`](Self::try_send): nothing takes from the queue while one of them waits here.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`] when the session has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it returned, nothing was queued; the event is lost, and its place in the line of those who wait.
    pub async fn send(&self, event: E) -> Result<()> {
        self.sender.send(event).await.map_err(|_| Error::session_ended())
    }

    /// Queues an event if there is room for it now.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`] when the session has ended, [`Error::is_full`] instead of waiting.
    pub fn try_send(&self, event: E) -> Result<()> {
        self.sender.try_send(event).map_err(|error| match error {
            TrySendError::Full(_) => Error::inbox_full(),
            TrySendError::Closed(_) => Error::session_ended(),
        })
    }

    /// Whether the session has ended.
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

/// The events that wait for a session. Their type is not in its own: it may be private to the session's module.
#[doc(hidden)]
pub struct Inbox(Box<dyn Queue>);

trait Queue: Send {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    fn len(&self) -> usize;
    fn as_any(&mut self) -> &mut dyn Any;
}

struct Queued<E> {
    /// To hand out; so the queue never ends by itself.
    sender: Sender<E>,
    receiver: Receiver<E>,
    /// What was taken out and is about to be handled.
    next: Option<E>,
}

/// A handle and what comes of it.
#[doc(hidden)]
pub fn inbox<E: Send + 'static>() -> (Events<E>, Inbox) {
    let (sender, receiver) = mpsc::channel(MOST);
    let queued = Queued { sender: sender.clone(), receiver, next: None };
    (Events { sender }, Inbox(Box::new(queued)))
}

/// Another handle; of no inbox one that is closed.
#[doc(hidden)]
pub fn events<E: Send + 'static>(inbox: Option<&mut Inbox>) -> Events<E> {
    let sender = inbox.and_then(|inbox| inbox.queued::<E>()).map(|queued| queued.sender.clone());
    Events { sender: sender.unwrap_or_else(|| mpsc::channel(1).0) }
}

impl Inbox {
    /// The event that is ready.
    pub fn take<E: Send + 'static>(&mut self) -> Option<E> {
        self.queued::<E>().and_then(|queued| queued.next.take())
    }

    /// Waits until an event is ready.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_ready(cx)
    }

    fn queued<E: Send + 'static>(&mut self) -> Option<&mut Queued<E>> {
        self.0.as_any().downcast_mut()
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("len", &self.0.len()).finish()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let events = self.0.len();
        if events > 0 {
            tracing::debug!(events, "a session ended before it had handled these events");
        }
    }
}

impl<E: Send + 'static> Queue for Queued<E> {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.next.is_none() {
            self.next = ready!(self.receiver.poll_recv(cx));
        }
        Poll::Ready(())
    }

    fn len(&self) -> usize {
        self.receiver.len() + usize::from(self.next.is_some())
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
