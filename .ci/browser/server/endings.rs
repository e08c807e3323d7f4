//! Connections that the server refuses, and those that it ends.

use ignitia::prelude::*;
use serde::Deserialize;

use super::witness::Seen;

#[derive(Deserialize)]
pub(super) struct End {
    code: Option<u16>,
    #[serde(default)]
    reason: String,
    /// How much is said before.
    #[serde(default)]
    say: usize,
}

impl End {
    fn frame(self) -> Option<CloseFrame> {
        self.code.map(|code| CloseFrame { code, reason: self.reason })
    }
}

/// Closes by a call, with what the query says.
pub(super) async fn close(
    seen: Seen,
    Query(end): Query<End>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    seen.follow(&ws);
    ws.close(end.frame()).await?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Ends by what it returns, as soon as the connection is open.
pub(super) async fn outcome(
    seen: Seen,
    Path(how): Path<String>,
    Query(end): Query<End>,
    ws: WebSocketConnection,
) -> Result<Response> {
    seen.follow(&ws);
    ws.accept().await?;
    for number in 0..end.say {
        ws.send_text(format!("unasked {number}")).await?;
    }
    end_as(&how, end)
}

/// The same before the connection is open.
pub(super) async fn refuse(
    seen: Seen,
    Path(how): Path<String>,
    Query(end): Query<End>,
    ws: WebSocketConnection,
) -> Result<Response> {
    seen.follow(&ws);
    end_as(&how, end)
}

fn end_as(how: &str, end: End) -> Result<Response> {
    match how {
        "text" => Ok(Response::text("all done")),
        "json" => Ok(Json(json!({ "all": "done" })).into_response()),
        "frame" => Ok(end.frame().map_or_else(Response::ok, IntoResponse::into_response)),
        "error" => Err("no address".parse::<std::net::SocketAddr>().expect_err("it is none").into()),
        // Without a word from the panic hook: it is no mistake of this program.
        "panic" => std::panic::resume_unwind(Box::new("as it was told")),
        status => {
            let status = StatusCode::from_bytes(status.as_bytes()).unwrap_or(StatusCode::NOT_FOUND);
            Ok((status, end.reason).into_response())
        }
    }
}
