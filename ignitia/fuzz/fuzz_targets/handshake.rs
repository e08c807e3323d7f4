//! Fuzzes the handshake. A request may be upgraded only if it follows every rule of
//! `fuzz::handshake`. Otherwise the status must be that of a violated rule.

#![no_main]

use std::sync::{Arc, Mutex};

use arbitrary::Unstructured;
use axum::{
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use bytes::Bytes;
use fuzz::{
    handshake::{
        HandshakeInput, ObservedRequest, RequestHead, RouteRules, accept_key, allowed_statuses, request_head,
    },
    serve, simulate, split,
};
use http::Version;
use hyper::ext::Protocol;
use ignitia::{
    Error, ResponseExt, Router, Shutdown, WebSocketConnection,
    websocket::{Origin, WebSocketConfig},
};
use libfuzzer_sys::fuzz_target;
use tower_service::Service;

const ROUTES: [RouteRules; 3] = [
    RouteRules { path: "/ws", reads_body: false, subprotocols: &[], origin: None },
    RouteRules { path: "/body", reads_body: true, subprotocols: &[], origin: None },
    RouteRules {
        path: "/sub",
        reads_body: false,
        subprotocols: &["chat.v2", "chat.v1"],
        origin: Some("https://app.example.com"),
    },
];

/// Recorded requests and responses.
type Exchanges = Arc<Mutex<Vec<(ObservedRequest, Response<()>)>>>;

/// Accepts writes as a whole: an assertion of hyper 1.12 fails if a malformed request arrives
/// before the last response is written.
const WIDTH: u8 = 0;

fuzz_target!(|input: &[u8]| {
    let mut rest = Unstructured::new(input);
    let Ok(plan) = rest.arbitrary::<HandshakeInput>() else { return };
    let exchanges = Exchanges::default();
    let (routes, shutdown) = routes(&exchanges);
    match plan.kind % 3 {
        0 => drop(simulate(serve(routes, &shutdown, split(rest.take_rest(), &plan.piece_sizes), WIDTH))),
        1 => {
            let Ok(head) = request_head(&mut rest, false) else { return };
            let bytes = [&head.to_bytes(), rest.take_rest()].concat();
            drop(simulate(serve(routes, &shutdown, split(&bytes, &plan.piece_sizes), WIDTH)));
        }
        _ => {
            let Some(request) = request_head(&mut rest, true).ok().as_ref().and_then(RequestHead::to_request)
            else {
                return;
            };
            simulate(call(routes, request));
        }
    }
    let is_direct = plan.kind % 3 == 2;
    for (seen, answer) in exchanges.lock().expect("no thread has panicked").iter() {
        check(seen, answer, is_direct);
    }
});

/// Calls the routes without a connection: a valid request fails at the upgrade.
async fn call(mut routes: axum::Router, request: Request) {
    let _ = routes.call(request).await;
}

fn check(seen: &ObservedRequest, answer: &Response<()>, is_direct: bool) {
    let status = answer.status().as_u16();
    let Some(route) = ROUTES.iter().find(|route| route.path == seen.uri.path()) else {
        assert_eq!(status, 404, "{seen:?}");
        return;
    };
    let allowed = allowed_statuses(seen, route);
    let good = match seen.version {
        Version::HTTP_2 if is_direct => 500,
        Version::HTTP_2 => 200,
        _ => 101,
    };
    if status == good {
        assert_eq!(allowed.violated, [0; 0], "{seen:?}");
    } else {
        let known = [allowed.violated.clone(), allowed.possible.clone()].concat();
        assert!(known.contains(&status), "{status} instead of one of {known:?}: {seen:?}");
    }
    let header = |name: &str| answer.headers().get(name).map(|value| value.as_bytes());
    assert_eq!(header("sec-websocket-extensions"), None, "no extension is implemented");
    match status {
        101 => {
            let key = seen.headers["sec-websocket-key"].as_bytes();
            assert_eq!(header("sec-websocket-accept"), Some(accept_key(key).as_bytes()));
            assert_eq!(
                (header("connection"), header("upgrade")),
                (Some(&b"upgrade"[..]), Some(&b"websocket"[..]))
            );
            assert_eq!(
                header("sec-websocket-protocol"),
                allowed.subprotocol.as_ref().map(|name| name.as_bytes())
            );
        }
        426 => assert_eq!(header("sec-websocket-version"), Some(&b"13"[..])),
        405 => assert!(header("allow").is_some()),
        _ => {}
    }
}

/// Returns the routes, which record requests and responses.
fn routes(exchanges: &Exchanges) -> (axum::Router, Shutdown) {
    let shutdown = Shutdown::new();
    let [ws, body, sub] = ROUTES.map(|route| route.path);
    let config = WebSocketConfig::default()
        .subprotocols(ROUTES[2].subprotocols.iter().copied())
        .origin(Origin::allow(ROUTES[2].origin));
    let exchanges = exchanges.clone();
    let note = move |request: Request, next: Next| {
        let exchanges = exchanges.clone();
        async move {
            let seen = ObservedRequest {
                method: request.method().clone(),
                uri: request.uri().clone(),
                version: request.version(),
                headers: request.headers().clone(),
                protocol: request.extensions().get::<Protocol>().map(|protocol| protocol.as_str().to_owned()),
            };
            let response = next.run(request).await;
            let mut answer = Response::new(());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            exchanges.lock().expect("no thread has panicked").push((seen, answer));
            response
        }
    };
    let router = Router::new()
        .websocket(ws, echo)
        .websocket(body, async |_: Bytes, ws: WebSocketConnection| echo(ws).await)
        .websocket_with(sub, echo, config)
        .shutdown(shutdown.clone());
    let routes = router.into_axum().expect("different routes");
    // Around the routes: a layer of theirs would not see axum's responses to wrong methods.
    (axum::Router::new().fallback_service(routes).layer(from_fn(note)), shutdown)
}

async fn echo(mut ws: WebSocketConnection) -> Result<ignitia::Response, Error> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(ignitia::Response::ok())
}
