use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::Arc,
};

#[cfg(doc)]
use super::config::Seats;
use super::{
    broadcast_options::BroadcastOptions,
    config::RoomConfig,
    delivered::Delivered,
    live_room::{MulticastTarget, multicast},
    member::MemberId,
    member_key::MemberKey,
    membership::Membership,
    registry::RoomRegistry,
    room::Room,
    room_message::{EncodedMessage, RoomMessage},
    watch_all::WatchAll,
};
use crate::{
    close::CloseFrame,
    connection::{WebSocketConnection, check_close},
    error::Result,
};

/// Rooms of an application, by name, in memory. `T` is the type of their messages, `P` the
/// application's data about a member (its presence).
///
/// It is a handle: clones are cheap and share the rooms. As a part of a router's state it is an
/// extractor. A room is created by the first member that joins, and removed with the last one that
/// leaves, unless it has a [`History`](super::History) or is watched.
///
/// # Half-open connections and frozen pages
///
/// A connection that broke silently (a half-open connection) is a member until its keepalive
/// notices. With one seat for each user ([`join_keyed`](Self::join_keyed), [`Seats::Replace`]) it
/// is replaced as soon as the user is back.
///
/// Keepalive cannot notice a page that the user left but the browser kept. Chromium (156) puts such
/// a page, frozen, into its back/forward cache with its WebSocket open; the browser itself answers
/// every ping and accepts every message for ten minutes, so the user is listed as present, and is
/// not. (Firefox 153 and WebKitGTK 2.50 close the WebSocket when the page is left.) Pages should
/// close their socket in `pagehide`, and connect again in a `pageshow` whose event is `persisted`:
///
/// ```js
/// addEventListener("pagehide", () => socket.close(1000));
/// addEventListener("pageshow", event => { if (event.persisted) connect(); });
/// ```
///
/// # Example
///
/// ```
/// use ignitia::prelude::*;
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
///         let joined = ServerMsg::Joined { name: self.name.clone(), members: self.room.len() };
///         self.room.broadcast(&joined)?;
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
    pub(super) registry: Arc<RoomRegistry<P>>,
    pub(super) config: ConfigByName<T>,
    /// True if messages are sent as they are on connections with compression, too.
    pub(super) is_uncompressed: bool,
}

/// Configuration of a room, by its name.
pub(super) type ConfigByName<T> = Arc<dyn Fn(&str) -> Arc<RoomConfig<T>> + Send + Sync>;

impl<T, P> Rooms<T, P>
where
    T: 'static,
    P: Send + Sync + 'static,
{
    /// Creates rooms with the default configuration.
    pub fn new() -> Self {
        Self::with_config(RoomConfig::default())
    }

    /// Creates rooms that all have this configuration.
    pub fn with_config(config: RoomConfig<T>) -> Self {
        let config = Arc::new(config);
        Self::with_configs(Arc::new(move |_| config.clone()))
    }

    /// Creates rooms whose configuration depends on their name.
    pub fn with_config_by_name(config: impl Fn(&str) -> RoomConfig<T> + Send + Sync + 'static) -> Self {
        Self::with_configs(Arc::new(move |name| Arc::new(config(name))))
    }

    fn with_configs(config: ConfigByName<T>) -> Self {
        Self { registry: RoomRegistry::new(), config, is_uncompressed: false }
    }
}

impl<T, P> Rooms<T, P>
where
    P: Send + Sync + 'static,
{
    /// Adds a connection to a room, which is created if it does not exist.
    ///
    /// Each call makes a new membership: a connection that joins twice is a member twice, receives
    /// everything twice, and stays when one of the two leaves. Parts of a program that do not know
    /// of each other, and must not have that, join with a [key](Self::join_keyed).
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

    /// Adds a connection to a room, with the application's data about the member.
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

    /// Adds a connection to a room, with a key: the member's identity in the application, the same
    /// on all its connections. [`RoomConfig::seats`] says how many members with one key a room may
    /// have.
    ///
    /// ```
    /// use ignitia::{prelude::*, rooms::{RoomConfig, Seats}};
    ///
    /// /// One seat for each user: a second tab takes over from the first.
    /// fn rooms() -> Rooms<Message> {
    ///     let taken_over =
    ///         CloseFrame { code: 4001, reason: "you are here from elsewhere".into() };
    ///     let seats = Seats::Replace(taken_over);
    ///     Rooms::with_config(RoomConfig::default().seats(seats))
    /// }
    ///
    /// async fn play(
    ///     rooms: Rooms<Message>,
    ///     user: u64,
    ///     mut ws: WebSocketConnection,
    /// ) -> Result<Response> {
    ///     let _seat = rooms.join_keyed("lobby", &ws, user, ())?;
    ///     rooms.send_to_key(user, &"on all your screens".into())?;
    ///     while ws.recv().await.is_some() {}
    ///     Ok(Response::ok())
    /// }
    /// # let _ = (rooms, play);
    /// ```
    ///
    /// # Errors
    ///
    /// As [`join`](Self::join), and [`Error::is_taken`](crate::Error::is_taken) if another member
    /// has the key's only seat and is not to be replaced. Nothing is sent in that case.
    pub fn join_keyed(
        &self,
        name: impl Into<Arc<str>>,
        ws: &WebSocketConnection,
        key: impl Into<MemberKey>,
        presence: P,
    ) -> Result<Membership<T, P>> {
        let mut membership = self.reserve(name);
        membership.enter_keyed(ws, key, presence)?;
        Ok(membership)
    }

    /// Sends a message to all connections with this key in any room, once to each; no history keeps
    /// it. A connection in several rooms receives it through one of the first of them: in order
    /// with that room's broadcasts, and by that room's configuration.
    ///
    /// # Errors
    ///
    /// As [`Room::broadcast`].
    pub fn send_to_key(&self, key: impl Into<MemberKey>, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        let encoded = EncodedMessage::of(message, self.is_uncompressed)?;
        if let Some(engine) = self.registry.engine() {
            return engine.send_to_key(&key.into(), encoded);
        }
        let mut delivered = Delivered::default();
        let mut served = HashSet::new();
        for (member, holder) in self.registry.key_holders(&key.into()) {
            if let Some(live_room) = holder.room.upgrade().filter(|_| !served.contains(&holder.connection)) {
                let overflow =
                    self.config_of(live_room.name()).overflow_action(message, || self.registry.hash_seed());
                let one = live_room.send_to(MemberId(member), &encoded, overflow);
                // The member may have left this room meanwhile, and be in another.
                if one != Delivered::default() {
                    served.insert(holder.connection);
                    delivered.add(one);
                }
            }
        }
        Ok(delivered)
    }

    /// Closes all connections with this key in any room, as [`Room::close`] does: for a user who is
    /// logged out or banned. Returns their number; on an engine 0, because it is not known yet.
    ///
    /// # Errors
    ///
    /// As [`Room::close`].
    pub fn close_key(&self, key: impl Into<MemberKey>, frame: &CloseFrame) -> Result<usize> {
        check_close(frame)?;
        if let Some(engine) = self.registry.engine() {
            return engine.close_key(&key.into(), frame.clone()).map(|()| 0);
        }
        // The filter closes: a connection that is closed has left its other rooms, too, and counts
        // once.
        let closed = self.registry.key_holders(&key.into()).into_iter().filter(|(member, holder)| {
            holder.room.upgrade().is_some_and(|live_room| live_room.close(MemberId(*member), frame.clone()))
        });
        Ok(closed.count())
    }

    /// Sends a message to all members of several rooms at once. A connection in more than one of
    /// them receives it once, as a member of the room whose name is first in alphabetical order.
    ///
    /// The message takes its place in the order of all these rooms at one moment: each room still
    /// has one order, the same for all its members, and every earlier broadcast to any of these
    /// rooms comes before it. Each room with a history remembers it, with a position of its own.
    /// The position in `$at` is that of the room through which it came: a client that returns to
    /// another of the rooms receives it there once more, unless it shows a later position.
    ///
    /// # Errors
    ///
    /// As [`Room::broadcast`].
    pub fn broadcast_to<N>(&self, names: impl IntoIterator<Item = N>, message: &T) -> Result<Delivered>
    where
        N: Into<Arc<str>>,
        T: RoomMessage,
    {
        let rooms: BTreeMap<Arc<str>, Arc<RoomConfig<T>>> = names
            .into_iter()
            .map(|name| {
                let name = name.into();
                let config = self.config_of(&name);
                (name, config)
            })
            .collect();
        let encoded = EncodedMessage::of(message, self.is_uncompressed)?;
        let remembered = |config: &RoomConfig<T>| config.history.filter(|_| !message.is_transient());
        if !T::IS_JSON && rooms.values().any(|config| remembered(config).is_some()) {
            encoded.check_object()?;
        }
        if let Some(engine) = self.registry.engine() {
            let targets = rooms.iter().map(|(name, config)| {
                let overflow = config.overflow_action(message, || self.registry.hash_seed());
                let is_remembered = remembered(config).is_some();
                (name.clone(), BroadcastOptions { overflow, except: None, is_remembered }, config.settings())
            });
            return engine.broadcast_to(targets.collect(), encoded);
        }
        loop {
            let targets = rooms.iter().filter_map(|(name, config)| {
                let history = remembered(config);
                let live_room = match history {
                    Some(_) => self.registry.open(name, &config.settings()),
                    None => self.registry.find(name)?,
                };
                Some(MulticastTarget {
                    live_room,
                    overflow: config.overflow_action(message, || self.registry.hash_seed()),
                    is_remembered: history.is_some(),
                })
            });
            let targets: Vec<_> = targets.collect();
            let delivered = multicast(&targets, &encoded);
            // Some rooms may be empty, and remember more than before.
            for target in targets.iter().filter(|target| target.is_remembered) {
                self.registry.update_retention(&target.live_room);
            }
            // If a room was removed meanwhile, all of them are looked up again.
            if let Some(delivered) = delivered {
                return delivered;
            }
        }
    }

    /// Watches the members of all rooms, including rooms that do not exist yet.
    pub fn watch_all(&self) -> WatchAll<P> {
        self.registry.watch_all()
    }

    /// Creates a membership without a connection: a session makes it in `accept`, and enters in
    /// `on_open`.
    pub fn reserve(&self, name: impl Into<Arc<str>>) -> Membership<T, P> {
        Membership::new(self.room(name))
    }

    /// Returns a handle of a room, which need not exist.
    pub fn room(&self, name: impl Into<Arc<str>>) -> Room<T, P> {
        let name = name.into();
        let config = self.config_of(&name);
        let room = Room::new(self.registry.clone(), name, config);
        if self.is_uncompressed { room.uncompressed() } else { room }
    }

    /// Returns a handle of the same rooms whose messages are sent as they are: see
    /// [`Room::uncompressed`].
    #[must_use]
    pub fn uncompressed(&self) -> Self {
        Self { is_uncompressed: true, ..self.clone() }
    }

    /// Returns the names of the existing rooms; on an engine, of those that this node has members
    /// in, or watches.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.registry.names()
    }

    /// Returns the number of rooms, as [`names`](Self::names) has them.
    pub fn len(&self) -> usize {
        self.registry.len()
    }

    /// Returns true if [`names`](Self::names) has none.
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
        let Self { registry, config, is_uncompressed } = self;
        Self { registry: registry.clone(), config: config.clone(), is_uncompressed: *is_uncompressed }
    }
}

impl<T, P> fmt::Debug for Rooms<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").finish_non_exhaustive()
    }
}
