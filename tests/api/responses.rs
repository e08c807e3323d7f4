//! `Response::ok()` and its siblings: constructors on axum's own type.

use ignitia::prelude::*;

use crate::support::client;

const PLAIN: Option<&str> = Some("text/plain; charset=utf-8");

fn pages() -> Router {
    Router::new()
        .get("/ok", async || Response::ok())
        .get("/text", async || Response::text("text"))
        .get("/html", async || Response::html("<p>html</p>"))
        .get("/bad", async || Response::bad_request("bad"))
        .get("/unauthorized", async || Response::unauthorized("who?"))
        .get("/forbidden", async || Response::forbidden(String::from("no")))
        .get("/missing", async || Response::not_found("gone"))
        .get("/conflict", async || Response::conflict("taken"))
        .get("/many", async || Response::too_many_requests("slower"))
        .get("/internal", async || Response::internal_error())
        .get("/unavailable", async || Response::service_unavailable("later"))
}

#[tokio::test]
async fn every_constructor_has_its_status_type_and_text() {
    let client = client(pages());
    for (path, status, content_type, body) in [
        ("/ok", 200, None, ""),
        ("/text", 200, PLAIN, "text"),
        ("/html", 200, Some("text/html; charset=utf-8"), "<p>html</p>"),
        ("/bad", 400, PLAIN, "bad"),
        ("/unauthorized", 401, PLAIN, "who?"),
        ("/forbidden", 403, PLAIN, "no"),
        ("/missing", 404, PLAIN, "gone"),
        ("/conflict", 409, PLAIN, "taken"),
        ("/many", 429, PLAIN, "slower"),
        ("/internal", 500, None, ""),
        ("/unavailable", 503, PLAIN, "later"),
    ] {
        let response = client.get(path).await;
        let found = (response.status.as_u16(), response.header("content-type"), response.text());
        assert_eq!(found, (status, content_type, body.into()), "{path}");
    }
}

#[tokio::test]
async fn the_response_is_that_of_axum() {
    fn axums(response: axum::response::Response) -> Response {
        response
    }
    let built = Response::builder().status(418).body(axum::body::Body::from("teapot")).unwrap();
    let client = client(
        Router::new()
            .get("/ours", async || axums(Response::forbidden("no")))
            .route("/axums", axum::routing::get(async || Response::ok()))
            .websocket("/ws", async |_: WebSocketConnection| axums(Response::forbidden("no"))),
    );
    assert_eq!(axums(built).status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(client.get("/ours").await.text(), "no");
    assert_eq!(client.get("/axums").await.status, StatusCode::OK);
    assert_eq!(client.request("/ws").rejection().await.text(), "no");
}
