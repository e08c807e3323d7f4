//! Work of a session that begins.

use std::{sync::Arc, time::Instant};

use futures_util::FutureExt;
use redis::Value;
use tokio::time::timeout;

use super::{
    EngineSession, LOOK_CHUNK, LeaseState, MAX_LOOKS, MAX_SUBSCRIBES, SUBSCRIBE_CHUNK, ScriptState,
    done::{Done, SentLook},
};
use crate::{
    engine::{
        batch::MIN_LIFE,
        fault::EngineFault,
        keys::channel,
        lease::{reap_command, register_command, renew_command},
        look::{LookArguments, look_command},
        node::{Absorbed, Node},
        reads,
    },
    sync::Ordering,
};

impl EngineSession<'_> {
    /// Starts all that can be started.
    pub(super) fn start(&mut self) {
        let Absorbed { opened, closed, reads } = self.node.absorb();
        self.to_unsubscribe.extend(closed.iter().map(|room| channel(room)));
        self.to_subscribe.extend(opened);
        for (room, read) in reads {
            let read = reads::answer(self.node.scripts.clone(), self.commands.clone(), room, read);
            self.tasks.push(read.map(Done::Answered).boxed());
        }
        if self.scripts == ScriptState::Missing {
            self.scripts = ScriptState::Loading;
            let scripts = self.node.scripts.load(self.commands.clone());
            self.tasks.push(scripts.map(Done::Loaded).boxed());
        }
        self.start_unsubscribing();
        self.start_subscribing();
        if self.scripts == ScriptState::Loaded {
            self.start_registering();
            self.start_looking();
            self.start_publishing();
        }
    }

    fn start_unsubscribing(&mut self) {
        // A room that was opened again meanwhile is subscribed after this.
        if !self.to_unsubscribe.is_empty() {
            let channels = std::mem::take(&mut self.to_unsubscribe);
            let mut sink = self.subscriptions.clone();
            let patience = self.node.core.config.patience;
            let unsubscribe = async move {
                let done = timeout(patience, sink.unsubscribe(channels)).await;
                Done::Unsubscribed(
                    done.map_err(|_| EngineFault::silence("UNSUBSCRIBE")).and_then(|done| Ok(done?)),
                )
            };
            self.push_in_order(unsubscribe);
        }
    }

    fn start_subscribing(&mut self) {
        while self.subscribes < MAX_SUBSCRIBES && !self.to_subscribe.is_empty() {
            let chunk = self.to_subscribe.len().min(SUBSCRIBE_CHUNK);
            // Some may have been closed meanwhile.
            let feed_of = |room: Arc<str>| self.node.feeds.get(&room).map(|feed| (room, feed.number));
            let rooms: Vec<(Arc<str>, u64)> = self.to_subscribe.drain(..chunk).filter_map(feed_of).collect();
            self.count_first_round(chunk - rooms.len());
            if rooms.is_empty() {
                continue;
            }
            let channels: Vec<String> = rooms.iter().map(|(room, _)| channel(room)).collect();
            self.subscribes += 1;
            let mut sink = self.subscriptions.clone();
            let patience = self.node.core.config.patience;
            let subscribe = async move {
                let done = timeout(patience, sink.subscribe(channels)).await;
                let done = done.map_err(|_| EngineFault::silence("SUBSCRIBE")).and_then(|done| Ok(done?));
                Done::Subscribed(rooms, done)
            };
            self.push_in_order(subscribe);
        }
    }

    /// Adds work whose first poll sends a command: it is sent now, so that commands keep their
    /// order.
    fn push_in_order(&mut self, work: impl Future<Output = Done> + Send + 'static) {
        let mut work = work.boxed();
        match (&mut work).now_or_never() {
            Some(done) => self.tasks.push(std::future::ready(done).boxed()),
            None => self.tasks.push(work),
        }
    }

    /// Subscribes the channel on which this node hears itself.
    pub(super) fn listen_to_itself(&mut self) {
        let mut sink = self.subscriptions.clone();
        let (patience, own) = (self.node.core.config.patience, self.node.keys.heartbeat.clone());
        let subscribe = async move {
            let done = timeout(patience, sink.subscribe(own)).await;
            Done::Listening(done.map_err(|_| EngineFault::silence("SUBSCRIBE")).and_then(|done| Ok(done?)))
        };
        self.push_in_order(subscribe);
    }

    fn start_registering(&mut self) {
        if self.lease != LeaseState::Over || self.is_refusing {
            return;
        }
        self.lease = LeaseState::Registering;
        let before = self.node.lease().name();
        self.node.renew_lease();
        let Node { scripts, keys, core, .. } = &*self.node;
        let command = register_command(scripts, keys, self.node.lease(), core.hash_seed, &before);
        let mut connection = self.commands.clone();
        let register = async move {
            let registered = command.query_async::<(u8, Value)>(&mut connection).await;
            Done::Registered(
                registered.map(|(is_registered, _)| is_registered == 1).map_err(EngineFault::from),
            )
        };
        self.tasks.push(register.boxed());
    }

    fn start_looking(&mut self) {
        // One room that cannot be looked up must not hold up the others.
        let chunk = if self.looks_singly { 1 } else { LOOK_CHUNK };
        while self.looks < MAX_LOOKS && !self.to_look.is_empty() {
            let count = self.to_look.len().min(chunk);
            let mut looks = Vec::with_capacity(count);
            let mut closed = 0;
            for room in self.to_look.drain(..count) {
                match self.node.feeds.get_mut(&room) {
                    None => closed += 1,
                    Some(feed) if feed.is_healing() => {
                        let (number, asked_after) = (feed.next_look(), feed.received());
                        looks.push(SentLook { room, feed: feed.number, number, asked_after });
                    }
                    // It is heard again, or is looked up once it is subscribed.
                    Some(_) => {}
                }
            }
            self.count_first_round(closed);
            if looks.is_empty() {
                continue;
            }
            let lease = self.node.lease().name();
            let mut pipeline = redis::pipe();
            for SentLook { room, .. } in &looks {
                let arguments = LookArguments {
                    leases: &self.node.keys.leases,
                    lease: &lease,
                    room,
                    at: self.node.feeds.get(room).and_then(|feed| feed.at()),
                    new_epoch: Node::new_epoch(),
                    life: u64::try_from(MIN_LIFE.as_millis()).unwrap_or(u64::MAX),
                };
                pipeline.add_command(look_command(&self.node.scripts.look, &arguments));
            }
            self.looks += 1;
            let mut connection = self.commands.clone();
            let look = async move {
                let looked = pipeline.query_async::<Vec<Value>>(&mut connection).await;
                Done::Looked(looks, looked.map_err(EngineFault::from))
            };
            self.tasks.push(look.boxed());
        }
    }

    fn start_publishing(&mut self) {
        let is_ready = self.first_round.is_none() && self.lease == LeaseState::Held && !self.is_refusing;
        if !is_ready || self.is_publishing || !self.node.fill_batch() {
            return;
        }
        let lease = self.node.lease().name();
        let Node { scripts, keys, in_flight: Some(batch), core, .. } = &*self.node else { return };
        core.metrics.queued(core.queue.fill().messages);
        let command = batch.command(&scripts.publish, keys, &lease, Node::new_epoch());
        self.is_publishing = true;
        let mut connection = self.commands.clone();
        let publish = async move {
            let published = command.query_async::<String>(&mut connection).await;
            Done::Published(published.map_err(EngineFault::from))
        };
        self.tasks.push(publish.boxed());
    }

    /// Publishes a heartbeat.
    pub(super) fn publish_heartbeat(&mut self) {
        self.node.beats += 1;
        let mut beat = redis::cmd("PUBLISH");
        beat.arg(&self.node.keys.heartbeat).arg(self.node.beats);
        let mut connection = self.commands.clone();
        let publish = async move {
            Done::Beat(beat.query_async::<()>(&mut connection).await.map_err(EngineFault::from))
        };
        self.tasks.push(publish.boxed());
    }

    /// Publishes the heartbeat, and keeps the lease.
    pub(super) fn beat(&mut self) {
        self.publish_heartbeat();
        self.looks_singly = !self.failed_looks.is_empty();
        self.to_look.extend(self.failed_looks.drain(..));
        if self.scripts != ScriptState::Loaded || self.lease != LeaseState::Held {
            // A node without a lease looks for one as soon as the server writes again.
            self.is_refusing = false;
            return;
        }
        let Node { scripts, keys, core, .. } = &*self.node;
        let keep = renew_command(scripts, keys, self.node.lease(), core.config.lease);
        let mut connection = self.commands.clone();
        let keep = async move {
            let kept = keep.query_async::<(u8, String)>(&mut connection).await;
            Done::LeaseKept(kept.map(|(is_kept, over)| (is_kept == 1, over)).map_err(EngineFault::from))
        };
        self.tasks.push(keep.boxed());
    }

    /// Removes the members of a node whose lease is over.
    pub(super) fn reap(&mut self, lease: String) {
        // After an outage of the server all leases seem to be over: their nodes come back first.
        let is_settled =
            self.up_since.is_some_and(|since: Instant| since.elapsed() >= self.node.core.config.lease);
        if self.is_reaping || !is_settled {
            return;
        }
        self.is_reaping = true;
        let Node { scripts, keys, core, .. } = &*self.node;
        let command = reap_command(scripts, keys, &lease, core.config.lease, false);
        let mut connection = self.commands.clone();
        let reap = async move {
            loop {
                match command.query_async::<u8>(&mut connection).await {
                    Ok(1) => {}
                    Ok(_) => return Done::Reaped(Ok(())),
                    Err(error) => return Done::Reaped(Err(error.into())),
                }
            }
        };
        self.tasks.push(reap.boxed());
    }

    /// Removes the members of this node, and its lease.
    pub(super) async fn give_lease_back(&mut self) -> Result<(), EngineFault> {
        let Node { scripts, keys, core, .. } = &*self.node;
        let lease = self.node.lease().name();
        let command = reap_command(scripts, keys, &lease, core.config.lease, true);
        while command.query_async::<u8>(&mut self.commands).await? == 1 {}
        self.node.core.has_left.store(true, Ordering::Release);
        Ok(())
    }
}
