//! The agents' list of conversations, and the task that keeps all lists up to date.

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{RoomEvent, RoomsEvent},
};

use crate::{
    app::{App, now},
    desk_error::DeskError,
    login::Caller,
    messages::{DeskAsk, DeskTell, Person, Tell},
};

/// Name of the one room of the agents.
const DESK: &str = "desk";

/// Shortest time between two lists.
const PAUSE: Duration = Duration::from_millis(100);

/// Connection of an agent's list.
pub(crate) struct Overview {
    app: App,
    caller: Caller,
    room: Membership<DeskTell, Person>,
}

#[websocket("/overview", message = DeskAsk, reply = DeskTell, id = "id")]
impl Overview {
    async fn accept(caller: Caller, State(app): State<App>) -> Result<Self, DeskError> {
        caller.check_agent()?;
        let room = app.desk.reserve(DESK);
        Ok(Self { app, caller, room })
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<(), DeskError> {
        ws.expires_at(self.caller.expires_at);
        // `announce` sees the new member, and sends it the list.
        self.room.enter_keyed(ws, self.caller.key(), self.caller.person())?;
        if self.app.store.session(self.caller.token_hash.clone(), now()).await?.is_none() {
            ws.close(Some(CloseFrame { code: 3000, reason: "logged out".into() })).await?;
        }
        Ok(())
    }

    #[on(Resolve { conversation })]
    async fn resolve(&mut self, conversation: i64) -> Result<(), DeskError> {
        if self.app.store.resolve(conversation).await? {
            let by = self.caller.person().name;
            self.app.conversations.room(conversation.to_string()).broadcast(&Tell::Resolved { by })?;
            self.app.changed.notify_one();
        }
        Ok(())
    }
}

/// Tells each conversation who is present, and the agents which conversations are open, after each
/// change. One task does so for all: lists that several tasks make could overtake each other.
pub(crate) async fn announce(app: App) {
    tokio::join!(announce_presence(&app), announce_overview(&app));
}

async fn announce_presence(app: &App) {
    let mut participants = app.conversations.watch_all();
    while let Some(event) = participants.recv().await {
        let rooms = match event {
            RoomsEvent::In(room, RoomEvent::Joined(_) | RoomEvent::Left(_)) => vec![room],
            RoomsEvent::Missed(_) => app.conversations.names(),
            _ => continue,
        };
        for room in rooms {
            let room = app.conversations.room(room);
            log_failure(room.broadcast(&Tell::Present { people: present(room.present()) }));
        }
        app.changed.notify_one();
    }
}

async fn announce_overview(app: &App) {
    let mut agents = app.desk.watch_all();
    loop {
        tokio::select! {
            event = agents.recv() => if event.is_none() {
                return; // no handle of the rooms is left
            },
            () = app.changed.notified() => {}
        }
        log_failure(send_overview(app).await);
        // Changes meanwhile are in the next list.
        tokio::time::sleep(PAUSE).await;
    }
}

async fn send_overview(app: &App) -> Result<(), DeskError> {
    let mut conversations = app.store.open_conversations().await?;
    for summary in &mut conversations {
        summary.present = present(app.conversations.room(summary.conversation.to_string()).present());
    }
    let desk = app.desk.room(DESK);
    let agents = desk.present().iter().map(|agent| agent.presence.name.clone()).collect();
    desk.broadcast(&DeskTell::Overview { conversations, agents })?;
    Ok(())
}

fn present(members: Vec<ignitia::rooms::Member<Person>>) -> Vec<Person> {
    members.iter().map(|member| Person::clone(&member.presence)).collect()
}

fn log_failure<T, E: std::fmt::Display>(result: Result<T, E>) {
    if let Err(error) = result {
        tracing::error!(%error, "a list was not sent");
    }
}
