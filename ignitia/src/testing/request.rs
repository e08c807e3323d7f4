use axum_core::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header::COOKIE};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

use super::{
    box_future::BoxFuture, connector::Connector, pipe::PipeReset, response::TestResponse, socket::TestSocket,
};

/// A request under construction.
#[derive(Debug, Clone)]
#[must_use]
pub struct TestRequest {
    connector: Connector,
    method: Method,
    path_and_query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Result of an upgrade request.
enum UpgradeResult {
    Opened(Box<TestSocket>),
    Refused(TestResponse),
}

impl TestRequest {
    pub(super) fn new(connector: Connector, path_and_query: &str) -> Self {
        let headers = HeaderMap::new();
        Self {
            connector,
            method: Method::GET,
            path_and_query: path_and_query.into(),
            headers,
            body: Bytes::new(),
        }
    }

    /// Adds a header. It replaces the one of the same name that the client would set itself.
    ///
    /// # Panics
    ///
    /// If the name or the value is invalid.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header name");
        self.headers.append(name, HeaderValue::from_str(value).expect("a header value"));
        self
    }

    /// Offers a subprotocol.
    ///
    /// # Panics
    ///
    /// If the name is no header value.
    pub fn subprotocol(self, name: &str) -> Self {
        self.header("sec-websocket-protocol", name)
    }

    /// Sends a body with the upgrade request, for handlers with a body extractor.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// Sets the method. Default GET.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn connect(self) -> TestSocket {
        let path = self.path_and_query.clone();
        match self.upgrade().await {
            UpgradeResult::Opened(socket) => *socket,
            UpgradeResult::Refused(refused) => {
                panic!("{path} was refused: {} {:?}", refused.status, refused.text())
            }
        }
    }

    /// Requests a WebSocket, and expects a refusal.
    ///
    /// # Panics
    ///
    /// If the WebSocket opens.
    pub async fn rejection(self) -> TestResponse {
        let path = self.path_and_query.clone();
        match self.upgrade().await {
            UpgradeResult::Opened(_) => panic!("{path} was upgraded, but should have been refused"),
            UpgradeResult::Refused(refused) => refused,
        }
    }

    /// Sends the request as it is, without the headers of an upgrade.
    ///
    /// # Panics
    ///
    /// If there is no response.
    pub async fn get(self) -> TestResponse {
        let deadline = self.connector.deadline;
        let exchange = async {
            let (response, _) = self.send(HeaderMap::new()).await;
            TestResponse::collect(response).await
        };
        tokio::time::timeout(deadline, exchange).await.expect("no response within the deadline")
    }

    /// Sends the request as POST, with this body in place of another one.
    ///
    /// # Panics
    ///
    /// If there is no response.
    pub fn post(mut self, body: impl Into<Bytes>) -> BoxFuture<'static, TestResponse> {
        self.body = body.into();
        Box::pin(self.method(Method::POST).get())
    }

    /// Sends the request as POST, with a value as JSON.
    ///
    /// # Panics
    ///
    /// If there is no response, or JSON cannot express the value.
    pub fn post_json<T: Serialize + ?Sized>(self, value: &T) -> BoxFuture<'static, TestResponse> {
        let json = serde_json::to_vec(value).expect("a value that JSON can express");
        Box::pin(self.body("application/json", json).method(Method::POST).get())
    }

    async fn upgrade(self) -> UpgradeResult {
        let deadline = self.connector.deadline;
        let exchange = async {
            let key = generate_key();
            let mut headers = HeaderMap::new();
            for (name, value) in
                [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")]
            {
                headers.insert(name, HeaderValue::from_static(value));
            }
            headers.insert("sec-websocket-key", HeaderValue::from_str(&key).expect("base64"));
            let (response, reset) = self.send(headers).await;
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                return UpgradeResult::Refused(TestResponse::collect(response).await);
            }
            let accept = response.headers().get("sec-websocket-accept").cloned();
            assert_eq!(
                accept.as_ref().map(HeaderValue::as_bytes),
                Some(derive_accept_key(key.as_bytes()).as_bytes())
            );
            let headers = response.headers().clone();
            let upgraded = hyper::upgrade::on(response).await.expect("the upgrade failed after the 101");
            UpgradeResult::Opened(Box::new(TestSocket::new(upgraded, headers, reset, deadline).await))
        };
        tokio::time::timeout(deadline, exchange).await.expect("no response within the deadline")
    }

    async fn send(self, defaults: HeaderMap) -> (http::Response<Incoming>, PipeReset) {
        let (pipe, reset) = self.connector.open();
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(pipe)).await.expect("a new pipe accepts an HTTP connection");
        tokio::spawn(connection.with_upgrades());
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.path_and_query.parse().expect("a path and query");
        let headers = request.headers_mut();
        headers.insert("host", HeaderValue::from_static("localhost"));
        headers.extend(defaults);
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        if let Some(cookies) = self.connector.cookies.as_ref().and_then(|jar| jar.header(path)) {
            headers.insert(COOKIE, cookies);
        }
        for name in self.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        let response = sender.send_request(request).await.expect("the server closed without a response");
        if let Some(jar) = &self.connector.cookies {
            jar.receive(path, response.headers());
        }
        (response, reset)
    }
}
