//! Answers to questions about rooms.

use std::sync::Arc;

use redis::{Value, aio::MultiplexedConnection};
use tokio::sync::oneshot;

use super::{
    fault::EngineFault,
    item::{Item, StoredMember},
    look::{HistoryEntry, array, bytes, number, read_entries},
    op::{Read, RememberedMessage, Since},
    place::Place,
    scripts::{Scripts, run},
    wire::decode_items,
};
use crate::error::{Error, Result};

/// Entries of a history that one command returns.
const PAGE: usize = 100;

/// Answers a question. Returns the fault if it could not be answered.
pub(super) async fn answer(
    scripts: Arc<Scripts>,
    connection: MultiplexedConnection,
    room: Arc<str>,
    read: Read,
) -> Option<EngineFault> {
    let reader = RoomReader { scripts, connection, room };
    match read {
        Read::Since { from, answer } => send(answer, reader.retry(|reader| reader.since(from)).await),
        Read::Before { end, messages, answer } => {
            send(answer, reader.retry(|reader| reader.before(end, messages)).await)
        }
        Read::Members { answer } => send(answer, reader.retry(RoomReader::members).await),
    }
}

/// RoomReader of one room.
#[derive(Clone)]
struct RoomReader {
    scripts: Arc<Scripts>,
    connection: MultiplexedConnection,
    room: Arc<str>,
}

fn send<T>(answer: oneshot::Sender<Result<T>>, outcome: Result<T, EngineFault>) -> Option<EngineFault> {
    let (outcome, fault) = match outcome {
        Ok(value) => (Ok(value), None),
        Err(fault) => (Err(Error::unavailable(format!("the engine does not answer: {fault}"))), Some(fault)),
    };
    // The caller may have gone.
    let _ = answer.send(outcome);
    fault
}

impl RoomReader {
    /// Reads, and once more with the scripts if the server had not got them.
    async fn retry<T, F>(&self, read: impl Fn(Self) -> F) -> Result<T, EngineFault>
    where
        F: Future<Output = Result<T, EngineFault>>,
    {
        match read(self.clone()).await {
            Err(EngineFault::NoScript) => {
                self.scripts.load(self.connection.clone()).await?;
                read(self.clone()).await
            }
            outcome => outcome,
        }
    }

    /// Reads all messages after a place.
    async fn since(mut self, from: Place) -> Result<Since, EngineFault> {
        let mut messages = Vec::new();
        let mut at = from;
        loop {
            let mut command = run(&self.scripts.since);
            // A client's place has only the lower half of the tag.
            let tag = at.tag & u64::from(u32::MAX);
            command.arg(0).arg(&*self.room).arg(at.epoch).arg(at.offset).arg(tag).arg(PAGE);
            let answer = command.query_async::<Value>(&mut self.connection).await?;
            let page = parse_since(answer).ok_or_else(|| EngineFault::answer("the read of a history"))?;
            let Some(entries) = page.entries else { return Ok(Since::Lost) };
            let Some(more) = messages_after(&entries, at) else { return Ok(Since::Lost) };
            at = more.last().map_or(at, |last| last.place);
            let is_over = more.is_empty() || at.offset >= page.top.offset;
            messages.extend(more);
            if is_over {
                return Ok(Since::Messages(messages));
            }
        }
    }

    /// Reads the last messages before a place, the oldest first.
    async fn before(
        mut self,
        end: Option<Place>,
        wanted: usize,
    ) -> Result<Vec<RememberedMessage>, EngineFault> {
        // Newest first.
        let mut messages: Vec<RememberedMessage> = Vec::new();
        let mut end = end;
        while messages.len() < wanted {
            let mut command = run(&self.scripts.before);
            command.arg(0).arg(&*self.room);
            match end {
                None => command.arg("").arg(""),
                Some(Place { epoch, offset, .. }) => command.arg(epoch).arg(offset),
            };
            let answer = command.arg(PAGE).query_async::<Value>(&mut self.connection).await?;
            let page =
                parse_before(answer, end).ok_or_else(|| EngineFault::answer("the read of a history"))?;
            let Some(oldest) = page.last() else { break };
            // Nothing is before the first message.
            end = Some(oldest.place);
            messages.extend(page);
        }
        messages.truncate(wanted);
        messages.reverse();
        Ok(messages)
    }

    /// Reads the members of a room on all nodes.
    async fn members(mut self) -> Result<Vec<StoredMember>, EngineFault> {
        let room = &*self.room;
        let mut command = redis::cmd("SMEMBERS");
        let leases: Vec<String> = command.arg(format!("{room}:w")).query_async(&mut self.connection).await?;
        let mut members = Vec::new();
        for lease in leases {
            let mut command = redis::cmd("HGETALL");
            let of_node: Vec<(u64, Vec<u8>)> =
                command.arg(format!("{room}:w:{lease}")).query_async(&mut self.connection).await?;
            let of_node =
                of_node.into_iter().map(|(id, encoded)| StoredMember { id, encoded: encoded.into() });
            members.extend(of_node);
        }
        members.sort_unstable_by_key(|member| member.id);
        Ok(members)
    }
}

/// Part of a history.
struct Page {
    /// Place of the newest message.
    top: Place,
    /// Entries after the place that was asked for; `None` if some of them are lost.
    entries: Option<Vec<HistoryEntry>>,
}

fn parse_since(answer: Value) -> Option<Page> {
    let [kind, epoch, offset, tag, entries] = <[Value; 5]>::try_from(array(answer)?).ok()?;
    let top =
        Place { epoch: u32::try_from(number(epoch)?).ok()?, offset: number(offset)?, tag: number(tag)? };
    let is_there = &bytes(kind)?[..] == b"ok";
    let entries = read_entries(entries)?;
    Some(Page { top, entries: is_there.then_some(entries) })
}

/// Returns the messages of these entries after a place; `None` if some cannot be read: they are of
/// a newer version.
fn messages_after(entries: &[HistoryEntry], at: Place) -> Option<Vec<RememberedMessage>> {
    let mut messages = Vec::new();
    for HistoryEntry { first, tag, items, .. } in entries {
        for (decoded, offset) in decode_items(items.clone()).ok()?.into_iter().zip(*first..) {
            let Some(Item::Message { message, .. }) = decoded.item else { return None };
            if offset > at.offset {
                messages
                    .push(RememberedMessage { place: Place { epoch: at.epoch, offset, tag: *tag }, message });
            }
        }
    }
    Some(messages)
}

/// Returns the messages of an answer that are before the end, the newest first.
fn parse_before(answer: Value, end: Option<Place>) -> Option<Vec<RememberedMessage>> {
    let [epoch, entries] = <[Value; 2]>::try_from(array(answer)?).ok()?;
    let epoch = u32::try_from(number(epoch)?).ok()?;
    let mut messages = Vec::new();
    for entry in read_entries(entries)? {
        let before = Place { epoch, offset: 0, tag: 0 };
        // Messages of a newer version are left out, with all that are older.
        let Some(mut of_entry) = messages_after(std::slice::from_ref(&entry), before) else { break };
        of_entry.reverse();
        messages.extend(of_entry);
    }
    messages.retain(|message| end.is_none_or(|end| message.place.offset < end.offset));
    Some(messages)
}
