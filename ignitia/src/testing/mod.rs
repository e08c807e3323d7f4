//! A client for tests: in-process, over a pipe instead of a port, through the whole router and its layers.
//!
//! Everything is polled by the test's own runtime, so tokio's paused time works: a test of a 25 s keepalive takes no
//! time. What is expected and does not come within the deadline (5 s unless set otherwise) panics, and says what came
//! instead.
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
//! let refused = client.request("/echo").header("origin", "https://evil.example").rejection().await;
//! assert_eq!(refused.status, StatusCode::FORBIDDEN);
//! # Ok(())
//! # }
//! ```
//!
//! A client that logs in and then opens a WebSocket keeps its cookies, if it is told to:
//!
//! ```
//! use ignitia::{prelude::*, testing::TestClient};
//!
//! async fn login(Json(name): Json<String>) -> ([(&'static str, String); 1], &'static str) {
//!     ([("set-cookie", format!("user={name}; Path=/; HttpOnly; Secure"))], "welcome")
//! }
//!
//! async fn greet(Cookies(cookies): Cookies, ws: WebSocketConnection) -> Result<Response> {
//!     let Some(user) = cookies.get("user") else { return Ok(Response::unauthorized("log in first")) };
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
//! let found = socket.recv_until(|message| matches!(message, Message::Text(text) if text.contains("ann"))).await;
//! assert_eq!(found, Message::Text("it is ann".into()));
//! # Ok(())
//! # }
//! ```
//!
//! It needs the feature `testing`: repeat the dependency on ignitia (`git` or `path`: it is not published) in the
//! `dev-dependencies`, with `features = ["testing"]`.

mod client;
mod cookies;
mod pipe;
mod request;
mod socket;

use std::{future::Future, pin::Pin};

pub use self::{
    client::TestClient,
    request::{TestRequest, TestResponse},
    socket::TestSocket,
};

/// A future of a client. It does not name the type of what is sent or read, so that a compiler that complains about that type
/// does it once.
type Waiting<'a, T = ()> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
