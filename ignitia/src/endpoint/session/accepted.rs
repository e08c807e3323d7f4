use std::fmt;

use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use tracing::Instrument;

use super::{
    Session,
    agenda::{Agenda, Turn},
    events::Inbox,
};
use crate::{
    connection::{Ending, HandlerProgress, RunningHandler, WebSocketConnection},
    dispatch::{Answer, HandleMessage, LoopEnd, Malformed, MessageLoop},
    time::GraceTimeout,
    upgrade::RouteContext,
};

/// A session that was accepted. Whatever becomes of it, a failed upgrade, a panic, an abort: when this is dropped, its
/// `on_close` is run.
pub(crate) struct AcceptedSession<T: Session> {
    session: Option<T>,
    inbox: Option<Inbox>,
    /// None before the handshake is through.
    ws: Option<WebSocketConnection>,
    context: RouteContext,
}

impl<T: Session> AcceptedSession<T> {
    pub(super) fn new(session: T, inbox: Option<Inbox>, context: &RouteContext) -> Self {
        Self { session: Some(session), inbox, ws: None, context: context.clone() }
    }

    /// Everything from the upgrade to the end of the dialogue.
    pub(super) async fn run(mut self, ws: WebSocketConnection) -> Response {
        self.ws = Some(ws.clone());
        let Some(session) = &mut self.session else { return Response::default() };
        if ws.accept().await.is_err() {
            return Response::default();
        }
        let mut message_loop = MessageLoop::new(ws, T::POLICY);
        // What it sends goes out before an end of ours.
        message_loop.ws().set_handler_progress(HandlerProgress::InCall { delays_close_reply: false });
        let answer = session.open(self.inbox.as_mut(), message_loop.ws()).await;
        let mut handled = message_loop.answer(answer).await;
        // From here on: it is gone when the dialogue is, and whoever sends events learns of that.
        let mut agenda = Agenda::new(T::clocks(), self.inbox.take());
        loop {
            if let Err(end) = handled {
                return end.into_response();
            }
            handled = handle_next(session, &mut message_loop, agenda.as_deref_mut()).await;
        }
    }
}

/// Waits for the next input, and handles it.
async fn handle_next<T: Session>(
    session: &mut T,
    message_loop: &mut MessageLoop,
    agenda: Option<&mut Agenda>,
) -> Result<(), LoopEnd> {
    let data = match agenda {
        None => message_loop.next().await?,
        Some(agenda) => match agenda.next(message_loop).await? {
            Turn::ReceivedData(data) => data,
            Turn::Tick(clock) => {
                let tick = session.tick(clock, message_loop.ws()).instrument(tracing::debug_span!("tick"));
                let answer = tick.await;
                return message_loop.answer(answer).await;
            }
            Turn::Event => {
                let Some(inbox) = agenda.inbox() else { return Ok(()) };
                let event = session.event(inbox, message_loop.ws()).instrument(tracing::debug_span!("event"));
                let answer = event.await;
                return message_loop.answer(answer).await;
            }
        },
    };
    message_loop.handle(&mut SessionHandlers(session), data).await
}

/// The handlers of a session's messages.
struct SessionHandlers<'s, T>(&'s mut T);

impl<T: Session> HandleMessage for SessionHandlers<'_, T> {
    async fn message(&mut self, text: &str, ws: &WebSocketConnection) -> Result<Answer, Malformed> {
        self.0.dispatch(text, ws).await
    }

    async fn raw(&mut self, text: &str, ws: &WebSocketConnection) -> Option<Answer> {
        self.0.raw(text, ws).await
    }

    async fn binary(&mut self, bytes: Bytes, ws: &WebSocketConnection) -> Answer {
        self.0.binary(bytes, ws).await
    }
}

impl<T: Session> fmt::Debug for AcceptedSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptedSession").finish_non_exhaustive()
    }
}

impl<T: Session> Drop for AcceptedSession<T> {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        if !T::HAS_ON_CLOSE {
            return;
        }
        let config = self.context.config.clone();
        let ws = self.ws.take().unwrap_or_else(|| WebSocketConnection::never_upgraded(config.clone()));
        // A task of its own: the one that this runs in may be about to end.
        let on_close = async move {
            let (id, why) = (ws.id(), ws.closed().await);
            let mut run = RunningHandler::new(Box::pin(async move {
                session.close(why, &ws).await;
                Response::default()
            }));
            let limit = config.on_close_timeout;
            match GraceTimeout::new(limit).with(std::future::poll_fn(|cx| run.poll(cx))).await {
                Some(Ending::Returned(_)) => {}
                Some(Ending::Panicked(panic)) => {
                    tracing::error!(connection = %id, panic, "`on_close` panicked")
                }
                None => tracing::error!(connection = %id, ?limit, "`on_close` took too long"),
            }
        };
        if !self.context.shutdown.try_spawn(on_close.in_current_span()) {
            tracing::error!("`on_close` was not run: the runtime has ended");
        }
    }
}
