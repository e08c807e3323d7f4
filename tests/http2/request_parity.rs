//! The request as a handler sees it: the same over both versions of HTTP, except for what HTTP/2
//! does not have.

use std::collections::BTreeMap;

use axum::{extract::RawQuery, middleware::Next};
use http::{Method, Uri};
use ignitia::{FromRequestParts, RouterExt, prelude::*};
use serde::{Deserialize, Serialize};

use crate::support::{Request, Running, Transport, everywhere};

/// Everything that the extractors return.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    method: String,
    scheme: Option<String>,
    authority: Option<String>,
    path: String,
    query: Option<String>,
    headers: BTreeMap<String, Vec<String>>,
    cookies: Vec<(String, String)>,
    /// The value of an extractor of another crate.
    foreign: Option<String>,
    id: String,
    body: usize,
}

/// Extractor that reads the head of the request as other crates do.
struct Foreign(Option<String>);

impl<S: Sync> FromRequestParts<S> for Foreign {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Response> {
        let of = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        Ok(Self(of("cookie").zip(of("host")).map(|(cookie, host)| format!("{cookie} @ {host}"))))
    }
}

#[allow(clippy::too_many_arguments, reason = "everything there is")]
async fn told(
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    Headers(headers): Headers,
    Cookies(cookies): Cookies,
    Foreign(foreign): Foreign,
    RequestId(id): RequestId,
    ws: WebSocketConnection,
) -> Result<Response> {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &headers {
        lines.entry(name.to_string()).or_default().push(value.to_str().unwrap().to_owned());
    }
    let told = Told {
        method: method.to_string(),
        scheme: uri.scheme_str().map(str::to_owned),
        authority: uri.authority().map(ToString::to_string),
        path: uri.path().to_owned(),
        query,
        headers: lines,
        cookies: cookies.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        foreign,
        id,
        body: 0,
    };
    ws.send_json(&told).await?;
    Ok(Response::ok())
}

fn request() -> Request {
    Request::upgrade("/rooms/a%20b?x=1&y=%2F")
        .set("Host", &["localhost"])
        .set("Origin", &["https://localhost"])
        .set("X-Request-Id", &["r-1"])
        .set("X-Many", &["1", "2"])
        .set("Accept-Language", &["de"])
}

async fn ask(server: &Running, cookies: &[&str], http2: bool) -> Told {
    let mut socket = if http2 { server.connect_http2().await } else { server.connect().await };
    assert_eq!(socket.ask(&request().set("Cookie", cookies)).await.status, 101);
    serde_json::from_slice(&socket.frame().await.payload).unwrap()
}

#[tokio::test]
async fn a_handler_sees_the_same_request() {
    let server = Transport::Plain.serve(Router::new().websocket("/rooms/{room}", told)).await;
    let mut old = ask(&server, &["a=1; b=2; c=3"], false).await;
    // Browsers send one line per cookie.
    let mut new = ask(&server, &["a=1", "b=2", "c=3"], true).await;
    assert_eq!((old.method.as_str(), new.method.as_str()), ("GET", "CONNECT"));
    assert_eq!((&old.scheme, &old.authority), (&None, &None));
    assert_eq!((new.scheme.as_deref(), new.authority.as_deref()), (Some("http"), Some("localhost")));
    for of_http1 in ["connection", "upgrade", "sec-websocket-key"] {
        assert!(old.headers.remove(of_http1).is_some() && !new.headers.contains_key(of_http1), "{of_http1}");
    }
    for told in [&mut old, &mut new] {
        (told.method, told.scheme, told.authority) = (String::new(), None, None);
    }
    assert_eq!(old, new);
    assert_eq!(old.headers["host"], ["localhost"]);
    assert_eq!(old.headers["cookie"], ["a=1; b=2; c=3"]);
    assert_eq!(old.foreign.as_deref(), Some("a=1; b=2; c=3 @ localhost"));
}

/// Layers and pages in our own server see it too: they read the header before any code of a route.
#[tokio::test]
async fn a_layer_and_a_page_see_the_same_request() {
    async fn page(Foreign(foreign): Foreign) -> String {
        foreign.unwrap_or_default()
    }
    let layer =
        axum::middleware::from_fn(async |Foreign(foreign): Foreign, _: axum::extract::Request, _: Next| {
            foreign.unwrap_or_default()
        });
    for router in
        [Router::new().get("/page", page), Router::new().get("/page", || async { "never" }).layer(layer)]
    {
        let server = Transport::Plain.serve(router).await;
        let request = Request::get("/page").set("Cookie", &["a=1", "b=2"]);
        for mut socket in [server.connect().await, server.connect_http2().await] {
            let head = socket.ask(&request).await;
            assert_eq!(socket.body(&head).await, "a=1; b=2 @ localhost");
        }
    }
}

/// The routes are in another server, which does not normalize the request.
#[tokio::test]
async fn a_handler_sees_the_same_request_in_another_server() {
    let router = || axum::Router::new().websocket("/rooms/{room}", told);
    everywhere(router, async |server| {
        let told = ask(&server, &["a=1", "b=2", "c=3"], true).await;
        assert_eq!(told.foreign.as_deref(), Some("a=1; b=2; c=3 @ localhost"));
        assert_eq!(told.cookies.len(), 3);
        assert_eq!(told.headers["cookie"], ["a=1; b=2; c=3"]);
    })
    .await;
}
