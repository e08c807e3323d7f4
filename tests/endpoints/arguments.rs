//! Sources of the arguments.

use std::{net::IpAddr, str::FromStr};

use ignitia::prelude::*;
use serde::Deserialize;

use crate::support::client;

/// A type of the program, with rules of its own.
struct RoomId(String);

impl FromStr for RoomId {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        if name.len() <= 8 { Ok(Self(name.to_owned())) } else { Err(()) }
    }
}

#[derive(Clone)]
struct App {
    greeting: &'static str,
}

#[derive(Deserialize)]
struct Guest {
    mood: String,
}

#[websocket("/rooms/<room>/seats/<seat>")]
async fn seat(
    room: RoomId,
    State(app): State<App>,
    seat: u32,
    Query(guest): Query<Guest>,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(format!("{} {} {seat} {}", app.greeting, room.0, guest.mood)).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn parameters_and_extractors_may_stand_in_any_order() {
    let client = client(Router::new().state(App { greeting: "hello" }).mount(seat));
    let mut socket = client.connect("/rooms/a%20b/seats/7?mood=so%20so").await;
    assert_eq!(socket.recv_text().await, "hello a b 7 so so");
    socket.expect_close(1000).await;
}

#[tokio::test]
async fn a_parameter_that_cannot_be_parsed_is_a_404() {
    let client = client(Router::new().state(App { greeting: "hello" }).mount(seat));
    for path in
        ["/rooms/a/seats/many", "/rooms/a/seats/-1", "/rooms/much-too-long/seats/1", "/rooms/a/seats/1%202"]
    {
        assert_eq!(client.request(path).rejection().await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // The path is valid, the query is not: the extractor refuses it.
    assert_eq!(client.request("/rooms/a/seats/1").rejection().await.status, StatusCode::BAD_REQUEST);
}

#[websocket("/files/<owner>/<path..>")]
async fn file(path: String, owner: IpAddr, ws: WebSocketConnection) -> String {
    ws.send_text(format!("{owner} {path}")).await.unwrap();
    "done".into()
}

#[tokio::test]
async fn a_tail_parameter_takes_the_rest_of_the_path() {
    let client = client(Router::new().mount(file));
    let mut socket = client.connect("/files/%3A%3A1/a/b%2Fc/d%20e").await;
    assert_eq!(socket.recv_text().await, "::1 a/b/c/d e");
}

#[websocket("/typed/<type>")]
async fn body(r#type: u8, Json(sum): Json<u64>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_json(&(u64::from(r#type) + sum)).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn a_body_extractor_may_stand_right_before_the_connection() {
    let client = client(Router::new().mount(body));
    let request = client.request("/typed/2").body("application/json", "40");
    assert_eq!(request.clone().connect().await.recv_json::<u64>().await, 42);
    let post = request.method(http::Method::POST);
    assert_eq!(post.connect().await.recv_json::<u64>().await, 42);
    let broken = client.request("/typed/2").body("application/json", "many");
    assert_eq!(broken.rejection().await.status, StatusCode::BAD_REQUEST);
}

#[websocket("/guarded")]
async fn guarded(headers: Headers, ws: WebSocketConnection) -> Response {
    if headers.get("authorization").is_none() {
        return Response::unauthorized("who are you?");
    }
    ws.send_text("welcome").await.unwrap();
    Response::forbidden("that is all")
}

#[tokio::test]
async fn a_refusal_is_a_response_before_the_upgrade_and_a_close_code_after_it() {
    let client = client(Router::new().mount(guarded));
    let refused = client.request("/guarded").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::UNAUTHORIZED, "who are you?".into()));
    let mut socket = client.request("/guarded").header("authorization", "me").connect().await;
    assert_eq!(socket.recv_text().await, "welcome");
    assert_eq!(socket.expect_close(3003).await.reason, "that is all");
}

#[websocket("/seven/<a>/<b>")]
async fn seven(
    a: u8,
    _method: http::Method,
    _uri: http::Uri,
    b: u8,
    _id: RequestId,
    _cookies: Cookies,
    Extension(c): Extension<u8>,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text((a + b + c).to_string()).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn a_function_may_have_seven_arguments() {
    let client = client(Router::new().mount(seven).extension(3_u8));
    assert_eq!(client.connect("/seven/1/2").await.recv_text().await, "6");
}
