//! A conversation, as a visitor or an agent takes part in it.

use ignitia::{prelude::*, rooms::Resume};

use crate::{
    app::{App, now},
    desk_error::DeskError,
    login::Caller,
    messages::{Ask, Person, Tell},
    post_records::Draft,
};

/// Connection of a participant.
pub(crate) struct Conversation {
    app: App,
    number: i64,
    caller: Caller,
    room: Membership<Tell, Person>,
    resume: Resume,
}

#[websocket("/conversations/<conversation>", message = Ask, reply = Tell, id = "id")]
impl Conversation {
    /// Checks the access, before the upgrade: a refusal is a 401, 403 or 404.
    async fn accept(
        conversation: i64,
        caller: Caller,
        State(app): State<App>,
        resume: Resume,
    ) -> Result<Self, DeskError> {
        caller.check_access(conversation)?;
        if !app.store.has_conversation(conversation).await? {
            return Err(DeskError::NotFound);
        }
        let room = app.conversations.reserve(conversation.to_string());
        Ok(Self { app, number: conversation, caller, room, resume })
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<(), DeskError> {
        // The connection ends with the login: the page gets 3000, "expired".
        ws.expires_at(self.caller.expires_at);
        let resume = std::mem::take(&mut self.resume);
        self.room.resume_keyed(ws, self.caller.key(), self.caller.person(), resume).await?;
        // A logout between `accept` and here closed the members of the rooms, and not this one.
        if self.app.store.session(self.caller.token_hash.clone(), now()).await?.is_none() {
            ws.close(Some(CloseFrame { code: 3000, reason: "logged out".into() })).await?;
        }
        Ok(())
    }

    #[on(Say { key, text })]
    async fn say(&mut self, key: String, text: String) -> Result<Tell, DeskError> {
        if !(1..=64).contains(&key.len()) {
            return Err(DeskError::BadInput("a key has 1 to 64 bytes"));
        }
        if !(1..=2_000).contains(&text.chars().count()) {
            return Err(DeskError::BadInput("a message has 1 to 2000 characters"));
        }
        let draft = Draft {
            conversation: self.number,
            author_key: self.caller.key(),
            author: self.caller.person(),
            key,
            text,
            file: None,
            at: now(),
        };
        Ok(Tell::Stored { post: self.app.post(draft).await? })
    }

    #[on(Typing)]
    async fn typing(&mut self) -> Result<(), DeskError> {
        self.room.broadcast_to_others(&Tell::Typing { person: self.caller.person() })?;
        Ok(())
    }

    #[on(Older { before })]
    async fn older(&mut self, before: Option<i64>) -> Result<Tell, DeskError> {
        let (posts, more) = self.app.store.posts(self.number, before).await?;
        Ok(Tell::Page { posts, more })
    }
}
