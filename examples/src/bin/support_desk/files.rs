//! Files of conversations, over HTTP: a page sees the progress, and a proxy their size.

use axum::{
    body::Bytes,
    extract::DefaultBodyLimit,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    routing::post,
};
use ignitia::prelude::*;
use serde::Deserialize;

use crate::{
    app::{App, now},
    desk_error::DeskError,
    login::Caller,
    post_records::Draft,
};

/// Most bytes of a file. More is answered with 413.
const MAX_FILE: usize = 4 << 20;

pub(crate) fn routes(router: Router<App>) -> Router<App> {
    router
        .route("/conversations/{conversation}/files", post(upload).layer(DefaultBodyLimit::max(MAX_FILE)))
        .get("/files/{file}", download)
}

#[derive(Deserialize)]
struct FileQuery {
    name: String,
    /// Made up by the page, as that of a message.
    key: String,
}

/// Stores a file as a post of its own. The body is the file.
async fn upload(
    caller: Caller,
    State(app): State<App>,
    Path(conversation): Path<i64>,
    Query(FileQuery { name, key }): Query<FileQuery>,
    content: Bytes,
) -> Result<StatusCode, DeskError> {
    caller.check_access(conversation)?;
    if !app.store.has_conversation(conversation).await? {
        return Err(DeskError::NotFound);
    }
    // The name is for people, and no path.
    let name: String = name.chars().filter(|char| !char.is_control()).take(100).collect();
    if name.is_empty() || content.is_empty() || !(1..=64).contains(&key.len()) {
        return Err(DeskError::BadInput("a file has a name, a content, and a key of 1 to 64 bytes"));
    }
    let draft = Draft {
        conversation,
        author_key: caller.key(),
        author: caller.person(),
        key,
        text: name.clone(),
        file: Some((name, content)),
        at: now(),
    };
    app.post(draft).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn download(
    caller: Caller,
    State(app): State<App>,
    Path(file): Path<i64>,
) -> Result<Response, DeskError> {
    let (conversation, content) = app.store.file(file).await?.ok_or(DeskError::NotFound)?;
    caller.check_access(conversation)?;
    // A browser saves it, whatever is in it: shown here, its scripts would be ours.
    let headers = [
        (CONTENT_TYPE, "application/octet-stream"),
        (CONTENT_DISPOSITION, "attachment"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, content).into_response())
}
