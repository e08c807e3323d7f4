//! Queue of the events that wait for a session.

use std::{
    any::Any,
    fmt,
    task::{Context, Poll, ready},
};

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::events::Events;

/// Number of events that wait for a session at most.
const CAPACITY: usize = 64;

/// The events that wait for a session. Its type does not name theirs, which may be private to the
/// session's module.
#[doc(hidden)]
pub struct Inbox(Box<dyn ErasedInbox>);

/// An inbox without the type of its events.
trait ErasedInbox: Send {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    fn len(&self) -> usize;
    fn as_any(&mut self) -> &mut dyn Any;
}

/// An inbox with the type of its events.
struct TypedInbox<E> {
    /// Cloned for each handle. It also keeps the channel open.
    sender: Sender<E>,
    receiver: Receiver<E>,
    /// Event that was received and is about to be handled.
    next: Option<E>,
}

/// Creates an inbox and its first handle.
#[doc(hidden)]
pub fn inbox<E: Send + 'static>() -> (Events<E>, Inbox) {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    let typed = TypedInbox { sender: sender.clone(), receiver, next: None };
    (Events { sender }, Inbox(Box::new(typed)))
}

/// Returns another handle; without an inbox, a closed one.
#[doc(hidden)]
pub fn events<E: Send + 'static>(inbox: Option<&mut Inbox>) -> Events<E> {
    let sender = inbox.and_then(|inbox| inbox.typed::<E>()).map(|typed| typed.sender.clone());
    Events { sender: sender.unwrap_or_else(|| mpsc::channel(1).0) }
}

impl Inbox {
    /// Takes the event that is ready.
    pub fn take<E: Send + 'static>(&mut self) -> Option<E> {
        self.typed::<E>().and_then(|typed| typed.next.take())
    }

    /// Waits until an event is ready.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_ready(cx)
    }

    fn typed<E: Send + 'static>(&mut self) -> Option<&mut TypedInbox<E>> {
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

impl<E: Send + 'static> ErasedInbox for TypedInbox<E> {
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
