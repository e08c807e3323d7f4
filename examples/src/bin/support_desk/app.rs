//! The state that all routes share.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ignitia::{
    Rooms,
    rooms::{History, RoomConfig},
};
use tokio::sync::Notify;

use crate::{
    desk_error::DeskError,
    messages::{DeskTell, Person, Post, Tell},
    post_records::Draft,
    store::Store,
};

/// State of the application.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Store,
    /// A room for each conversation. Its history is for clients whose connection was lost for a
    /// moment; everything older is in the database.
    pub(crate) conversations: Rooms<Tell, Person>,
    /// One room, of the agents who have their list of conversations open.
    pub(crate) desk: Rooms<DeskTell, Person>,
    /// Wakes the task that sends the list.
    pub(crate) changed: Arc<Notify>,
    /// Lifetime of a login.
    pub(crate) session_time: Duration,
}

impl App {
    pub(crate) fn new(store: Store, session_time: Duration) -> Self {
        let config = RoomConfig::default().history(History::default());
        Self {
            store,
            conversations: Rooms::with_config(config),
            desk: Rooms::new(),
            changed: Arc::default(),
            session_time,
        }
    }

    /// Stores a post, then delivers it: a client that reads the database behind the delivery finds
    /// it there. One that is sent again is delivered again, because the first delivery may have
    /// been cut short; pages ignore a number that they know.
    pub(crate) async fn post(&self, draft: Draft) -> Result<i64, DeskError> {
        let room = draft.conversation.to_string();
        let post = self.store.add_post(draft).await?;
        let Post { id, .. } = post;
        self.conversations.room(room).broadcast(&Tell::Said { post })?;
        self.changed.notify_one();
        Ok(id)
    }
}

/// Returns the time in milliseconds, as JavaScript has it.
pub(crate) fn now() -> i64 {
    millis(SystemTime::now())
}

/// Returns a time in milliseconds.
pub(crate) fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
