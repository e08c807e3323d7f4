//! A session from `accept` to `on_close`.

use std::fmt;

use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use tracing::Instrument;

use super::{
    inbox::Inbox,
    input_sources::{InputSources, SessionInput},
    session_endpoint::Session,
};
use crate::{
    close::CloseCause,
    connection::{Ending, HandlerFuture, HandlerProgress, RunningHandler, WebSocketConnection},
    dispatch::{Answer, HandleMessage, LoopEnd, Malformed, MessageLoop},
    time::GraceTimeout,
    upgrade::RouteContext,
};

/// An accepted session. It runs `on_close` when it is dropped, also after a failed upgrade, a panic
/// or an abort.
pub(crate) struct AcceptedSession<T: Session> {
    session: Option<T>,
    inbox: Option<Inbox>,
    /// `None` until the handshake is complete.
    ws: Option<WebSocketConnection>,
    context: RouteContext,
}

impl<T: Session> AcceptedSession<T> {
    pub(super) fn new(session: T, inbox: Option<Inbox>, context: &RouteContext) -> Self {
        Self { session: Some(session), inbox, ws: None, context: context.clone() }
    }

    /// Runs the session from the upgrade to its last message.
    pub(super) async fn run(mut self, ws: WebSocketConnection) -> Response {
        self.ws = Some(ws.clone());
        let Some(session) = &mut self.session else { return Response::default() };
        let mut message_loop = MessageLoop::new(ws, T::POLICY);
        if message_loop.ws().accept().await.is_err() {
            return Response::default();
        }
        // Messages that `on_open` sends go out before our own close.
        message_loop.ws().set_handler_progress(HandlerProgress::InCall { delays_close_reply: false });
        let answer = session.open(self.inbox.as_mut(), message_loop.ws()).await;
        let mut handled = message_loop.answer(answer).await;
        // A local: the inbox is dropped with this loop, which closes the handles of its events.
        let mut sources = InputSources::new(T::clocks(), self.inbox.take());
        loop {
            if let Err(end) = handled {
                return end.into_response();
            }
            handled = handle_next(session, &mut message_loop, sources.as_deref_mut()).await;
        }
    }
}

/// Waits for the next input, and handles it.
async fn handle_next<T: Session>(
    session: &mut T,
    message_loop: &mut MessageLoop,
    sources: Option<&mut InputSources>,
) -> Result<(), LoopEnd> {
    let data = match sources {
        None => message_loop.next().await?,
        Some(sources) => match sources.next(message_loop).await? {
            SessionInput::Data(data) => data,
            SessionInput::Tick(index) => {
                let tick = session.tick(index, message_loop.ws()).instrument(tracing::debug_span!("tick"));
                let answer = tick.await;
                return message_loop.answer(answer).await;
            }
            SessionInput::Event => {
                let Some(inbox) = sources.inbox() else { return Ok(()) };
                let event = session.event(inbox, message_loop.ws()).instrument(tracing::debug_span!("event"));
                let answer = event.await;
                return message_loop.answer(answer).await;
            }
        },
    };
    message_loop.handle(&mut SessionHandlers(session), data).await
}

/// Handlers of a session's messages. They return the session's own futures: one more around them
/// would cost instructions for every message.
struct SessionHandlers<'s, T>(&'s mut T);

impl<T: Session> HandleMessage for SessionHandlers<'_, T> {
    #[inline]
    fn message(
        &mut self,
        text: &str,
        ws: &WebSocketConnection,
    ) -> impl Future<Output = Result<Answer, Malformed>> {
        self.0.dispatch(text, ws)
    }

    #[inline]
    fn raw(&mut self, text: &str, ws: &WebSocketConnection) -> impl Future<Output = Option<Answer>> {
        self.0.raw(text, ws)
    }

    #[inline]
    fn binary(&mut self, bytes: Bytes, ws: &WebSocketConnection) -> impl Future<Output = Answer> {
        self.0.binary(bytes, ws)
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
        let ws = self.ws.take();
        let close = |cause, ws: WebSocketConnection| -> HandlerFuture {
            Box::pin(async move {
                session.close(cause, &ws).await;
                Response::default()
            })
        };
        spawn_on_close(&self.context, ws, Box::new(close));
    }
}

/// Returns the future of a session's `on_close`.
type CloseSession = Box<dyn FnOnce(CloseCause, WebSocketConnection) -> HandlerFuture + Send>;

/// Runs `on_close` in a task of its own: the current one may be about to end. Not generic, so that
/// tokio's code for this task is compiled with this crate, and not for each session.
fn spawn_on_close(context: &RouteContext, ws: Option<WebSocketConnection>, close: CloseSession) {
    let config = context.config.clone();
    let ws = ws.unwrap_or_else(|| WebSocketConnection::never_upgraded(config.clone()));
    let on_close = async move {
        let (id, cause) = (ws.id(), ws.closed().await);
        let mut handler = RunningHandler::new(close(cause, ws));
        let limit = config.on_close_timeout;
        match GraceTimeout::new(limit).with(std::future::poll_fn(|cx| handler.poll(cx))).await {
            Some(Ending::Returned(_)) => {}
            Some(Ending::Panicked(panic)) => {
                tracing::error!(connection = %id, panic, "`on_close` panicked")
            }
            None => tracing::error!(connection = %id, ?limit, "`on_close` took too long"),
        }
    };
    if !context.shutdown.try_spawn(Box::pin(on_close.in_current_span())) {
        tracing::error!("`on_close` was not run: the runtime has ended");
    }
}
