use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use super::{clocks::Clocks, events::Inbox};
use crate::{
    connection::HandlerProgress,
    dispatch::{LoopEnd, MessageLoop, ReceivedData},
};

/// What a session has to do beside its messages: clocks and events.
#[derive(Debug)]
pub(super) struct Agenda {
    clocks: Clocks,
    inbox: Option<Inbox>,
    last: Source,
}

/// What is next.
pub(super) enum Turn {
    ReceivedData(ReceivedData),
    /// The clock of that number.
    Tick(usize),
    /// One is ready in the inbox.
    Event,
}

/// Where it comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    Peer,
    Clock,
    Inbox,
}

impl Source {
    /// All of them, this one last: none keeps the others waiting.
    fn behind_others(self) -> [Self; 3] {
        match self {
            Self::Peer => [Self::Clock, Self::Inbox, Self::Peer],
            Self::Clock => [Self::Inbox, Self::Peer, Self::Clock],
            Self::Inbox => [Self::Peer, Self::Clock, Self::Inbox],
        }
    }
}

impl Agenda {
    /// None if there is nothing on it.
    pub(super) fn new(periods: Vec<Duration>, inbox: Option<Inbox>) -> Option<Box<Self>> {
        if periods.is_empty() && inbox.is_none() {
            return None;
        }
        Some(Box::new(Self { clocks: Clocks::start(periods), inbox, last: Source::Peer }))
    }

    pub(super) fn inbox(&mut self) -> Option<&mut Inbox> {
        self.inbox.as_mut()
    }

    /// Waits for what is next. Nothing is lost when this future is dropped.
    pub(super) async fn next(&mut self, message_loop: &mut MessageLoop) -> Result<Turn, LoopEnd> {
        let ws = message_loop.ws().clone();
        // What was before is answered: an end that has waited for that need not wait any longer.
        ws.set_handler_progress(HandlerProgress::Done);
        let mut data = pin!(message_loop.next());
        let turn = poll_fn(|cx| {
            for source in self.last.behind_others() {
                let turn = match source {
                    Source::Peer => data.as_mut().poll(cx).map(|data| data.map(Turn::ReceivedData)),
                    // When it closes there is nobody left to tell.
                    Source::Clock | Source::Inbox if ws.is_closed() => Poll::Pending,
                    Source::Clock => self
                        .clocks
                        .poll_tick(cx)
                        .map_or(Poll::Pending, |clock| Poll::Ready(Ok(Turn::Tick(clock)))),
                    Source::Inbox => self.poll_inbox(cx).map(|()| Ok(Turn::Event)),
                };
                if turn.is_ready() {
                    self.last = source;
                    return turn;
                }
            }
            Poll::Pending
        })
        .await?;
        if !matches!(turn, Turn::ReceivedData(_)) {
            // What comes of it goes out before an end of ours; nobody has asked, so the peer's need not wait for it.
            ws.set_handler_progress(HandlerProgress::InCall { delays_close_reply: false });
        }
        Ok(turn)
    }

    fn poll_inbox(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.inbox.as_mut().map_or(Poll::Pending, |inbox| inbox.poll_ready(cx))
    }
}
