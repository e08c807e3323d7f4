use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use serde::Serialize;
use tokio::io::DuplexStream;

use super::{
    Waiting,
    cookies::CookieJar,
    pipe::{Reset, ServerEnd},
    request::{TestRequest, TestResponse},
    socket::TestSocket,
};
use crate::{
    error::Result,
    router::IntoRouter,
    server::{Acceptor, PeerAddr},
    shutdown::Shutdown,
};

/// What a pipe holds in each direction before writing to it waits, as a kernel's socket buffers do.
const PIPE: usize = 64 << 10;

/// Connects to a router in-process.
#[derive(Debug, Clone)]
pub struct TestClient {
    acceptor: Acceptor,
    pipe: usize,
    deadline: Duration,
    cookies: Option<CookieJar>,
}

impl TestClient {
    /// A client of these routes.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route), as [`Router::into_axum`](crate::Router::into_axum).
    pub fn new(router: impl IntoRouter) -> Result<Self> {
        let acceptor = Acceptor::new(router.into_router(), Shutdown::new)?;
        Ok(Self { acceptor, pipe: PIPE, deadline: Duration::from_secs(5), cookies: None })
    }

    /// How many bytes may be under way in each direction before the writer has to wait. Default 64 KiB.
    #[must_use]
    pub fn pipe_capacity(mut self, bytes: usize) -> Self {
        self.pipe = bytes;
        self
    }

    /// How long everything that is expected may take. Default 5 s, on tokio's clock.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Keeps the cookies that answers set, those of a 101 and of refusals among them, and sends them back, beginning with none. Clones
    /// share them; called again, it is somebody else who has none.
    ///
    /// A cookie goes where its path says, and one that has `Max-Age=0` or an `Expires` in the past is forgotten. Domains are not
    /// looked at, for there is one host, nor are `Secure`, `HttpOnly` and `SameSite`, and nothing expires later. A request with a
    /// `Cookie` header of its own is sent that one.
    #[must_use]
    pub fn with_cookies(mut self) -> Self {
        self.cookies = Some(CookieJar::default());
        self
    }

    /// Sets a cookie for all paths, as the answer to an earlier request would have.
    ///
    /// # Panics
    ///
    /// If this client keeps none: see [`with_cookies`](Self::with_cookies).
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar().expect("a client that keeps cookies: `with_cookies`").set(name, value, "/");
    }

    /// The value of a cookie that is kept, as it stood in the header.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar()?.get(name)
    }

    /// The handle that drains the routes, as a stopping server does; nested routers with a `Shutdown` of their own have
    /// that.
    pub fn shutdown(&self) -> Shutdown {
        self.acceptor.shutdown().clone()
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn connect(&self, path_and_query: &str) -> TestSocket {
        self.request(path_and_query).connect().await
    }

    /// Prepares a request: headers and subprotocols can be added before it connects.
    pub fn request(&self, path_and_query: &str) -> TestRequest {
        TestRequest::new(self.clone(), path_and_query)
    }

    /// Sends a plain GET request.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub async fn get(&self, path_and_query: &str) -> TestResponse {
        self.request(path_and_query).get().await
    }

    /// Sends a POST request with this body, and no `Content-Type`; a request with headers is made by
    /// [`request`](Self::request).
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub fn post(&self, path_and_query: &str, body: impl Into<Bytes>) -> Waiting<'static, TestResponse> {
        self.request(path_and_query).post(body)
    }

    /// Sends a POST request with a value as JSON.
    ///
    /// # Panics
    ///
    /// If there is no answer, or JSON cannot express the value.
    pub fn post_json<T: Serialize + ?Sized>(
        &self,
        path_and_query: &str,
        value: &T,
    ) -> Waiting<'static, TestResponse> {
        self.request(path_and_query).post_json(value)
    }

    pub(super) fn jar(&self) -> Option<&CookieJar> {
        self.cookies.as_ref()
    }

    /// Opens a new connection to the router.
    pub(super) fn open(&self) -> (DuplexStream, Reset) {
        let (ours, pipe) = tokio::io::duplex(self.pipe);
        let reset = Reset::default();
        let end = ServerEnd { pipe, reset: reset.clone() };
        let source = PeerAddr::Network(SocketAddr::from(([127, 0, 0, 1], 1)));
        // It serves on while the routes drain: a test may want to see what they answer then.
        self.acceptor.spawn(|acceptor| acceptor.serve_plain(end, source, std::future::pending()));
        (ours, reset)
    }

    pub(super) fn patience(&self) -> Duration {
        self.deadline
    }
}
