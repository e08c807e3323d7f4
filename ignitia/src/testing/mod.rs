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
//! It needs the feature `testing`: put `ignitia = { version = "..", features = ["testing"] }` into the
//! `dev-dependencies`.

mod client;
mod pipe;
mod request;
mod socket;

pub use self::{
    client::TestClient,
    request::{TestRequest, TestResponse},
    socket::TestSocket,
};
