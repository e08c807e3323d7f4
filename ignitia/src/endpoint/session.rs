use std::{fmt, future::Future, marker::PhantomData, sync::Arc};

use axum_core::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use crate::{
    close::CloseCause,
    connection::{
        WebSocketConnection,
        session::{Ending, HandlerFuture, Session as Run},
    },
    dispatch::{Answer, Dialogue, Malformed, Policy},
    handler::{Serve, Setting},
};

/// What `#[websocket]` makes of an `impl` block: the state of one connection, with a method for each kind of message.
///
/// There is no need to implement it: `#[websocket("/path", message = ..)]` on `impl YourSession` does.
pub trait Session: Sized + Send + 'static {
    #[doc(hidden)]
    const POLICY: Policy;

    /// Whether there is an `on_close`.
    #[doc(hidden)]
    const HAS_ON_CLOSE: bool;

    #[doc(hidden)]
    fn open(&mut self, ws: &WebSocketConnection) -> impl Future<Output = Answer> + Send;

    #[doc(hidden)]
    fn dispatch(
        &mut self,
        text: &str,
        ws: &WebSocketConnection,
    ) -> impl Future<Output = Result<Answer, Malformed>> + Send;

    #[doc(hidden)]
    fn close(self, why: CloseCause, ws: &WebSocketConnection) -> impl Future<Output = ()> + Send;
}

/// A session that can be accepted on a router with state `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be mounted as a session",
    label = "no `#[websocket(\"/path\", message = ..)]` on an `impl {Self}`",
    note = "add `#[websocket(\"/path\", message = ClientMsg)]` to an `impl` block of `{Self}`, with an `async fn accept`"
)]
pub trait SessionEndpoint<S>: Session {
    /// The path as routers write it: `/ws/{room}`.
    const ROUTE: &'static str;

    #[doc(hidden)]
    fn accept(request: Request, state: &S) -> impl Future<Output = Result<Self, Response>> + Send;
}

/// What a session's `accept` may return: `Self`, or a `Result` whose error is the answer to the request.
#[diagnostic::on_unimplemented(
    message = "`accept` returns `{Self}`, not the session",
    label = "expected `Self`, or `Result<Self, R>` with a response `R`",
    note = "`Err(StatusCode::FORBIDDEN)` refuses the handshake; every `IntoResponse` does"
)]
pub trait Accepts<T> {
    #[doc(hidden)]
    #[allow(clippy::result_large_err, reason = "it is on its way out")]
    fn accepted(self) -> Result<T, Response>;
}

impl<T> Accepts<T> for T {
    fn accepted(self) -> Result<T, Response> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, R: IntoResponse> Accepts<T> for Result<T, R> {
    fn accepted(self) -> Result<T, Response> {
        self.map_err(IntoResponse::into_response)
    }
}

/// A session on a route.
pub(crate) struct MountedSession<T>(PhantomData<fn() -> T>);

impl<T> MountedSession<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> fmt::Debug for MountedSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MountedSession").finish_non_exhaustive()
    }
}

impl<T, S> Serve<S> for MountedSession<T>
where
    T: SessionEndpoint<S>,
    S: Sync,
{
    type Arguments = Accepted<T>;

    fn reads_body() -> bool {
        false
    }

    async fn extract(request: Request, state: &S, setting: &Setting) -> Result<Accepted<T>, Response> {
        let session = T::accept(request, state).await?;
        Ok(Accepted { session: Some(session), ws: None, setting: setting.clone() })
    }

    fn start(self: Arc<Self>, accepted: Accepted<T>, ws: WebSocketConnection) -> HandlerFuture {
        Box::pin(accepted.run(ws))
    }
}

/// A session that was accepted. Whatever becomes of it, a failed upgrade, a panic, an abort: when this is dropped, its
/// `on_close` is run.
pub(crate) struct Accepted<T: Session> {
    session: Option<T>,
    /// None before the handshake is through.
    ws: Option<WebSocketConnection>,
    setting: Setting,
}

impl<T: Session> Accepted<T> {
    async fn run(mut self, ws: WebSocketConnection) -> Response {
        self.ws = Some(ws.clone());
        let Some(session) = &mut self.session else { return Response::default() };
        if ws.accept().await.is_err() {
            return Response::default();
        }
        let mut dialogue = Dialogue::new(ws, T::POLICY);
        let answer = session.open(&dialogue.ws).await;
        let mut turn = dialogue.answer(answer).await;
        loop {
            match turn {
                Ok(()) => {}
                Err(Some(frame)) => return frame.into_response(),
                Err(None) => return Response::default(),
            }
            turn = async {
                let text = dialogue.next().await?;
                match session.dispatch(&text, &dialogue.ws).await {
                    Ok(answer) => dialogue.answer(answer).await,
                    Err(malformed) => dialogue.malformed(malformed).await,
                }
            }
            .await;
        }
    }
}

impl<T: Session> fmt::Debug for Accepted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted").finish_non_exhaustive()
    }
}

impl<T: Session> Drop for Accepted<T> {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        if !T::HAS_ON_CLOSE {
            return;
        }
        let config = self.setting.config.clone();
        let ws = self.ws.take().unwrap_or_else(|| WebSocketConnection::never_upgraded(config.clone()));
        // A task of its own: the one that this runs in may be about to end.
        let on_close = async move {
            let (id, why) = (ws.id(), ws.closed().await);
            let mut run = Run::new(Box::pin(async move {
                session.close(why, &ws).await;
                Response::default()
            }));
            let limit = config.on_close_timeout;
            match tokio::time::timeout(limit, std::future::poll_fn(|cx| run.poll(cx))).await {
                Ok(Ending::Returned(_)) => {}
                Ok(Ending::Panicked(panic)) => {
                    tracing::error!(connection = %id, panic, "`on_close` panicked")
                }
                Err(_) => tracing::error!(connection = %id, ?limit, "`on_close` took too long"),
            }
        };
        if !self.setting.shutdown.try_spawn(on_close.in_current_span()) {
            tracing::error!("`on_close` was not run: the runtime has ended");
        }
    }
}
