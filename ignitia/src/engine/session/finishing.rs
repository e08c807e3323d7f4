//! Work of a session that ends.

use std::time::Instant;

use redis::Value;

use super::{
    EngineSession, LeaseState, ScriptState, UnsettledLook,
    done::{Done, SentLook},
};
use crate::engine::{
    engine_core::EngineStatus,
    fault::EngineFault,
    feed::{NextStep, RoomFeed},
    look::{Look, read_look},
};

impl EngineSession<'_> {
    /// Handles work that is done. The error ends the session.
    pub(super) fn finish(&mut self, done: Done) -> Result<(), EngineFault> {
        match done {
            Done::Subscribed(rooms, outcome) => {
                outcome?;
                self.subscribes -= 1;
                for (room, feed) in rooms {
                    match self.node.feeds.get_mut(&room) {
                        Some(now) if now.number == feed => {
                            now.heal();
                            self.to_look.push_back(room);
                        }
                        // It is subscribed once more.
                        Some(_) => {}
                        None => self.count_first_round(1),
                    }
                }
            }
            Done::Listening(outcome) | Done::Unsubscribed(outcome) => outcome?,
            Done::Looked(rooms, outcome) => {
                self.looks -= 1;
                self.on_looked(rooms, outcome)?;
            }
            Done::Published(outcome) => {
                self.is_publishing = false;
                self.on_published(outcome)?;
            }
            Done::Loaded(outcome) => {
                outcome?;
                self.scripts = ScriptState::Loaded;
                self.count_first_round(0);
            }
            Done::Beat(outcome) => self.tolerate(outcome)?,
            Done::LeaseKept(outcome) => match outcome {
                Ok((is_kept, over)) => {
                    self.end_refusal();
                    if !is_kept && self.lease == LeaseState::Held {
                        self.lease = LeaseState::Over;
                    } else if !over.is_empty() {
                        self.reap(over);
                    }
                }
                Err(fault) => self.tolerate(Err(fault))?,
            },
            Done::Registered(outcome) => match outcome {
                Ok(is_registered) => {
                    self.lease = if is_registered { LeaseState::Held } else { LeaseState::Over };
                    self.end_refusal();
                    self.node.publish_dirty_presence();
                }
                Err(fault) => {
                    self.lease = LeaseState::Over;
                    self.tolerate(Err(fault))?;
                }
            },
            Done::Reaped(outcome) => {
                self.is_reaping = false;
                self.tolerate(outcome)?;
            }
            Done::Answered(fault) => self.tolerate(fault.map_or(Ok(()), Err))?,
        }
        Ok(())
    }

    fn on_looked(
        &mut self,
        looks: Vec<SentLook>,
        outcome: Result<Vec<Value>, EngineFault>,
    ) -> Result<(), EngineFault> {
        let answers = match outcome {
            Ok(answers) => answers,
            Err(fault) => {
                // The rooms are not heard: they are looked up again, with the next heartbeat.
                self.failed_looks.extend(looks.into_iter().map(|sent| sent.room));
                return self.tolerate(Err(fault));
            }
        };
        for (sent, answer) in looks.into_iter().zip(answers) {
            let look = read_look(answer, sent.asked_after)?;
            if self.feed_of(&sent).is_some_and(|feed| feed.awaits_packets(&look)) {
                self.unsettled.push(UnsettledLook { beat: self.node.beats + 1, sent, look });
            } else {
                self.apply_look(sent, look);
            }
        }
        if self.unsettled.last().is_some_and(|last| last.beat > self.node.beats) {
            self.publish_heartbeat();
        }
        Ok(())
    }

    /// Applies the answers to look-ups for which everything has come.
    pub(super) fn settle_looks(&mut self) {
        let is_settled = |look: &mut UnsettledLook| look.beat <= self.heard_beats;
        let settled: Vec<UnsettledLook> = self.unsettled.extract_if(.., is_settled).collect();
        for UnsettledLook { sent, look, .. } in settled {
            self.apply_look(sent, look);
        }
    }

    /// Returns the feed that waits for the answer to a look-up, if it still does.
    fn feed_of(&mut self, sent: &SentLook) -> Option<&mut RoomFeed> {
        let feed = self.node.feeds.get_mut(&sent.room)?;
        (feed.number == sent.feed && feed.awaits_look(sent.number)).then_some(feed)
    }

    fn apply_look(&mut self, sent: SentLook, look: Look) {
        let core = self.node.core.clone();
        let Some(feed) = self.feed_of(&sent) else {
            // A room that is heard anew is looked up anew.
            self.count_first_round(usize::from(!self.node.feeds.contains_key(&sent.room)));
            return;
        };
        let room = sent.room;
        if feed.on_look(look, &core.metrics) == NextStep::Look {
            self.to_look.push_back(room);
            return;
        }
        if feed.is_live() {
            self.node.go_live(&room);
        }
        self.count_first_round(1);
    }

    /// Counts rooms of the first round that are heard now. With the last one, this node may
    /// publish.
    pub(super) fn count_first_round(&mut self, rooms: usize) {
        let Some(left) = &mut self.first_round else { return };
        *left = left.saturating_sub(rooms);
        if *left > 0 || self.scripts != ScriptState::Loaded {
            return;
        }
        self.first_round = None;
        self.up_since = Some(Instant::now());
        let elapsed = self.began.elapsed();
        self.node.core.metrics.resubscribed(elapsed);
        tracing::info!(rooms = self.node.feeds.len(), ?elapsed, "the engine is up");
        self.set_status(EngineStatus::Up);
    }

    fn on_published(&mut self, outcome: Result<String, EngineFault>) -> Result<(), EngineFault> {
        match outcome {
            Ok(reply) if self.node.confirm_batch(&reply) => self.end_refusal(),
            Ok(_) => tracing::error!("the engine's answer to a batch has an unexpected form"),
            Err(EngineFault::LeaseOver) => self.lease = LeaseState::Over,
            Err(EngineFault::Refused(text)) => {
                self.node.refuse_batch(&text);
                self.begin_refusal(&text);
            }
            Err(EngineFault::Rejected(text)) => {
                tracing::error!(error = text, "the engine cannot do a batch, whose messages are lost");
                self.node.reject_batch(&text);
            }
            Err(fault) => self.tolerate(Err(fault))?,
        }
        Ok(())
    }

    /// Passes over faults that do not end the session.
    fn tolerate(&mut self, outcome: Result<(), EngineFault>) -> Result<(), EngineFault> {
        match outcome {
            Err(EngineFault::NoScript) => self.scripts = ScriptState::Missing,
            Err(EngineFault::LeaseOver) => self.lease = LeaseState::Over,
            Err(EngineFault::Refused(text)) => self.begin_refusal(&text),
            Err(EngineFault::Rejected(text)) => self.report_rejection(text),
            outcome => outcome?,
        }
        Ok(())
    }

    /// Logs a rejection, unless it is the same as the last one.
    fn report_rejection(&mut self, text: String) {
        if self.last_rejection.as_ref() != Some(&text) {
            tracing::error!(error = text, "the engine cannot do a command");
            self.last_rejection = Some(text);
        }
    }

    fn begin_refusal(&mut self, text: &str) {
        if !self.is_refusing && *self.node.core.status.borrow() != EngineStatus::Refusing {
            tracing::error!(error = text, "the engine refuses to write");
        }
        self.is_refusing = true;
        self.set_status(EngineStatus::Refusing);
    }

    fn end_refusal(&mut self) {
        if !self.is_refusing && *self.node.core.status.borrow() != EngineStatus::Refusing {
            return;
        }
        // A batch that was refused is tried again; its outcome tells.
        self.is_refusing = false;
        self.up_since = Some(Instant::now());
        if self.first_round.is_none() && self.node.in_flight.is_none() {
            tracing::info!("the engine writes again");
            self.set_status(EngineStatus::Up);
        }
    }
}
