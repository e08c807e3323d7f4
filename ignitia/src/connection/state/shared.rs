//! What handles and the connection task share: two queues, the phase, and who waits for what.

use std::{
    collections::VecDeque,
    ptr,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
    time::Instant,
};

use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::{
    backlog::Backlog,
    delivery::Farewell,
    handler_progress::{Handling, Receiver},
    recv_queue::{EndOfInput, Inbound},
    send_buffer::FrameBuffer,
    send_queue::Outbox,
    waiters::{Deferred, Place, Waiters, Waits},
    wakeups::{Calls, Polling},
};
use crate::{
    close::{CloseCause, CloseCode, CloseFrame, CloseKind},
    connection::{config::WebSocketConfig, events::Observer, id::ConnectionId},
    error::{Error, Result},
    message::Payload,
    metrics::Depths,
    protocol::Received,
    sync::{AtomicUsize, Mutex, MutexGuard, Ordering},
    time::{after, now},
};

#[derive(Debug)]
#[repr(C)]
pub(crate) struct Shared {
    /// Guards everything below for the time of a push or a pop: never across an await, never while a waker or
    /// anything of the user's runs. Poisoning is ignored: no code that can panic runs under it half-way.
    state: Mutex<State>,
    pub(crate) id: ConnectionId,
    pub(crate) config: Arc<WebSocketConfig>,
    pub(crate) subprotocol: Option<String>,
    pub(crate) observer: Observer,
    /// Counts the handles, to know when nobody can receive any more.
    handles: AtomicUsize,
}

/// In the order of use: what a broadcast touches lies together, since with many members none of it is in the cache.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct State {
    polling: Polling,
    phase: Phase,
    /// Broadcasts have waited for the peer for too long: see `lag_after`.
    pub(crate) is_slow: bool,
    pub(crate) outbox: Outbox,
    /// What the rooms that this connection is in still have for it.
    pub(crate) backlogs: VecDeque<Backlog>,
    waiters: Waiters,
    pub(crate) inbound: Inbound,
    /// The rooms that must hear of its end.
    pub(crate) farewells: Vec<Farewell>,
    /// Messages of rooms that were given up since somebody counted them.
    pub(crate) dropped: u64,
    /// Why the outbox was sealed.
    pub(crate) seal: Option<Seal>,
    /// Our own end, while the handler is still at a message.
    pending_close: Option<Box<PendingClose>>,
    /// When the connection may not go on any longer: its credentials have expired then.
    pub(crate) expires: Option<Instant>,
    cause: Option<CloseCause>,
    /// Replies that came when nothing could be sent any more.
    lost_replies: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The handler has not said yet whether it wants the upgrade.
    Undecided,
    /// It does; what it sends is queued.
    Wanted,
    Open,
    Ended,
}

/// What put the close frame into the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Seal {
    pub(crate) kind: CloseKind,
    pub(crate) frame: Option<CloseFrame>,
    /// Messages of rooms that waited and were given up with it.
    given_up: usize,
}

/// An end that we have decided on, and that waits until the handler is done with its message.
#[derive(Debug)]
struct PendingClose {
    kind: CloseKind,
    frame: CloseFrame,
    until: Instant,
}

/// How long an end of ours waits for the message that the handler is at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Courtesy {
    /// For a loop of the handler's own.
    pub(crate) in_loop: Instant,
    /// For a function that is called for each message.
    pub(crate) in_call: Instant,
}

impl State {
    /// Whether nothing more can be sent.
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Ended || self.outbox.is_sealed()
    }

    pub(crate) fn kick_output(&mut self, deferred: &mut Deferred) {
        self.polling.kick_output(deferred);
    }

    /// Moves the queued frames into an empty buffer; `true` if there were any.
    pub(crate) fn fetch(&mut self, empty: &mut FrameBuffer) -> bool {
        self.polling.output_seen();
        self.outbox.fetch(empty)
    }

    pub(crate) fn want(&mut self, deferred: &mut Deferred) {
        if self.phase == Phase::Undecided {
            self.phase = Phase::Wanted;
            self.polling.kick(deferred);
        }
    }

    /// Queues the close frame, once; what is queued already goes before it.
    pub(crate) fn seal(&mut self, kind: CloseKind, frame: Option<CloseFrame>, deferred: &mut Deferred) {
        if self.seal.is_some() || self.phase == Phase::Ended {
            return;
        }
        if kind != CloseKind::Lagged {
            self.refill_all();
        }
        let given_up = self.waiting();
        deferred.drop_backlogs(std::mem::take(&mut self.backlogs));
        self.outbox.seal(frame.as_ref());
        self.seal = Some(Seal { kind, frame, given_up });
        self.pending_close = None;
        let owed = self.waiters.release(Waits::ROOM, deferred);
        self.polling.owe_handler(owed);
        self.polling.kick(deferred);
    }

    /// Ends the connection for a reason of ours: behind the message that the handler is at, and its replies, which have as
    /// long as an answer to the peer's close frame may wait. What was received and not begun is not handled any more, and
    /// counted.
    pub(crate) fn conclude(
        &mut self,
        kind: CloseKind,
        frame: CloseFrame,
        config: &WebSocketConfig,
        deferred: &mut Deferred,
    ) {
        let until = after(now(), config.close_timeout);
        self.conclude_within(Courtesy { in_loop: until, in_call: until }, kind, frame, deferred);
    }

    /// The same, with this much time for the message.
    pub(crate) fn conclude_within(
        &mut self,
        courtesy: Courtesy,
        kind: CloseKind,
        frame: CloseFrame,
        deferred: &mut Deferred,
    ) {
        if self.seal.is_some() || self.pending_close.is_some() || self.phase == Phase::Ended {
            return;
        }
        let until = match self.inbound.handling {
            Handling::Done => return self.cut_short(kind, frame, deferred),
            Handling::InLoop { .. } => courtesy.in_loop,
            Handling::InCall { .. } => courtesy.in_call,
        };
        self.pending_close = Some(Box::new(PendingClose { kind, frame, until }));
        // A batch that is being collected is complete now.
        let owed = self.release_receivers(deferred);
        self.polling.owe_handler(owed);
        self.polling.kick(deferred);
    }

    /// Until when our own end waits for the handler at most.
    pub(crate) fn pending_close(&self) -> Option<Instant> {
        self.pending_close.as_ref().map(|pending| pending.until)
    }

    /// The handler is done with its message, or has had its time: our own end comes now, if one waits.
    pub(crate) fn finish_pending_close(&mut self, deferred: &mut Deferred) {
        if let Some(pending) = self.pending_close.take() {
            self.cut_short(pending.kind, pending.frame, deferred);
        }
    }

    fn cut_short(&mut self, kind: CloseKind, frame: CloseFrame, deferred: &mut Deferred) {
        self.inbound.discard();
        let owed = self.release_receivers(deferred);
        self.polling.owe_handler(owed);
        self.seal(kind, Some(frame), deferred);
    }

    /// Answers the end of the peer's input with our close frame.
    pub(crate) fn answer_end(&mut self, deferred: &mut Deferred) {
        match self.inbound.end.clone() {
            Some(EndOfInput::Close(frame)) => self.seal(CloseKind::Peer, frame, deferred),
            Some(EndOfInput::Eof) => {
                let reason = "the input ended without a close frame".into();
                let frame = CloseFrame { code: CloseCode::PROTOCOL, reason };
                self.seal(CloseKind::Lost, Some(frame), deferred);
            }
            Some(EndOfInput::Violation(violation)) => {
                self.seal(CloseKind::Violation, Some(violation.close_frame()), deferred);
            }
            Some(EndOfInput::Cut) | None => {}
        }
    }

    /// Notes the one cause; everybody who waits learns of it.
    pub(crate) fn end(
        &mut self,
        kind: CloseKind,
        frame: Option<CloseFrame>,
        clean: bool,
        deferred: &mut Deferred,
    ) {
        if self.phase == Phase::Ended {
            return;
        }
        self.phase = Phase::Ended;
        self.cause = Some(CloseCause { kind, frame, clean, unsent: self.unsent(), unhandled: 0 });
        self.pending_close = None;
        deferred.drop_backlogs(std::mem::take(&mut self.backlogs));
        deferred.leave(std::mem::take(&mut self.farewells));
        deferred.drop_frames(self.outbox.discard());
        self.inbound.end.get_or_insert(EndOfInput::Cut);
        let own = self.waiters.release(Waits::ALL, deferred);
        self.polling.owe_handler(own);
        if own {
            self.polling.kick(deferred);
        }
    }

    fn unsent(&self) -> usize {
        self.outbox.unsent() + self.waiting() + self.seal.as_ref().map_or(0, |seal| seal.given_up)
    }

    fn waiting(&self) -> usize {
        self.backlogs.iter().map(Backlog::len).sum()
    }

    /// Nobody receives any more: the handler has returned.
    pub(crate) fn stop_receiving(&mut self, deferred: &mut Deferred) {
        self.inbound.discard();
        self.waiters.release(Waits::MESSAGE, deferred);
    }

    /// Somebody may receive: the messages in the queue, or the end behind them.
    pub(crate) fn release_receivers(&mut self, deferred: &mut Deferred) -> bool {
        self.waiters.release(Waits::MESSAGE, deferred)
    }

    /// The kernel took some: senders and flushers look again.
    pub(crate) fn release_senders(&mut self, deferred: &mut Deferred) -> bool {
        self.waiters.release(Waits::ROOM | Waits::FLUSH, deferred)
    }

    pub(crate) fn open(&mut self, deferred: &mut Deferred) {
        if self.phase != Phase::Ended {
            self.phase = Phase::Open;
        }
        if self.waiters.release(Waits::PHASE, deferred) {
            self.polling.owe_handler(true);
        }
    }

    /// Why the connection has ended. What its handler still does, or fails to, counts too.
    fn cause(&self) -> Option<CloseCause> {
        let cause = self.cause.clone()?;
        let unsent = cause.unsent + self.lost_replies;
        Some(CloseCause { unsent, unhandled: self.inbound.unhandled(), ..cause })
    }

    /// Whether the peer has ended the connection, or the loss of the transport: then nobody waits for what is lost.
    fn is_ended_by_peer(&self) -> bool {
        let kind = self.seal.as_ref().map(|seal| seal.kind).or(self.cause.as_ref().map(|cause| cause.kind));
        matches!(kind, Some(CloseKind::Peer | CloseKind::Lost | CloseKind::Violation))
    }
}

impl Shared {
    pub(crate) fn new(config: Arc<WebSocketConfig>, subprotocol: Option<String>, observer: Observer) -> Self {
        let state = State {
            polling: Polling::new(),
            phase: Phase::Undecided,
            is_slow: false,
            outbox: Outbox::new(&config),
            backlogs: VecDeque::new(),
            waiters: Waiters::default(),
            inbound: Inbound::new(&config),
            farewells: Vec::new(),
            dropped: 0,
            seal: None,
            pending_close: None,
            expires: None,
            cause: None,
            lost_replies: 0,
        };
        let handles = AtomicUsize::new(0);
        Self { state: Mutex::new(state), id: ConnectionId::next(), config, subprotocol, observer, handles }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` under the lock, and after it what it deferred.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut State, &mut Deferred) -> R) -> R {
        let mut deferred = Deferred::default();
        let result = f(&mut self.lock(), &mut deferred);
        deferred.run();
        result
    }

    // The handles' side.

    pub(crate) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// With the last handle the last receiver is gone: what comes in is for nobody. The close frame is left to the
    /// handler's outcome, which may be about to say why.
    pub(crate) fn drop_handle(&self) {
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.with(|state, deferred| {
                state.inbound.discard();
                if state.phase == Phase::Open {
                    state.polling.kick(deferred);
                }
            });
        }
    }

    pub(crate) fn poll_accept(&self, place: &mut Place, cx: &Context<'_>) -> Poll<Result<()>> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, deferred| match state.phase {
            Phase::Open => Poll::Ready(Ok(())),
            Phase::Ended => Poll::Ready(Err(Error::closed())),
            Phase::Undecided | Phase::Wanted => {
                state.want(deferred);
                state.waiters.wait(Waits::PHASE, place, &mut waker, deferred);
                Poll::Pending
            }
        })
    }

    /// The next message. It is with the handler until the next call: see [`Handling`].
    pub(crate) fn poll_recv(
        &self,
        receiver: Receiver,
        place: &mut Place,
        cx: &Context<'_>,
    ) -> Poll<Option<Received>> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, deferred| {
            state.want(deferred);
            state.inbound.receive();
            state.inbound.gives_away = receiver.takes_text();
            if receiver != Receiver::CallForMore {
                state.inbound.handling = Handling::Done;
                state.finish_pending_close(deferred);
            }
            if state.inbound.discards() || state.pending_close.is_some() {
                return Poll::Ready(None);
            }
            let was_full = state.inbound.is_full();
            if let Some(received) = state.inbound.pop() {
                if received.is_data() {
                    state.inbound.handling = receiver.handling();
                }
                if was_full {
                    state.polling.kick(deferred);
                }
                return Poll::Ready(Some(received));
            }
            if state.inbound.end.is_none() {
                state.waiters.wait(Waits::MESSAGE, place, &mut waker, deferred);
                return Poll::Pending;
            }
            if !state.inbound.handling.holds_end() {
                state.answer_end(deferred);
            }
            Poll::Ready(state.inbound.take_close())
        })
    }

    /// The handler is at something that an end has to wait for, or is done with it.
    pub(crate) fn set_handling(&self, handling: Handling) {
        self.with(|state, deferred| {
            state.inbound.handling = handling;
            if handling == Handling::Done {
                state.finish_pending_close(deferred);
            }
            if !state.inbound.has_data() {
                state.answer_end(deferred);
            }
        });
    }

    /// Drops messages from now on, and those that wait.
    pub(crate) fn ignore_messages(&self) {
        self.with(|state, deferred| {
            state.want(deferred);
            state.inbound.ignore_messages();
            state.finish_pending_close(deferred);
            state.answer_end(deferred);
            state.polling.kick(deferred);
        });
    }

    /// Ends the connection at that time, unless this is called again.
    pub(crate) fn expire(&self, at: Option<Instant>) {
        self.with(|state, deferred| {
            state.expires = at;
            state.polling.kick(deferred);
        });
    }

    /// Notes replies that could not be sent any more.
    pub(crate) fn lose_replies(&self, replies: usize) {
        let mut state = self.lock();
        state.lost_replies += replies;
        let is_ended_by_peer = state.is_ended_by_peer();
        drop(state);
        if is_ended_by_peer {
            tracing::debug!(connection = %self.id, replies, "replies came after the end of the connection");
        } else {
            tracing::warn!(connection = %self.id, replies, "replies came after the end of the connection");
        }
    }

    /// Queues a message, unless it is refused. The payload stays the caller's: to drop it may run code of the user's,
    /// which must not happen under the lock.
    pub(crate) fn try_send(&self, opcode: OpCode, payload: &Payload<'_>) -> Result<()> {
        self.with(|state, deferred| {
            if state.is_over() {
                return Err(Error::closed());
            }
            state.want(deferred);
            if state.outbox.has_room(payload.len()) {
                state.outbox.push(opcode, payload);
                state.polling.kick_output(deferred);
                return Ok(());
            }
            Err(Error::full())
        })
    }

    /// Waits until a message of this length may fit.
    pub(crate) fn poll_room(&self, length: usize, place: &mut Place, cx: &Context<'_>) -> Poll<()> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, deferred| {
            if state.phase == Phase::Ended || state.outbox.is_sealed() || state.outbox.has_room(length) {
                return Poll::Ready(());
            }
            state.waiters.wait(Waits::ROOM, place, &mut waker, deferred);
            Poll::Pending
        })
    }

    pub(crate) fn close(&self, frame: Option<CloseFrame>) {
        self.with(|state, deferred| {
            state.want(deferred);
            state.seal(CloseKind::Local, frame, deferred);
        });
    }

    /// Ends the connection for a reason of ours: see [`State::conclude`].
    pub(crate) fn conclude(&self, kind: CloseKind, frame: CloseFrame) {
        self.with(|state, deferred| state.conclude(kind, frame, &self.config, deferred));
    }

    /// Waits until the messages up to `target` are written; the first call sets it.
    pub(crate) fn poll_flush(
        &self,
        target: &mut Option<u64>,
        place: &mut Place,
        cx: &Context<'_>,
    ) -> Poll<Result<()>> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, deferred| {
            let target = *target.get_or_insert(state.outbox.accepted());
            if state.outbox.written() >= target {
                return Poll::Ready(Ok(()));
            }
            if state.phase == Phase::Ended {
                return Poll::Ready(Err(Error::closed()));
            }
            state.waiters.wait(Waits::FLUSH, place, &mut waker, deferred);
            Poll::Pending
        })
    }

    pub(crate) fn poll_closed(&self, place: &mut Place, cx: &Context<'_>) -> Poll<CloseCause> {
        let mut waker = self.foreign_waker(cx);
        self.with(|state, deferred| match state.cause() {
            Some(cause) => Poll::Ready(cause),
            None => {
                state.waiters.wait(Waits::PHASE, place, &mut waker, deferred);
                Poll::Pending
            }
        })
    }

    /// Who waits, unless it is the handler, polled by the connection task: it needs no waker, only to be looked after.
    fn foreign_waker(&self, cx: &Context<'_>) -> Option<Waker> {
        (!ptr::addr_eq(cx.waker().data(), self)).then(|| cx.waker().clone())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_over()
    }

    pub(crate) fn cause(&self) -> Option<CloseCause> {
        self.lock().cause()
    }

    pub(crate) fn leave(&self, place: &Place) {
        self.with(|state, deferred| state.waiters.leave(place, deferred));
    }

    // The connection task's side.

    /// A waker of the task's was woken.
    pub(crate) fn call_from_outside(&self, calls: Calls) {
        self.with(|state, deferred| state.polling.call_from_outside(calls, deferred));
    }

    /// The task begins to poll: from now on nobody needs to wake it.
    pub(crate) fn enter(&self, waker: &Waker) -> Calls {
        self.lock().polling.enter(waker)
    }

    /// The task is about to rest, unless something came up since it last looked. What a burst took is given back.
    pub(crate) fn rest(&self) -> Option<Calls> {
        let mut state = self.lock();
        let calls = state.polling.rest();
        if calls.is_none() {
            state.inbound.shrink();
            state.outbox.shrink();
        }
        calls
    }

    /// The task lets others go first and has woken itself.
    pub(crate) fn yield_now(&self) {
        self.lock().polling.yield_now();
    }

    /// What came up so far is about to be looked at.
    pub(crate) fn look(&self) -> Calls {
        self.lock().polling.look()
    }

    pub(crate) fn depths(&self) -> Depths {
        let mut state = self.lock();
        let dropped = std::mem::take(&mut state.dropped);
        Depths { inbound: state.inbound.len(), outbound: state.unsent(), dropped }
    }

    /// Whether anything has asked for the upgrade.
    pub(crate) fn is_wanted(&self) -> bool {
        self.lock().phase != Phase::Undecided
    }

    /// The decision window has passed: upgrade whatever the handler thinks.
    pub(crate) fn decide(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Undecided {
            state.phase = Phase::Wanted;
        }
    }

    /// The connection is over without a transport, or with one that is dropped.
    pub(crate) fn end(&self, kind: CloseKind) {
        self.with(|state, deferred| {
            let frame = state.seal.as_ref().and_then(|seal| seal.frame.clone());
            state.end(kind, frame, false, deferred);
        });
    }
}
