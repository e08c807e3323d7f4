//! One connection to the server, from the subscription of all rooms to its end.

mod done;
mod finishing;
mod starting;

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use redis::{
    Msg,
    aio::{MultiplexedConnection, PubSubSink, PubSubStream},
};
use tokio::time::{Interval, MissedTickBehavior, interval};

use self::done::{Done, SentLook};
use super::{
    config::EngineConfig, dial::Connections, engine_core::EngineStatus, fault::EngineFault, feed::NextStep,
    keys::room_of_channel, look::Look, node::Node, wire::Packet,
};

/// Rooms of one SUBSCRIBE, and of one pipeline of look-ups.
const SUBSCRIBE_CHUNK: usize = 500;
const LOOK_CHUNK: usize = 200;
/// Most of these on their way at once.
const MAX_SUBSCRIBES: usize = 2;
const MAX_LOOKS: usize = 4;
/// Most messages that are handled in a row.
const MAX_IN_A_ROW: usize = 256;
/// Most times that many before a heartbeat.
const MAX_BEFORE_HEARTBEAT: usize = 16;
/// Time in which each room is looked up once, although nothing seems to be missing.
const CHECK_ROUND: Duration = Duration::from_secs(30);
const CHECKS_PER_ROUND: usize = 30;

/// One connection to the server.
pub(super) struct EngineSession<'a> {
    node: &'a mut Node,
    commands: MultiplexedConnection,
    subscriptions: PubSubSink,
    messages: PubSubStream,
    /// Work on its way.
    tasks: FuturesUnordered<BoxFuture<'static, Done>>,
    to_subscribe: VecDeque<Arc<str>>,
    to_unsubscribe: Vec<String>,
    subscribes: usize,
    to_look: VecDeque<Arc<str>>,
    looks: usize,
    /// Answers to look-ups that wait for what was on its way.
    unsettled: Vec<UnsettledLook>,
    /// Number of the last heartbeat that was heard.
    heard_beats: u64,
    /// Rooms whose look-up has failed.
    failed_looks: Vec<Arc<str>>,
    /// True while rooms are looked up one by one: one of them fails.
    looks_singly: bool,
    /// Last error of a command that the server could not do.
    last_rejection: Option<String>,
    /// Rooms of the first round that are not heard yet; `None` once all are. Nothing is published
    /// before: the store may have lost what this node has seen, and would use its numbers again.
    first_round: Option<usize>,
    is_publishing: bool,
    scripts: ScriptState,
    lease: LeaseState,
    /// True while the server refuses to write.
    is_refusing: bool,
    /// Time at which this node has last heard itself.
    heard: Instant,
    /// Time of the last heartbeat.
    last_beat: Instant,
    began: Instant,
    /// Time since which all rooms are heard.
    up_since: Option<Instant>,
    is_reaping: bool,
    /// Rooms that are still to be checked in this round.
    to_check: Vec<Arc<str>>,
}

/// Answer to a look-up that waits until a heartbeat is heard: then all has come that the look-up
/// has seen, for the heartbeat was published after it.
struct UnsettledLook {
    beat: u64,
    sent: SentLook,
    look: Look,
}

/// State of the scripts on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScriptState {
    Missing,
    Loading,
    Loaded,
}

/// State of the node's lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeaseState {
    Over,
    Registering,
    Held,
}

impl<'a> EngineSession<'a> {
    pub(super) fn new(node: &'a mut Node, connections: Connections) -> Self {
        let Connections { commands, subscriptions, messages } = connections;
        let rooms: VecDeque<_> = node.feeds.keys().cloned().collect();
        Self {
            first_round: Some(rooms.len()),
            node,
            commands,
            subscriptions,
            messages,
            tasks: FuturesUnordered::new(),
            to_subscribe: rooms,
            to_unsubscribe: Vec::new(),
            subscribes: 0,
            to_look: VecDeque::new(),
            looks: 0,
            unsettled: Vec::new(),
            heard_beats: 0,
            failed_looks: Vec::new(),
            looks_singly: false,
            last_rejection: None,
            is_publishing: false,
            scripts: ScriptState::Missing,
            lease: LeaseState::Held,
            is_refusing: false,
            heard: Instant::now(),
            last_beat: Instant::now(),
            began: Instant::now(),
            up_since: None,
            is_reaping: false,
            to_check: Vec::new(),
        }
    }

    /// Runs until the engine is closed, or until the connection is of no use any more.
    pub(super) async fn run(mut self) -> Result<(), EngineFault> {
        let config = self.node.core.config.clone();
        let mut heartbeat = ticks(config.heartbeat);
        let mut checks = ticks(CHECK_ROUND / CHECKS_PER_ROUND as u32);
        self.listen_to_itself();
        loop {
            self.settle_looks();
            self.start();
            // A server that refuses to write must not hold up the end.
            let queue = &self.node.core.queue;
            if queue.is_closed() && (self.node.is_flushed() || queue.is_closed_for(config.patience)) {
                return self.give_lease_back().await;
            }
            let core = self.node.core.clone();
            tokio::select! {
                biased;
                Some(done) = self.tasks.next(), if !self.tasks.is_empty() => self.finish(done)?,
                _ = heartbeat.tick() => self.check_heartbeat(&config)?,
                message = self.messages.next() => self.receive(message)?,
                _ = checks.tick(), if self.first_round.is_none() => self.check_rooms(),
                () = core.queue.wait() => {}
            }
        }
    }

    /// Checks that this node has heard itself, and beats again.
    fn check_heartbeat(&mut self, config: &EngineConfig) -> Result<(), EngineFault> {
        // What has come already counts.
        for _ in 0..MAX_BEFORE_HEARTBEAT {
            let Some(message) = self.messages.next().now_or_never() else { break };
            self.receive(message)?;
        }
        // A stall of this process is no silence of the server.
        if self.last_beat.elapsed() > 2 * config.heartbeat {
            self.heard = Instant::now();
        }
        self.last_beat = Instant::now();
        if self.heard.elapsed() > config.patience {
            return Err(EngineFault::silence("the heartbeat"));
        }
        self.beat();
        Ok(())
    }

    /// Handles a message, and those that are there already.
    fn receive(&mut self, message: Option<Msg>) -> Result<(), EngineFault> {
        let ended = || EngineFault::connection("the listening connection has ended");
        self.on_message(&message.ok_or_else(ended)?);
        for _ in 0..MAX_IN_A_ROW {
            match self.messages.next().now_or_never() {
                None => break,
                Some(message) => self.on_message(&message.ok_or_else(ended)?),
            }
        }
        Ok(())
    }

    fn on_message(&mut self, message: &Msg) {
        let channel = message.get_channel_name();
        if channel == self.node.keys.heartbeat {
            self.heard = Instant::now();
            let beat = str::from_utf8(message.get_payload_bytes()).ok().and_then(|beat| beat.parse().ok());
            self.heard_beats = beat.unwrap_or(self.heard_beats);
            return;
        }
        let Some(room) = room_of_channel(channel) else { return };
        let Some((room, _)) = self.node.feeds.get_key_value(room) else { return };
        let room = room.clone();
        let payload = bytes::Bytes::copy_from_slice(message.get_payload_bytes());
        let Some(feed) = self.node.feeds.get_mut(&room) else { return };
        let next = match Packet::decode(payload) {
            Ok(packet) => feed.on_packet(packet, &self.node.core.metrics),
            Err(_) => feed.on_malformed_packet(),
        };
        if next == NextStep::Look {
            self.to_look.push_back(room);
        }
    }

    /// Looks up a thirtieth of the rooms: what was lost at the end of a room's order shows only so,
    /// and what is looked up does not expire.
    fn check_rooms(&mut self) {
        if self.to_check.is_empty() {
            self.to_check.extend(self.node.feeds.keys().cloned());
        }
        let share = self.node.feeds.len().div_ceil(CHECKS_PER_ROUND);
        let left = self.to_check.len().saturating_sub(share);
        for room in self.to_check.drain(left..) {
            if let Some(feed) = self.node.feeds.get_mut(&room).filter(|feed| feed.is_live()) {
                feed.heal();
                self.to_look.push_back(room);
            }
        }
    }

    /// Changes the status, and with it the fate of broadcasts.
    fn set_status(&self, status: EngineStatus) {
        let core = &self.node.core;
        if *core.status.borrow() != status {
            core.set_status(status);
        }
        match status {
            EngineStatus::Up => core.queue.end_outage(),
            _ => core.queue.begin_outage(),
        }
    }
}

/// Returns ticks that do not catch up.
fn ticks(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
