//! Rooms: broadcasts that are encoded once, reach everybody in the same order, and wait for nobody.

mod config;
mod engine;
mod events;
mod history;
mod membership;
mod outgoing;
mod place;
mod position;
mod room;
mod watch;

use std::{convert::Infallible, fmt, sync::Arc};

use axum::extract::FromRef;
use axum_core::extract::FromRequestParts;
use http::request::Parts;

use self::engine::Engine;
pub use self::{
    config::{Key, Overflow, RoomConfig},
    events::{Member, MemberId, RoomEvent},
    history::{History, Resumed},
    membership::Membership,
    outgoing::Outgoing,
    place::Delivered,
    position::{NoPosition, Position},
    room::Room,
    watch::Watch,
};
use crate::{connection::WebSocketConnection, error::Result};

/// The rooms of an application, by name, in memory: `T` is what they send, `P` what the application says about a member.
///
/// It is a handle: clones are cheap, and share the rooms. As a part of a router's state it is an extractor. A room is made
/// by the first who joins, and is gone with the last who leaves.
///
/// ```
/// use ignitia::{prelude::*, websocket::CloseCause};
///
/// #[derive(serde::Deserialize, ClientMessage)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum ClientMsg {
///     Say { text: String },
/// }
///
/// #[derive(serde::Serialize, ServerMessage)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum ServerMsg {
///     Joined { name: String, members: usize },
///     Said { name: String, text: String },
///     Left { name: String },
/// }
///
/// struct Chat {
///     name: String,
///     room: Membership<ServerMsg>,
/// }
///
/// #[websocket("/rooms/<room>/<name>", message = ClientMsg, reply = ServerMsg)]
/// impl Chat {
///     async fn accept(room: String, name: String, rooms: Rooms<ServerMsg>) -> Self {
///         Self { name, room: rooms.reserve(room) }
///     }
///
///     async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
///         self.room.enter(ws)?;
///         self.room.broadcast(&ServerMsg::Joined { name: self.name.clone(), members: self.room.len() })?;
///         Ok(())
///     }
///
///     #[on(Say { text })]
///     async fn say(&mut self, text: String) -> Result<()> {
///         self.room.broadcast(&ServerMsg::Said { name: self.name.clone(), text })?;
///         Ok(())
///     }
///
///     // The connection has left the room already.
///     async fn on_close(self, _: CloseCause) {
///         let _ = self.room.broadcast(&ServerMsg::Left { name: self.name });
///     }
/// }
///
/// let router = Router::new().state(Rooms::<ServerMsg>::new()).mount_session::<Chat>();
/// # let _ = router;
/// ```
pub struct Rooms<T, P = ()> {
    engine: Arc<Engine<P>>,
    config: Rules<T>,
}

/// The rules of a room, by its name.
type Rules<T> = Arc<dyn Fn(&str) -> Arc<RoomConfig<T>> + Send + Sync>;

impl<T, P> Rooms<T, P>
where
    T: 'static,
    P: Send + Sync + 'static,
{
    /// Rooms with the default rules.
    pub fn new() -> Self {
        Self::with_config(RoomConfig::default())
    }

    /// Rooms that all have these rules.
    pub fn with_config(config: RoomConfig<T>) -> Self {
        let config = Arc::new(config);
        Self { engine: Engine::new(), config: Arc::new(move |_| config.clone()) }
    }

    /// Rooms that have their rules by their name.
    pub fn with_config_by_name(config: impl Fn(&str) -> RoomConfig<T> + Send + Sync + 'static) -> Self {
        Self { engine: Engine::new(), config: Arc::new(move |name| Arc::new(config(name))) }
    }
}

impl<T, P> Rooms<T, P>
where
    P: Send + Sync + 'static,
{
    /// Puts a connection into a room, which is made if need be.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`](crate::Error::is_closed) if the connection has ended or is closing.
    pub fn join(&self, name: impl Into<Arc<str>>, ws: &WebSocketConnection) -> Result<Membership<T, P>>
    where
        P: Default,
    {
        self.join_as(name, ws, P::default())
    }

    /// The same, with what the application says about the member.
    ///
    /// # Errors
    ///
    /// As [`join`](Self::join).
    pub fn join_as(
        &self,
        name: impl Into<Arc<str>>,
        ws: &WebSocketConnection,
        presence: P,
    ) -> Result<Membership<T, P>> {
        let mut membership = self.reserve(name);
        membership.enter_as(ws, presence)?;
        Ok(membership)
    }

    /// A membership for a connection that is still to come: a session makes it in `accept`, and enters in `on_open`.
    pub fn reserve(&self, name: impl Into<Arc<str>>) -> Membership<T, P> {
        Membership::new(self.clone(), name.into())
    }

    /// A room, whether anybody is in it or not.
    pub fn room(&self, name: impl Into<Arc<str>>) -> Room<T, P> {
        Room::new(self.clone(), name.into())
    }

    /// The names of the rooms that there are.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.engine.names()
    }

    /// How many rooms there are.
    pub fn len(&self) -> usize {
        self.engine.len()
    }

    /// Whether there is no room.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn config_of(&self, name: &str) -> Arc<RoomConfig<T>> {
        (self.config)(name)
    }
}

impl<T: 'static, P: Send + Sync + 'static> Default for Rooms<T, P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, P> Clone for Rooms<T, P> {
    fn clone(&self) -> Self {
        Self { engine: self.engine.clone(), config: self.config.clone() }
    }
}

impl<T, P> fmt::Debug for Rooms<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}

impl<S, T, P> FromRequestParts<S> for Rooms<T, P>
where
    Self: FromRef<S>,
    S: Sync,
    T: 'static,
    P: Send + Sync + 'static,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::from_ref(state))
    }
}
