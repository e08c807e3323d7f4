//! Notices to all conversations, over HTTP.

use ignitia::prelude::*;
use serde::Deserialize;

use crate::{app::App, desk_error::DeskError, login::Caller, messages::Tell};

#[derive(Deserialize)]
pub(crate) struct NoticeText {
    text: String,
}

/// Sends a notice to all participants who are there, and to those who come back in the next
/// minutes. An administrator may, from a page or a script.
pub(crate) async fn broadcast(
    caller: Caller,
    State(app): State<App>,
    Json(NoticeText { text }): Json<NoticeText>,
) -> Result<Json<usize>, DeskError> {
    caller.check_admin()?;
    if !(1..=500).contains(&text.chars().count()) {
        return Err(DeskError::BadInput("a notice has 1 to 500 characters"));
    }
    let notice = Tell::Notice { by: caller.person().name, text };
    let delivered = app.conversations.broadcast_to(app.conversations.names(), &notice)?;
    Ok(Json(delivered.queued))
}
