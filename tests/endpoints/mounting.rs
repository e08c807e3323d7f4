//! Endpoints in our router and in axum's, over every transport.

use axum::extract::FromRef;
use ignitia::{RouterExt, prelude::*, websocket::WebSocketConfig};

use crate::support::{TEXT, client, everywhere, text};

#[derive(Clone)]
struct App {
    name: Name,
}

#[derive(Clone)]
struct Name(&'static str);

impl FromRef<App> for Name {
    fn from_ref(app: &App) -> Self {
        app.name.clone()
    }
}

#[websocket("/echo/<prefix>")]
async fn echo(
    prefix: String,
    State(Name(name)): State<Name>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if let Message::Text(text) = message {
            ws.send_text(format!("{name} {prefix} {text}")).await?;
        }
    }
    Ok(Response::ok())
}

fn app() -> App {
    App { name: Name("app") }
}

#[tokio::test]
async fn an_endpoint_works_in_our_router_over_every_transport() {
    everywhere(
        || Router::new().state(app()).mount(echo),
        async |server| {
            let mut socket = server.open("/echo/a%20b").await;
            socket.send(&text("hi")).await;
            let frame = socket.frame().await;
            assert_eq!((frame.opcode, frame.payload), (TEXT, b"app a b hi".to_vec()));
        },
    )
    .await;
}

#[tokio::test]
async fn an_endpoint_works_in_axums_router() {
    let router =
        axum::Router::new().route("/", axum::routing::get(async || "a page")).mount(echo).with_state(app());
    let client = client(axum::Router::new().nest("/api", router));
    let mut socket = client.connect("/api/echo/x").await;
    socket.send_text("hi").await;
    assert_eq!(socket.recv_text().await, "app x hi");
    assert_eq!(client.get("/api").await.text(), "a page");
}

#[tokio::test]
async fn a_nested_endpoint_may_have_its_own_limits() {
    let config = WebSocketConfig::default().max_message_size(4);
    let inner = Router::new().state(app()).mount_with(echo, config);
    let client = client(Router::new().nest("/api", inner));
    let mut socket = client.connect("/api/echo/x").await;
    socket.send_text("five!").await;
    socket.expect_close(1009).await;
}

#[websocket("/echo/<other>")]
async fn rival(other: String, ws: WebSocketConnection) -> Response {
    ws.send_text(other).await.unwrap();
    Response::ok()
}

#[test]
fn two_endpoints_on_one_path_are_reported() {
    let error = Router::new().state(app()).mount(echo).mount(rival).into_axum().unwrap_err();
    assert!(error.is_route() && error.to_string().contains("`/echo/{other}`"), "{error}");
}

#[websocket("/seats/<seat>")]
async fn seats(Path((room, seat)): Path<(String, u8)>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(format!("{seat} in {room}")).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn a_path_includes_the_parameters_of_outer_routers() {
    let client = client(Router::new().nest("/rooms/{room}", Router::new().mount(seats)));
    let mut socket = client.connect("/rooms/lobby/seats/7").await;
    assert_eq!(socket.recv_text().await, "7 in lobby");
}
