//! In-process client for tests. It uses a pipe instead of a port, and goes through the whole router
//! and its layers.
//!
//! The test's own runtime polls everything, so tokio's paused clock works: a test of a 25 s
//! keepalive takes no time. An expectation that is not met within the deadline (5 s by default)
//! panics, with the messages that came instead.
//!
//! ```
//! use ignitia::{prelude::*, testing::TestClient};
//!
//! async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
//!     while let Some(Message::Text(text)) = ws.recv().await {
//!         ws.send_text(text).await?;
//!     }
//!     Ok(Response::ok())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let client = TestClient::new(Router::new().websocket("/echo", echo))?;
//! let mut socket = client.connect("/echo").await;
//! socket.send_text("hello").await;
//! assert_eq!(socket.recv_text().await, "hello");
//! socket.close(1000, "bye").await;
//! socket.expect_close(1000).await;
//!
//! let request = client.request("/echo").header("origin", "https://evil.example");
//! let refused = request.rejection().await;
//! assert_eq!(refused.status, StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! A client can keep cookies, for instance to log in and then open a WebSocket:
//!
//! ```
//! use ignitia::{prelude::*, testing::TestClient};
//!
//! async fn login(Json(name): Json<String>) -> ([(&'static str, String); 1], &'static str) {
//!     ([("set-cookie", format!("user={name}; Path=/; HttpOnly; Secure"))], "welcome")
//! }
//!
//! async fn greet(Cookies(cookies): Cookies, ws: WebSocketConnection) -> Result<Response> {
//!     let Some(user) = cookies.get("user") else {
//!         return Ok(Response::unauthorized("log in first"));
//!     };
//!     ws.send_text("who is there?").await?;
//!     ws.send_text(format!("it is {user}")).await?;
//!     Ok(Response::ok())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let router = Router::new().post("/login", login).websocket("/greet", greet);
//! let client = TestClient::new(router)?.with_cookies();
//! assert_eq!(client.request("/greet").rejection().await.status, StatusCode::UNAUTHORIZED);
//! assert_eq!(client.post_json("/login", "ann").await.text(), "welcome");
//! let mut socket = client.connect("/greet").await;
//! let names_ann = |message: &Message| message.as_text().is_some_and(|text| text.contains("ann"));
//! let found = socket.recv_until(names_ann).await;
//! assert_eq!(found, Message::Text("it is ann".into()));
//! # Ok(())
//! # }
//! ```
//!
//! This module needs the feature `testing`. Repeat the dependency on ignitia (`git` or `path`: it
//! is not published) in the `dev-dependencies`, with `features = ["testing"]`.

mod box_future;
mod client;
mod connector;
mod cookies;
mod pipe;
mod request;
mod response;
mod socket;

pub use self::{client::TestClient, request::TestRequest, response::TestResponse, socket::TestSocket};
