//! The page, which is empty: the checks run their scripts in it.

use ignitia::prelude::*;

/// Sets the cookies that a handshake must carry: one that scripts cannot read, and one that foreign
/// pages cannot make a browser send.
pub(super) async fn page() -> impl IntoResponse {
    let cookies = [
        ("set-cookie", "session_id=from the server; Path=/; HttpOnly"),
        ("set-cookie", "strict=yes; Path=/; HttpOnly; SameSite=Strict"),
    ];
    (axum::response::AppendHeaders(cookies), Response::html("<!doctype html><title>A page</title>"))
}

/// Serves the script of the examples.
pub(super) async fn reconnect() -> impl IntoResponse {
    let script = include_str!("../../../examples/src/reconnect.js");
    ([("content-type", "text/javascript; charset=utf-8")], script)
}
