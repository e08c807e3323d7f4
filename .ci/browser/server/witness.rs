//! What the server sees, on stdout, one JSON object a line, for every request whose URL has a `tag`:
//!
//! ```json
//! {"tag":"1","handshake":{"version":"HTTP/2.0","status":200,"origin":"https://127.0.0.1:4433", ..}}
//! {"tag":"1","end":{"kind":"Peer","code":1000,"reason":"bye","clean":true,"unsent":0,"subprotocol":null}}
//! ```
//!
//! On stdout, not over HTTP: so it is told of a server that drains, too.

use std::collections::BTreeMap;

use axum::{extract::Request, http::request::Parts, middleware::Next};
use ignitia::{CookieMap, FromRequestParts, prelude::*};
use serde::Deserialize;
use tokio_util::task::TaskTracker;

/// What browsers decide by themselves.
const HEADERS: [&str; 2] = ["origin", "sec-websocket-extensions"];

#[derive(Deserialize)]
struct Tag {
    tag: String,
}

/// A layer that tells how a request was answered.
pub(super) async fn handshake(request: Request, next: Next) -> Response {
    let Ok(Query(Tag { tag })) = Query::try_from_uri(request.uri()) else { return next.run(request).await };
    let mut handshake = json!({
        "version": format!("{:?}", request.version()),
        "cookies": CookieMap::from(request.headers()).iter().collect::<BTreeMap<_, _>>(),
    });
    for name in HEADERS {
        handshake[name] = request.headers().get(name).and_then(|value| value.to_str().ok()).into();
    }
    let response = next.run(request).await;
    handshake["status"] = response.status().as_u16().into();
    println!("{}", json!({ "tag": tag, "handshake": handshake }));
    response
}

/// Sees to it that the end of every connection is told before the process ends.
#[derive(Clone, Default)]
pub(super) struct Witness(TaskTracker);

impl Witness {
    pub(super) async fn rest(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

/// An extractor that follows one connection to its end.
pub(super) struct Seen {
    tag: Option<String>,
    witness: Witness,
}

impl FromRequestParts<Witness> for Seen {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, witness: &Witness) -> Result<Self, Self::Rejection> {
        let tag = Query::try_from_uri(&parts.uri).ok().map(|Query(Tag { tag })| tag);
        Ok(Self { tag, witness: witness.clone() })
    }
}

impl Seen {
    pub(super) fn follow(self, ws: &WebSocketConnection) {
        let Some(tag) = self.tag else { return };
        let ws = ws.clone();
        self.witness.0.spawn(async move {
            let cause = ws.closed().await;
            let (code, reason) = cause.frame.map(|frame| (frame.code, frame.reason)).unzip();
            let end = json!({
                "kind": format!("{:?}", cause.kind),
                "code": code,
                "reason": reason,
                "clean": cause.clean,
                "unsent": cause.unsent,
                "subprotocol": ws.subprotocol(),
            });
            println!("{}", json!({ "tag": tag, "end": end }));
        });
    }
}
