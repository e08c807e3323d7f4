//! Documentation, conditions and lints on annotated functions.

#![deny(warnings, missing_docs)]

use ignitia::prelude::*;

/// The rooms.
pub mod rooms {
    use ignitia::prelude::*;

    /// A room.
    ///
    /// Whoever enters is greeted.
    #[websocket("/rooms/<room>")]
    #[allow(unused_variables, unused_mut)]
    pub async fn enter(room: String, mut ws: WebSocketConnection) -> Response {
        let greeting = "hello";
        Response::ok()
    }

    #[doc(hidden)]
    #[websocket("/rooms/hidden")]
    #[expect(unused_variables, reason = "the greeting comes later")]
    pub async fn hidden(_: WebSocketConnection) -> Response {
        let greeting = "hello";
        Response::ok()
    }
}

#[websocket("/inlined")]
#[inline]
#[allow(clippy::unused_async, reason = "the macro wants it")]
async fn inlined(_: WebSocketConnection) -> Response {
    Response::ok()
}

#[deprecated = "take `rooms::enter`"]
#[websocket("/old")]
async fn old(_: WebSocketConnection) -> Response {
    Response::ok()
}

#[allow(deprecated)]
fn with_old(router: Router) -> Router {
    router.mount(old)
}

#[cfg(any())]
#[websocket("/switched")]
async fn switched(_: WebSocketConnection) -> NoSuchType {
    no_such_function()
}

#[cfg(not(any()))]
#[websocket("/switched")]
async fn switched(_: WebSocketConnection) -> Response {
    Response::ok()
}

#[websocket("/switched-below")]
#[cfg(any())]
async fn switched_below(_: WebSocketConnection) -> NoSuchType {
    no_such_function()
}

#[websocket("/switched-below")]
#[cfg(not(any()))]
async fn switched_below(_: WebSocketConnection) -> Response {
    Response::ok()
}

#[cfg_attr(all(), websocket("/conditional"))]
async fn conditional(_: WebSocketConnection) -> Response {
    Response::ok()
}

fn main() {
    let router = Router::new()
        .mount(rooms::enter)
        .mount(rooms::hidden)
        .mount(inlined)
        .mount(switched)
        .mount(switched_below)
        .mount(conditional);
    assert!(with_old(router).into_axum().is_ok());
}
