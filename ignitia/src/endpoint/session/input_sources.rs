//! Input of a session from its peer, its intervals and its inbox.

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use super::{inbox::Inbox, intervals::Intervals};
use crate::{
    connection::HandlerProgress,
    dispatch::{LoopEnd, MessageLoop, ReceivedData},
};

/// Sources of a session's input besides the peer: its intervals and its inbox.
#[derive(Debug)]
pub(super) struct InputSources {
    intervals: Intervals,
    inbox: Option<Inbox>,
    last: InputSource,
}

/// Input for a session to handle.
pub(super) enum SessionInput {
    Data(ReceivedData),
    /// Tick of the interval of that number.
    Tick(usize),
    /// An event is ready in the inbox.
    Event,
}

/// Source of an input.
#[derive(Debug, Clone, Copy)]
enum InputSource {
    Peer,
    Interval,
    Inbox,
}

impl InputSource {
    /// Returns all sources in the order to poll them, this one last: so each gets its turn.
    fn polled_last(self) -> [Self; 3] {
        match self {
            Self::Peer => [Self::Interval, Self::Inbox, Self::Peer],
            Self::Interval => [Self::Inbox, Self::Peer, Self::Interval],
            Self::Inbox => [Self::Peer, Self::Interval, Self::Inbox],
        }
    }
}

impl InputSources {
    /// Creates the sources; `None` if there are none.
    pub(super) fn new(periods: Vec<Duration>, inbox: Option<Inbox>) -> Option<Box<Self>> {
        if periods.is_empty() && inbox.is_none() {
            return None;
        }
        Some(Box::new(Self { intervals: Intervals::start(periods), inbox, last: InputSource::Peer }))
    }

    pub(super) fn inbox(&mut self) -> Option<&mut Inbox> {
        self.inbox.as_mut()
    }

    /// Waits for the next input. Dropping the future loses no input.
    pub(super) async fn next(&mut self, message_loop: &mut MessageLoop) -> Result<SessionInput, LoopEnd> {
        let ws = message_loop.ws().clone();
        // The previous input is answered: a close that has waited for that may go on.
        ws.set_handler_progress(HandlerProgress::Done);
        let mut data = pin!(message_loop.next());
        let input = poll_fn(|cx| {
            for source in self.last.polled_last() {
                let input = match source {
                    InputSource::Peer => data.as_mut().poll(cx).map(|data| data.map(SessionInput::Data)),
                    // Nothing that they lead to could be sent any more.
                    InputSource::Interval | InputSource::Inbox if ws.is_closed() => Poll::Pending,
                    InputSource::Interval => self
                        .intervals
                        .poll_tick(cx)
                        .map_or(Poll::Pending, |index| Poll::Ready(Ok(SessionInput::Tick(index)))),
                    InputSource::Inbox => self.poll_inbox(cx).map(|()| Ok(SessionInput::Event)),
                };
                if input.is_ready() {
                    self.last = source;
                    return input;
                }
            }
            Poll::Pending
        })
        .await?;
        if !matches!(input, SessionInput::Data(_)) {
            // Its answer goes out before our own close. The peer has not asked for it, so the reply
            // to the peer's close does not wait for it.
            ws.set_handler_progress(HandlerProgress::InCall { delays_close_reply: false });
        }
        Ok(input)
    }

    fn poll_inbox(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.inbox.as_mut().map_or(Poll::Pending, |inbox| inbox.poll_ready(cx))
    }
}
