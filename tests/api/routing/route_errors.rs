//! Mistakes in routes and addresses: errors at the start that name the mistake, and no panics.

use std::{cell::Cell, net::TcpListener, panic, sync::Once};

use axum::{extract::RawPathParams, routing};
use bytes::Bytes;
use ignitia::{IntoRouter, prelude::*, testing::TestClient};

use crate::support::{loopback, until_closed};

/// Expects an error from every use of these routes, with all of these parts in its text.
async fn expect_error<S>(router: impl Fn() -> Router<S>, parts: &[&str])
where
    Router<S>: IntoRouter,
{
    let errors = [
        router().into_axum().expect_err("an error of into_axum"),
        TestClient::new(router()).expect_err("an error of the test client"),
        Server::new(router(), loopback()).bind().await.expect_err("an error of bind"),
        Server::new(router(), loopback()).ignitia().await.expect_err("an error of ignitia"),
    ];
    for error in errors {
        assert!(error.is_route(), "{error:?}");
        for part in parts {
            assert!(error.to_string().contains(part), "{part:?} in {error}");
        }
    }
}

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// Returns the number of panics of this thread since the first call.
fn panics_of_this_thread() -> usize {
    static COUNTING: Once = Once::new();
    COUNTING.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            PANICS.set(PANICS.get() + 1);
            hook(panic);
        }));
    });
    PANICS.get()
}

fn ws(path: &'static str) -> impl Fn() -> Router {
    move || Router::new().websocket(path, until_closed)
}

#[tokio::test]
async fn malformed_paths_are_named() {
    for path in ["", "ws", "/ws/{room", "/ws/{}", "/ws/<room>", "/ws/:room", "/ws/{*rest}/more", "/a{b}{c}"] {
        expect_error(ws(path), &[&format!("`{path}`")]).await;
    }
}

#[tokio::test]
async fn other_ways_to_write_a_parameter_are_corrected() {
    for (path, right) in
        [("/ws/<room>", "`{room}`"), ("/ws/<rest..>", "`{*rest}`"), ("/ws/:room", "`{room}`")]
    {
        expect_error(ws(path), &[path, right]).await;
    }
}

#[tokio::test]
async fn a_path_given_twice_is_named() {
    expect_error(|| ws("/ws/{room}")().websocket("/ws/{room}", until_closed), &["`/ws/{room}`", "twice"])
        .await;
    expect_error(|| ws("/ws/{room}")().websocket("/ws/{name}", until_closed), &["/ws/{room}", "/ws/{name}"])
        .await;
    expect_error(|| ws("/ws")().state(1_u8).websocket("/ws", until_closed), &["`/ws`", "twice"]).await;
    expect_error(|| ws("/ws")().merge(ws("/ws")()), &["`/ws`", "twice"]).await;
    expect_error(|| ws("/api/ws")().nest("/api", ws("/ws")()), &["`/api/ws`", "twice"]).await;
}

/// A handler with a body extractor takes POST too; others leave it to pages.
#[tokio::test]
async fn post_belongs_to_a_handler_that_reads_a_body() {
    async fn reads(_: Json<u8>, ws: WebSocketConnection) -> Response {
        until_closed(ws).await
    }
    let reading = || Router::new().websocket("/ws", reads);
    expect_error(|| reading().post("/ws", async || "posted"), &["`/ws`", "twice"]).await;
    assert!(ws("/ws")().post("/ws", async || "posted").into_axum().is_ok());
}

/// A page and a WebSocket may share a path in one router, or in two that are merged: see
/// `shared_paths.rs`.
#[tokio::test]
async fn a_path_in_a_nested_router_conflicts_with_the_same_path_outside() {
    let page = |path: &'static str| move || Router::new().get(path, async || "a page");
    let parts = &["`/api/ws`", "twice", "neither is nested"];
    expect_error(|| page("/api/ws")().nest("/api", ws("/ws")()), parts).await;
    expect_error(|| ws("/api/ws")().nest("/api", page("/ws")()), parts).await;
    expect_error(|| Router::new().nest("/api", ws("/ws")()).get("/api/ws", async || "a page"), parts).await;
    expect_error(|| page("/api/ws")().merge(Router::new().nest("/api", ws("/ws")())), parts).await;
}

/// axum's method routers do not tell their methods, and panic, which is printed.
#[tokio::test]
async fn axums_method_routers_conflict_without_a_panic() {
    let before = panics_of_this_thread();
    let page = || Router::new().route("/ws", routing::get(async || "a page"));
    expect_error(|| page().route("/ws", routing::get(async || "another")), &["`/ws`", "twice"]).await;
    expect_error(|| page().get("/ws", async || "another"), &["`/ws`", "twice"]).await;
    expect_error(|| page().merge(page()), &["`/ws`", "twice"]).await;
    expect_error(|| ws("/api/ws")().nest("/api", page()), &["`/api/ws`", "twice"]).await;
    expect_error(|| Router::new().nest("/api", page()).websocket("/api/ws", until_closed), &["`/api/ws`"])
        .await;
    // Different methods on one path are no conflict.
    let post = Router::new().route("/ws", routing::post(async || "posted"));
    assert!(post.merge(page()).merge(ws("/ws")()).into_axum().is_ok());
    // A handler of all other methods is no conflict with one of GET.
    let any = || Router::new().route("/ws", routing::any(async || "any"));
    assert!(any().merge(page()).merge(ws("/ws")()).into_axum().is_ok());
    expect_error(|| any().merge(any()), &["`/ws`", "twice"]).await;
    assert_eq!(panics_of_this_thread(), before);
}

/// axum panics about conflicts in its own routers, whose routes we cannot see.
#[tokio::test]
async fn axums_routers_conflict_without_a_panic() {
    let axums = || Router::from(axum::Router::new().route("/ws", routing::get(async || "a page")));
    expect_error(|| axums().websocket("/ws", until_closed), &["`axum::Router`"]).await;
    expect_error(|| ws("/ws")().merge(axums()), &["`axum::Router`"]).await;
    expect_error(|| axums().get("/ws", async || "another"), &["`axum::Router`"]).await;
    let post = Router::from(axum::Router::new().route("/ws", routing::post(async || "posted")));
    assert!(post.merge(ws("/ws")()).into_axum().is_ok());
}

#[tokio::test]
async fn mistakes_in_pages_and_nested_routers_are_reported_too() {
    expect_error(|| Router::new().get("page", async || "a page"), &["`page`"]).await;
    expect_error(|| Router::new().route("page", routing::get(async || "a page")), &["`page`"]).await;
    expect_error(|| Router::new().nest("/api", ws("ws")()), &["`ws`"]).await;
    expect_error(|| Router::new().nest("api", ws("/ws")()), &["`api`"]).await;
    expect_error(|| Router::new().merge(ws("ws")()), &["`ws`"]).await;
    expect_error(|| Router::new().nest("/", ws("/ws")()), &["`/`"]).await;
}

/// axum has routes for fallbacks, too: those of nested routers may conflict.
#[tokio::test]
async fn fallbacks_of_nested_routers_conflict_without_a_panic() {
    let lost = || ws("/ws")().fallback(async || "lost");
    let empty = || Router::new().fallback(async || "lost");
    expect_error(|| Router::new().nest("/api/{", empty()), &["`/api/{`"]).await;
    expect_error(|| Router::new().nest("/api", empty()).nest("/api", empty()), &["fallback", "`/api`"]).await;
    expect_error(|| Router::new().nest("/{a}", empty()), &["fallback of `/{a}`", "that of `/`"]).await;
    expect_error(|| Router::new().nest("/x/{a}", empty()).nest("/x/{b}", empty()), &["`/x/{a}`", "`/x/{b}`"])
        .await;
    let nesting = || Router::new().nest("/api", empty());
    expect_error(|| nesting().merge(nesting()), &["fallback", "`/api`"]).await;
    let both = Router::new().nest("/a", lost()).nest("/b", lost()).fallback(async || "lost").into_axum();
    assert!(both.is_ok(), "{both:?}");
    // A router that is nested twice loses its fallback, unless the outer router has one: then there
    // is no conflict.
    let twice = || Router::new().nest("/b", Router::new().nest("/a", empty()));
    assert!(twice().merge(twice()).into_axum().is_ok());
}

/// axum joins all slashes where a nested path begins.
#[tokio::test]
async fn slashes_between_a_prefix_and_a_path_count_as_one() {
    expect_error(|| ws("/api/ws")().nest("/api/", ws("//ws")()), &["`/api/ws`", "twice"]).await;
}

#[tokio::test]
async fn all_mistakes_are_reported_at_once() {
    expect_error(
        || ws("one")().websocket("two", until_closed).get("/<three>", async || ""),
        &["`one`", "`two`", "`/<three>`"],
    )
    .await;
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_address() {
    let taken = TcpListener::bind(loopback()).unwrap();
    let addr = taken.local_addr().unwrap();
    for error in [
        Server::new(ws("/ws")(), addr).bind().await.expect_err("an error of bind"),
        Server::new(ws("/ws")(), addr).ignitia().await.expect_err("an error of ignitia"),
    ] {
        assert!(error.is_io(), "{error:?}");
        assert!(error.to_string().contains(&addr.to_string()), "{addr} in {error}");
    }
}

#[test]
fn a_malformed_address_is_an_error_of_ours() {
    fn main() -> Result<()> {
        let server = Server::new(ws("/ws")(), "localhost:3000".parse()?);
        drop(server);
        Ok(())
    }
    assert!(main().expect_err("a name is no address").is_address());
}

/// An argument of a closure is an extractor, whatever its name: `room: String` is the body.
#[tokio::test]
async fn a_body_in_place_of_a_parameter_is_corrected() {
    let right = "`Path(room): Path<String>`";
    let alone = || Router::new().websocket("/rooms/{room}", |_room: String, ws| until_closed(ws));
    expect_error(alone, &["`/rooms/{room}`", "`String` is the body", right]).await;
    let bytes = || Router::new().websocket("/rooms/{room}", |_room: Bytes, ws| until_closed(ws));
    expect_error(bytes, &["`Bytes` is the body", right]).await;
    let behind_others = || {
        let handler = |_: State<u8>, _: Query<Vec<(u8, u8)>>, _: Headers, _room: String, ws| until_closed(ws);
        Router::new().state(7_u8).websocket("/rooms/{room}", handler)
    };
    expect_error(behind_others, &["`String` is the body", right]).await;
    let tail = || Router::new().websocket("/{a}/{*rest}", |_rest: String, ws| until_closed(ws));
    expect_error(tail, &["`Path((a, rest)): Path<(String, String)>`"]).await;
    let nested =
        || Router::new().nest("/{room}", Router::new().websocket("/ws", |_: String, ws| until_closed(ws)));
    expect_error(nested, &["`/{room}/ws`", right]).await;
}

#[test]
fn a_body_beside_a_path_that_is_read_is_valid() {
    let router = Router::new()
        .websocket("/a", |_: String, ws| until_closed(ws))
        .websocket("/b/{id}", |_: Path<String>, _: String, ws| until_closed(ws))
        .websocket("/c/{id}", |_: RawPathParams, _: Bytes, ws| until_closed(ws))
        .websocket("/d/{id}", |_: Extension<u8>, _: String, ws| until_closed(ws))
        .websocket("/e/{id}", |_: Json<u8>, ws| until_closed(ws))
        .websocket("/f/{{id}}", |_: String, ws| until_closed(ws));
    assert!(router.into_axum().is_ok());
}

#[test]
#[should_panic(expected = "write `Path(room): Path<String>`")]
fn a_body_in_place_of_a_parameter_panics_in_axums_router() {
    let _ = axum::Router::<()>::new().websocket("/rooms/{room}", |_room: String, ws| until_closed(ws));
}
