//! Events on stdout, one JSON object per line, for every request whose URL has a `tag`:
//!
//! ```json
//! {"tag":"1","handshake":{"version":"HTTP/2.0","status":200,"origin":"https://127.0.0.1:4433", ..}}
//! {"tag":"1","end":{"kind":"Peer","code":1000,"reason":"bye","clean":true,"unsent":0, ..}}
//! ```
//!
//! They go to stdout instead of HTTP, so that they arrive during a drain, too.

use std::collections::BTreeMap;

use axum::{extract::Request, http::request::Parts, middleware::Next};
use ignitia::{CookieMap, FromRequestParts, prelude::*};
use serde::Deserialize;
use tokio_util::task::TaskTracker;

/// Headers that browsers set.
const HEADERS: [&str; 2] = ["origin", "sec-websocket-extensions"];

/// Query of a logged request.
#[derive(Deserialize)]
struct TagQuery {
    tag: String,
}

/// A layer that logs the response to a request.
pub(super) async fn handshake(request: Request, next: Next) -> Response {
    let Ok(Query(TagQuery { tag })) = Query::try_from_uri(request.uri()) else {
        return next.run(request).await;
    };
    let mut handshake = json!({
        "version": format!("{:?}", request.version()),
        "cookies": CookieMap::from(request.headers()).iter().collect::<BTreeMap<_, _>>(),
    });
    for name in HEADERS {
        handshake[name] = request.headers().get(name).and_then(|value| value.to_str().ok()).into();
    }
    let response = next.run(request).await;
    handshake["status"] = response.status().as_u16().into();
    let answer = response.headers().get("sec-websocket-extensions");
    handshake["extensions"] = answer.and_then(|value| value.to_str().ok()).into();
    println!("{}", json!({ "tag": tag, "handshake": handshake }));
    response
}

/// Tracks connections, so that the end of each is logged before the process exits.
#[derive(Clone, Default)]
pub(super) struct EventLog(TaskTracker);

impl EventLog {
    /// Waits until all ends are logged.
    pub(super) async fn wait(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

/// An extractor that logs the end of a connection.
pub(super) struct LoggedConnection {
    tag: Option<String>,
    event_log: EventLog,
}

impl FromRequestParts<EventLog> for LoggedConnection {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, event_log: &EventLog) -> Result<Self, Self::Rejection> {
        let tag = Query::try_from_uri(&parts.uri).ok().map(|Query(TagQuery { tag })| tag);
        Ok(Self { tag, event_log: event_log.clone() })
    }
}

impl LoggedConnection {
    /// Logs the end of the connection once it comes.
    pub(super) fn follow(self, ws: &WebSocketConnection) {
        let Some(tag) = self.tag else { return };
        let ws = ws.clone();
        self.event_log.0.spawn(async move {
            let cause = ws.closed().await;
            let (code, reason) = cause.frame.map(|frame| (frame.code, frame.reason)).unzip();
            let mut end = json!({
                "kind": format!("{:?}", cause.kind),
                "code": code,
                "reason": reason,
                "clean": cause.clean,
                "unsent": cause.unsent,
                "subprotocol": ws.subprotocol(),
            });
            if let Some(compression) = ws.compression() {
                end["compression"] = compression.to_string().into();
            }
            println!("{}", json!({ "tag": tag, "end": end }));
        });
    }
}
