//! Engine for rooms on several machines, on Redis or Valkey (feature `redis`).
//!
//! Without an engine, rooms end at the process. With one, the members of a room may be connected to
//! any process of the application (a node): a broadcast reaches all of them, in one order, a client
//! resumes on any node, and every node knows all members. Three lines change:
//!
//! ```no_run
//! use ignitia::{engine::{EngineConfig, RedisEngine}, prelude::*};
//! # #[derive(serde::Serialize, ServerMessage)]
//! # #[serde(tag = "type")]
//! # enum ServerMsg { Said { text: String } }
//!
//! # async fn run() -> Result<()> {
//! let config = EngineConfig::new("my-app");
//! let engine = RedisEngine::connect("redis://127.0.0.1:6379", config).await?;
//! let rooms = Rooms::<ServerMsg>::new().on(&engine, "chat")?;
//! # let router = Router::new().state(rooms);
//! // ..
//! Server::new(router, "0.0.0.0:3000".parse()?).ignitia().await?;
//! engine.close().await // The members of this node leave at once.
//! # }
//! ```
//!
//! # Semantics
//!
//! - **Order.** The server gives each message its place. All members on all nodes receive a room's
//!   messages in that order; members on the sender's node, too, wait until the message has come
//!   back. [`Room::broadcast`](crate::Room::broadcast) only hands the message on
//!   ([`handed_on`](crate::rooms::Delivered::handed_on));
//!   [`Room::publish`](crate::Room::publish) waits until the server has it.
//! - **Histories.** A client that returns to a room with a history gets exactly what it missed, on
//!   any node, or is told that it is lost. After an outage a node reads what it missed, and its
//!   members notice nothing. If the server has lost messages (a failover to a replica that was
//!   behind, a restart from an old snapshot), the rooms concerned begin a new life: members are
//!   told by [`Overflow`](crate::rooms::Overflow), and clients that return get `"lost":true`.
//! - **Rooms without a history** are at-most-once across an outage. The number of missed messages
//!   is known, and told in the same way: `Overflow::Close` closes with 1013, the others send
//!   `$lagged`. Transient messages, and messages to one member, in rooms with a history are
//!   at-most-once, too; their loss is counted in a metric, and told to no member.
//! - **Presence.** Every node knows the members of the rooms that have members or watches there. A
//!   node that is killed is gone for the others after the [`lease`](EngineConfig::lease) and a few
//!   heartbeats, 12 seconds by default; its members leave with one event each. A node that was only
//!   frozen joins its members again. After [`RedisEngine::close`] they are gone at once.
//! - **A new room on a node** is subscribed when its first member joins. A broadcast of this node
//!   waits for that. One of another node that is made in this moment, a millisecond on a local
//!   network, may precede the join. If the room has a history,
//!   [`Membership::resume`](crate::Membership::resume) waits until it is heard.
//! - **Outages.** While the engine is away, broadcasts are queued or fail, by
//!   [`Outage`] of the room. Joins and leaves go on. [`RedisEngine::watch_status`] and
//!   [`RedisEngine::readyz`] tell.
//!
//! # The server
//!
//! Redis 6.2 or later, or Valkey: one primary, with or without replicas and Sentinel. A cluster is
//! refused at the start. A node has two connections, one for commands and one to listen. It has one
//! batch of up to 256 messages on its way, so nothing can overtake, and repeats a batch whose
//! outcome it does not know; the server knows the number of the last one, and does it once.
//!
//! All keys begin with `ig1:` and the name of the application. For a room they are:
//!
//! | key | type | content |
//! |---|---|---|
//! | `ig1:app:rooms:room:m` | hash | its place: life, numbers of messages and changes of members |
//! | `ig1:app:rooms:room:s` | stream | its history, if it has one |
//! | `ig1:app:rooms:room:w` | set | nodes that have members |
//! | `ig1:app:rooms:room:w:lease` | hash | the members of one node |
//! | `ig1:app:rooms:room:c` | channel | on which nodes hear it |
//!
//! Beside them: `!leases` (a sorted set of the nodes), `!rooms:lease` (the rooms with members of a
//! node), `!batch:node` (the outcome of its last batch), `!heartbeat:node` (a channel) and `!seed`.
//! Characters other than letters, digits and `-_.` in names are percent-encoded. What belongs to a
//! room expires an hour or two after it was last used, or after twice the age of its history.
//!
//! **Rights.** A user of the access control list needs no more than:
//!
//! ```text
//! ACL SETUSER chat on >password resetkeys ~ig1:my-app:* resetchannels &ig1:my-app:* -@all
//!   +evalsha +script|load +subscribe +unsubscribe +publish +role +del +exists +get +hdel +hgetall
//!   +hget +hmget +hset +pexpire +pttl +sadd +set +smembers +spop +srem +time +xadd +xrange
//!   +xrevrange +xtrim +zadd +zrange +zrangebyscore +zrem +zscore
//! ```
//!
//! [`RedisEngine::connect`] does everything once, so a missing right is an error at the start.
//! [`EngineConfig::credentials`] is asked for each new connection: a password may be rotated.
//!
//! **Memory.** A room takes a few hundred bytes on the server, with a history some 5 KB from the
//! first message on and what its messages take; see [`History`](crate::rooms::History) for their
//! limits. Set `maxmemory-policy noeviction`: with another policy the server may drop histories and
//! members, which is told like any loss. At the limit the server refuses to write: broadcasts are
//! errors ([`EngineStatus::Refusing`]) until there is room.
//!
//! **Persistence.** What can be lost depends on the server's settings. `appendonly yes` with
//! `appendfsync always` loses nothing in a crash, with `everysec` (the default) up to a second, and
//! snapshots alone lose what came after the last one. A failover loses what the replica did not
//! have yet; `min-replicas-to-write 1` bounds that from Redis 7 on (before, scripts are not held to
//! it). All of it is told to the members and clients concerned, except what only a node knew that
//! has died as well.
//!
//! **Slow nodes.** A node always reads. Should the server close its listening connection all the
//! same (`client-output-buffer-limit pubsub`), it connects again and reads what it missed.
//!
//! # Upgrades
//!
//! Keys, scripts and packets have a version in their names. Nodes of two releases with the same
//! version work together: a node skips what it does not know, and tells its members that messages
//! are missing. A presence that the other release cannot read leaves its member out of the lists
//! there; give new fields of it a `#[serde(default)]`.
//!
//! # The choice of the client
//!
//! The crate `redis` is used for its two plain connections; connecting again, deadlines and
//! subscriptions are Ignitia's own. Of the clients that do so by themselves (`ConnectionManager` of
//! redis 1.8.1, fred 10.1.0, rustis 0.27.2), each went deaf after one of the faults that were
//! tried: a server that was away for 20 seconds, a connection whose peer is gone without a word, or
//! credentials that were wrong for a while. So a node publishes a heartbeat on one connection and
//! listens to it on the other: if it does not hear itself within
//! [`patience`](EngineConfig::patience), both are made anew.

mod batch;
mod config;
mod dial;
mod engine_core;
mod fault;
mod feed;
mod feed_receiver;
mod history_limits;
mod item;
mod keys;
mod lease;
mod local_presence;
mod look;
mod metrics;
mod node;
mod op;
mod op_queue;
mod outage;
mod place;
mod probe;
mod reads;
mod redis_engine;
mod rooms_link;
mod scripts;
mod servers;
mod session;
mod supervisor;
mod wire;

pub use self::{
    config::{Credentials, CredentialsSource, EngineConfig},
    engine_core::EngineStatus,
    outage::Outage,
    redis_engine::RedisEngine,
    servers::RedisServers,
};
pub(crate) use self::{
    feed_receiver::{FeedEvent, FeedReceiver, Missed},
    history_limits::HistoryLimits,
    item::{Item, PublishedMessage, StoredMember},
    op::{RememberedMessage, Since},
    place::Place,
    rooms_link::{PublishOptions, RoomsLink},
};
