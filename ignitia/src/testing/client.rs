use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use super::{
    box_future::BoxFuture, connector::Connector, cookies::CookieJar, request::TestRequest,
    response::TestResponse, socket::TestSocket,
};
use crate::{error::Result, router::IntoRouter, shutdown::Shutdown};

/// In-process client of a router.
#[derive(Debug, Clone)]
pub struct TestClient {
    connector: Connector,
}

impl TestClient {
    /// Returns a client of these routes.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route), as
    /// [`Router::into_axum`](crate::Router::into_axum).
    pub fn new(router: impl IntoRouter) -> Result<Self> {
        Ok(Self { connector: Connector::new(router)? })
    }

    /// Sets the number of bytes that may be under way in each direction before a writer has to
    /// wait, for tests of backpressure. Default 64 KiB.
    #[must_use]
    pub fn pipe_capacity(mut self, bytes: usize) -> Self {
        self.connector.pipe_capacity = bytes;
        self
    }

    /// Sets the deadline of everything that the test expects. Default 5 s, on tokio's clock.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.connector.deadline = deadline;
        self
    }

    /// Keeps the cookies that responses set, those of a 101 and of refusals included, and sends
    /// them back. The client starts with an empty cookie jar, which its clones share. Another call
    /// returns a client with another empty jar.
    ///
    /// A cookie is sent to its path only. One with `Max-Age=0`, or `Expires` in the past, is
    /// removed. The client ignores the domain, since there is one host, and `Secure`, `HttpOnly`
    /// and `SameSite`; no cookie expires later. A request with a `Cookie` header of its own sends
    /// that one instead.
    #[must_use]
    pub fn with_cookies(mut self) -> Self {
        self.connector.cookies = Some(CookieJar::default());
        self
    }

    /// Sets a cookie for all paths, as the response to an earlier request would have.
    ///
    /// # Panics
    ///
    /// If this client keeps no cookies: see [`with_cookies`](Self::with_cookies).
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar().expect("a client that keeps cookies: `with_cookies`").set(name, value, "/");
    }

    /// Returns the value of a cookie in the jar, as in the header.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar()?.get(name)
    }

    /// Returns the handle that drains the routes, as a server does at its end. Nested routers with
    /// a `Shutdown` of their own have that one.
    pub fn shutdown(&self) -> Shutdown {
        self.connector.shutdown()
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn connect(&self, path_and_query: &str) -> TestSocket {
        self.request(path_and_query).connect().await
    }

    /// Returns a request, to which headers and subprotocols can be added before it is sent.
    pub fn request(&self, path_and_query: &str) -> TestRequest {
        TestRequest::new(self.connector.clone(), path_and_query)
    }

    /// Sends a plain GET request.
    ///
    /// # Panics
    ///
    /// If there is no response.
    pub async fn get(&self, path_and_query: &str) -> TestResponse {
        self.request(path_and_query).get().await
    }

    /// Sends a POST request with this body and no `Content-Type`. For a request with headers use
    /// [`request`](Self::request).
    ///
    /// # Panics
    ///
    /// If there is no response.
    pub fn post(&self, path_and_query: &str, body: impl Into<Bytes>) -> BoxFuture<'static, TestResponse> {
        self.request(path_and_query).post(body)
    }

    /// Sends a POST request with a value as JSON.
    ///
    /// # Panics
    ///
    /// If there is no response, or JSON cannot express the value.
    pub fn post_json<T: Serialize + ?Sized>(
        &self,
        path_and_query: &str,
        value: &T,
    ) -> BoxFuture<'static, TestResponse> {
        self.request(path_and_query).post_json(value)
    }

    fn jar(&self) -> Option<&CookieJar> {
        self.connector.cookies.as_ref()
    }
}
