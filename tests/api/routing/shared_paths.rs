//! A page and a WebSocket on one path.

use axum::{middleware::map_response, routing};
use http::{HeaderValue, Method};
use ignitia::{prelude::*, testing::TestClient};

use crate::support::{
    KEY, RawSocket, Request, Running, Transport, close, echo, everywhere, over_http1, text,
};

fn client(router: Router) -> TestClient {
    TestClient::new(router).unwrap()
}

async fn page(Path(room): Path<String>) -> String {
    format!("the page of {room}")
}

async fn greet(Path(room): Path<String>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(room).await?;
    echo(ws).await
}

/// Returns a router with a page and a WebSocket on one path, and that path.
type Way = (fn() -> Router, &'static str);

/// All orders: the page first, the WebSocket first, in two routers, and each of these below another
/// path.
fn ways() -> [Way; 6] {
    const PATH: &str = "/rooms/{room}";
    fn pages() -> Router {
        Router::new().get(PATH, page)
    }
    fn sockets() -> Router {
        Router::new().websocket(PATH, greet)
    }
    [
        (|| pages().websocket(PATH, greet), "/rooms/blue"),
        (|| sockets().get(PATH, page), "/rooms/blue"),
        (|| sockets().state(7_u8).get(PATH, page).into_axum().unwrap().into(), "/rooms/blue"),
        (|| pages().merge(sockets()), "/rooms/blue"),
        (|| sockets().merge(pages()), "/rooms/blue"),
        (|| Router::new().nest("/v1", pages().merge(sockets())).get("/v1", async || "one"), "/v1/rooms/blue"),
    ]
}

async fn everywhere_in_every_way(test: impl AsyncFn(&Running, &str)) {
    for (router, path) in ways() {
        everywhere(router, async |server| test(&server, path).await).await;
    }
}

async fn expect_page(socket: &mut RawSocket, request: &Request) {
    let head = socket.ask(request).await;
    let status = if head.status == 101 { 200 } else { head.status };
    assert_eq!((status, &*socket.body(&head).await), (200, "the page of blue"), "{request:?}");
}

#[tokio::test]
async fn a_get_goes_to_the_page_and_a_handshake_to_the_websocket() {
    everywhere_in_every_way(async |server, path| {
        expect_page(&mut server.connect().await, &Request::get(path)).await;
        let mut socket = server.open(path).await;
        socket.expect_text("blue").await;
        socket.send(&[text("hi"), close(1000, "")].concat()).await;
        socket.expect_text("hi").await;
        socket.expect_close(1000).await;
    })
    .await;
}

/// The answer names the fault of the handshake.
#[tokio::test]
async fn a_broken_handshake_does_not_get_the_page() {
    for (router, path) in ways() {
        over_http1(router, async |server| {
            let upgrade = || Request::upgrade(path);
            for (name, request, status) in [
                ("no Connection", upgrade().set("Connection", &[]), 426),
                ("no Upgrade", upgrade().set("Upgrade", &[]), 426),
                (
                    "neither, as some proxies leave it",
                    upgrade().set("Connection", &[]).set("Upgrade", &[]),
                    426,
                ),
                ("only a key", Request::get(path).set("Sec-WebSocket-Key", &[KEY]), 426),
                ("only a version", Request::get(path).set("Sec-WebSocket-Version", &["13"]), 426),
                ("only Upgrade", Request::get(path).set("Upgrade", &["h2c, WebSocket"]), 426),
                ("another version", upgrade().set("Sec-WebSocket-Version", &["8"]), 426),
                ("no key", upgrade().set("Sec-WebSocket-Key", &[]), 400),
                ("a foreign origin", upgrade().set("Origin", &["https://evil.example"]), 403),
                ("HTTP/1.0", upgrade().line(&format!("GET {path} HTTP/1.0")), 426),
            ] {
                assert_eq!(server.ask(&request).await.0.status, status, "{name}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn any_other_request_goes_to_the_page() {
    for (router, path) in ways() {
        over_http1(router, async |server| {
            let get = || Request::get(path);
            for request in [
                get().set("Connection", &["upgrade"]),
                get().set("Connection", &["keep-alive, Upgrade"]).set("Upgrade", &[""]),
                get().set("Connection", &["Upgrade, HTTP2-Settings"]).set("Upgrade", &["h2c"]),
                get().set("Sec-WebSocket-Protocol", &["chat"]),
            ] {
                expect_page(&mut server.connect().await, &request).await;
            }
            let head = |line: &str| get().line(&format!("{line} {path} HTTP/1.1"));
            assert_eq!(server.ask(&head("HEAD")).await.0.status, 200);
            for method in ["POST", "PUT", "BREW"] {
                let (answer, _socket) = server.ask(&head(method)).await;
                assert_eq!((answer.status, answer.get("allow")), (405, Some("GET,HEAD")), "{method}");
            }
        })
        .await;
    }
}

/// Over HTTP/2 a handshake is a CONNECT. A GET asks for a page, unless it has the headers of a
/// handshake.
#[tokio::test]
async fn over_http2_a_get_with_a_key_does_not_get_the_page() {
    for (router, path) in ways() {
        let server = Transport::Http2.serve(router()).await;
        let (head, _) =
            server.ask(&Request::get(path).with_key_over_http2().set("Sec-WebSocket-Key", &[KEY])).await;
        assert_eq!(head.status, 400);
        expect_page(&mut server.connect().await, &Request::get(path).set("Sec-WebSocket-Protocol", &["x"]))
            .await;
    }
}

/// Returns a layer that adds its name to the answer.
macro_rules! mark {
    ($name:literal) => {
        map_response(async |mut response: Response| {
            response.headers_mut().append("x-layers", HeaderValue::from_static($name));
            response
        })
    };
}

/// Returns the layers around a page, around a handshake, and around any other request.
async fn layers(router: Router) -> [String; 3] {
    let client = client(router);
    let names = |headers: &http::HeaderMap| {
        let names = headers.get_all("x-layers").iter().map(|name| name.to_str().unwrap());
        names.collect::<Vec<_>>().join(" ")
    };
    [
        names(&client.get("/x").await.headers),
        names(client.connect("/x").await.headers()),
        names(&client.request("/x").method(Method::PUT).get().await.headers),
    ]
}

#[tokio::test]
async fn each_has_the_layers_that_were_called_after_it() {
    let get = |router: Router| router.get("/x", async || "a page");
    let websocket = |router: Router| router.websocket("/x", echo);
    let new = Router::new;
    assert_eq!(layers(get(websocket(new())).layer(mark!("a"))).await, ["a", "a", "a"]);
    assert_eq!(layers(websocket(get(new())).layer(mark!("a"))).await, ["a", "a", "a"]);
    // Any other request goes to the page: also a preflight that a layer for CORS answers.
    assert_eq!(layers(websocket(get(new()).layer(mark!("a")))).await, ["a", "", "a"]);
    assert_eq!(layers(get(websocket(new()).layer(mark!("a")))).await, ["", "a", ""]);
    assert_eq!(layers(websocket(get(new()).layer(mark!("a"))).layer(mark!("b"))).await, ["a b", "b", "a b"]);
    let merged = get(new()).layer(mark!("a")).merge(websocket(new()).layer(mark!("b"))).layer(mark!("c"));
    assert_eq!(layers(merged).await, ["a c", "b c", "a c"]);
}

#[tokio::test]
async fn each_has_its_own_state_and_all_have_the_extensions() {
    async fn who(State(name): State<&'static str>, Extension(at): Extension<u8>) -> String {
        format!("{name} {at}")
    }
    let tell = |name: State<_>, at: Extension<_>, ws: WebSocketConnection| async move {
        ws.send_text(who(name, at).await).await?;
        Ok::<_, Error>(Response::ok())
    };
    let router = Router::new().state("page").get("/x", who).extension(7_u8);
    let client = client(router.state("socket").websocket("/x", tell).state(()).merge(Router::new()));
    assert_eq!(client.get("/x").await.text(), "page 7");
    assert_eq!(client.connect("/x").await.recv_text().await, "socket 7");
    // The layers of a merged router are its own.
    let (page, socket) = (Router::new().state("page"), Router::new().state("socket"));
    let both = page.get("/x", who).extension(1_u8).merge(socket.websocket("/x", tell).extension(2_u8));
    let client = self::client(both.into_axum().unwrap().into());
    assert_eq!(client.get("/x").await.text(), "page 1");
    assert_eq!(client.connect("/x").await.recv_text().await, "socket 2");
}

#[tokio::test]
async fn axums_method_routers_get_requests_for_no_websocket() {
    let methods = || routing::get(async || "got").put(async || "put");
    for router in [
        Router::new().route("/x", methods()).websocket("/x", echo),
        Router::new().websocket("/x", echo).route("/x", methods()),
        Router::new()
            .route("/x", routing::get(async || "got"))
            .websocket("/x", echo)
            .route("/x", routing::put(async || "put")),
    ] {
        let client = client(router.post("/x", async || "posted"));
        let by = |method| client.request("/x").method(method).get();
        assert_eq!(by(Method::GET).await.text(), "got");
        assert_eq!(by(Method::PUT).await.text(), "put");
        assert_eq!(by(Method::POST).await.text(), "posted");
        assert_eq!(by(Method::DELETE).await.header("allow"), Some("GET,HEAD,PUT,POST"));
        client.connect("/x").await;
    }
}

#[tokio::test]
async fn a_route_for_any_method_takes_no_websockets() {
    for router in [
        Router::new().route("/x", routing::any(async || "any")).websocket("/x", echo),
        Router::new().websocket("/x", echo).route("/x", routing::any(async || "any")),
    ] {
        let client = client(router);
        for method in [Method::GET, Method::POST, Method::DELETE] {
            assert_eq!(client.request("/x").method(method).get().await.text(), "any");
        }
        client.connect("/x").await;
    }
}

/// The WebSocket route answers where a GET of the same path cannot be seen.
#[tokio::test]
async fn without_a_page_a_get_is_told_to_upgrade() {
    let posting = client(Router::new().post("/x", async || "posted").websocket("/x", echo));
    assert_eq!(posting.get("/x").await.status, StatusCode::UPGRADE_REQUIRED);
    assert_eq!(posting.request("/x").method(Method::POST).get().await.text(), "posted");
    let putting = client(Router::new().route("/x", routing::put(async || "put")).websocket("/x", echo));
    assert_eq!(putting.get("/x").await.status, StatusCode::METHOD_NOT_ALLOWED);
    for client in [posting, putting] {
        client.connect("/x").await;
    }
}

/// A handler that reads a body takes POST too, if the request asks for a WebSocket.
#[tokio::test]
async fn a_post_goes_to_the_page_unless_it_asks_for_a_websocket() {
    let reads = |Json(name): Json<String>, ws: WebSocketConnection| async move {
        ws.send_text(name).await?;
        Ok::<_, Error>(Response::ok())
    };
    let client =
        client(Router::new().websocket("/x", reads).route("/x", routing::post(async |body: String| body)));
    let post = || client.request("/x").method(Method::POST).body("application/json", r#""Ada""#);
    assert_eq!(post().get().await.text(), r#""Ada""#);
    assert_eq!(post().connect().await.recv_text().await, "Ada");
}
