//! `#[websocket("/path")]` on async fns: design section 6, the connection shape.

mod arguments;
mod calls;
mod encoding;
mod forms;
mod mounting;
mod reflection;

use ignitia::{IntoRouter, testing::TestClient};

fn client(router: impl IntoRouter) -> TestClient {
    TestClient::new(router).unwrap()
}
