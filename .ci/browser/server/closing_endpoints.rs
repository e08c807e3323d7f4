//! Endpoints that refuse or close the connection.

use ignitia::prelude::*;
use serde::Deserialize;

use super::event_log::LoggedConnection;

/// Query of these endpoints.
#[derive(Deserialize)]
pub(super) struct CloseQuery {
    code: Option<u16>,
    #[serde(default)]
    reason: String,
    /// Number of texts before the close.
    #[serde(default)]
    say: usize,
}

impl CloseQuery {
    fn frame(self) -> Option<CloseFrame> {
        self.code.map(|code| CloseFrame { code, reason: self.reason })
    }
}

/// Closes with `WebSocketConnection::close`, with the code and reason of the query.
pub(super) async fn close(
    logged: LoggedConnection,
    Query(end): Query<CloseQuery>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    logged.follow(&ws);
    ws.close(end.frame()).await?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Closes with the returned outcome, once the connection is open.
pub(super) async fn outcome(
    logged: LoggedConnection,
    Path(how): Path<String>,
    Query(end): Query<CloseQuery>,
    ws: WebSocketConnection,
) -> Result<Response> {
    logged.follow(&ws);
    ws.accept().await?;
    for number in 0..end.say {
        ws.send_text(format!("unasked {number}")).await?;
    }
    end_as(&how, end)
}

/// Refuses with the same outcomes, before the connection is open.
pub(super) async fn refuse(
    logged: LoggedConnection,
    Path(how): Path<String>,
    Query(end): Query<CloseQuery>,
    ws: WebSocketConnection,
) -> Result<Response> {
    logged.follow(&ws);
    end_as(&how, end)
}

fn end_as(how: &str, end: CloseQuery) -> Result<Response> {
    match how {
        "text" => Ok(Response::text("all done")),
        "json" => Ok(Json(json!({ "all": "done" })).into_response()),
        "frame" => Ok(end.frame().map_or_else(Response::ok, IntoResponse::into_response)),
        "error" => Err("no address".parse::<std::net::SocketAddr>().expect_err("it is none").into()),
        // An intended panic, without a message of the panic hook.
        "panic" => std::panic::resume_unwind(Box::new("an intended panic")),
        status => {
            let status = StatusCode::from_bytes(status.as_bytes()).unwrap_or(StatusCode::NOT_FOUND);
            Ok((status, end.reason).into_response())
        }
    }
}
