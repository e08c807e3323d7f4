use axum_core::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header::COOKIE};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

use super::{Waiting, client::TestClient, pipe::Reset, socket::TestSocket};

/// A request in the making.
#[derive(Debug, Clone)]
#[must_use]
pub struct TestRequest {
    client: TestClient,
    method: Method,
    path_and_query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// An answer that is no upgrade.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TestResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl TestResponse {
    /// The body as text; what is not UTF-8 in it is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body read as JSON.
    ///
    /// # Panics
    ///
    /// If it is none of this type.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What an upgrade request came to.
enum Answer {
    Open(Box<TestSocket>),
    Refused(TestResponse),
}

impl TestRequest {
    pub(super) fn new(client: TestClient, path_and_query: &str) -> Self {
        let headers = HeaderMap::new();
        Self {
            client,
            method: Method::GET,
            path_and_query: path_and_query.into(),
            headers,
            body: Bytes::new(),
        }
    }

    /// Adds a header, in place of one of the same name that the client would set itself.
    ///
    /// # Panics
    ///
    /// If it is no header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header name");
        self.headers.append(name, HeaderValue::from_str(value).expect("a header value"));
        self
    }

    /// Offers a subprotocol.
    ///
    /// # Panics
    ///
    /// If it is no header value.
    pub fn subprotocol(self, name: &str) -> Self {
        self.header("sec-websocket-protocol", name)
    }

    /// Sends a body with the upgrade request, for handlers with a body extractor.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// Another method than GET.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn connect(self) -> TestSocket {
        let path = self.path_and_query.clone();
        match self.upgrade().await {
            Answer::Open(socket) => *socket,
            Answer::Refused(refused) => {
                panic!("{path} was refused: {} {:?}", refused.status, refused.text())
            }
        }
    }

    /// Asks for a WebSocket and expects to be refused.
    ///
    /// # Panics
    ///
    /// If it opens.
    pub async fn rejection(self) -> TestResponse {
        let path = self.path_and_query.clone();
        match self.upgrade().await {
            Answer::Open(_) => panic!("{path} was upgraded, and should have been refused"),
            Answer::Refused(refused) => refused,
        }
    }

    /// Sends the request as it is, without the headers of an upgrade.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub async fn get(self) -> TestResponse {
        let patience = self.client.patience();
        let exchange = async {
            let (response, _) = self.send(HeaderMap::new()).await;
            collect(response).await
        };
        tokio::time::timeout(patience, exchange).await.expect("no answer within the deadline")
    }

    /// Sends the request as POST, with this body in place of another.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub fn post(mut self, body: impl Into<Bytes>) -> Waiting<'static, TestResponse> {
        self.body = body.into();
        Box::pin(self.method(Method::POST).get())
    }

    /// Sends the request as POST, with a value as JSON.
    ///
    /// # Panics
    ///
    /// If there is no answer, or JSON cannot express the value.
    pub fn post_json<T: Serialize + ?Sized>(self, value: &T) -> Waiting<'static, TestResponse> {
        let json = serde_json::to_vec(value).expect("a value that JSON can express");
        Box::pin(self.body("application/json", json).method(Method::POST).get())
    }

    async fn upgrade(self) -> Answer {
        let patience = self.client.patience();
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
                return Answer::Refused(collect(response).await);
            }
            let accept = response.headers().get("sec-websocket-accept").cloned();
            assert_eq!(
                accept.as_ref().map(HeaderValue::as_bytes),
                Some(derive_accept_key(key.as_bytes()).as_bytes())
            );
            let headers = response.headers().clone();
            let upgraded = hyper::upgrade::on(response).await.expect("the upgrade failed after the 101");
            Answer::Open(Box::new(TestSocket::new(upgraded, headers, reset, patience).await))
        };
        tokio::time::timeout(patience, exchange).await.expect("no answer within the deadline")
    }

    async fn send(self, defaults: HeaderMap) -> (http::Response<Incoming>, Reset) {
        let (pipe, reset) = self.client.open();
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(pipe)).await.expect("a new pipe takes an HTTP connection");
        tokio::spawn(connection.with_upgrades());
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.path_and_query.parse().expect("a path and query");
        let headers = request.headers_mut();
        headers.insert("host", HeaderValue::from_static("localhost"));
        headers.extend(defaults);
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        if let Some(cookies) = self.client.jar().and_then(|jar| jar.header(path)) {
            headers.insert(COOKIE, cookies);
        }
        for name in self.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        let response = sender.send_request(request).await.expect("the server closed without an answer");
        if let Some(jar) = self.client.jar() {
            jar.receive(path, response.headers());
        }
        (response, reset)
    }
}

async fn collect(response: http::Response<Incoming>) -> TestResponse {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("the body of the answer broke off").to_bytes();
    TestResponse { status: parts.status, headers: parts.headers, body }
}
