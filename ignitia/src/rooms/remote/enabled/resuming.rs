//! Return of a client to a room whose history the engine has.
//!
//! The room here has what it has heard. If the client has missed more, that is read from the
//! engine, and put in front of what is here, for those that come next. Then the client joins in one
//! step, as in memory, so there is no gap and no duplicate.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{
    engine_room::EngineRoom,
    message_codec::{place_of, position_of},
    returning::{MissedMessages, Returning},
};
use crate::{
    connection::{Shared, SharedFrame},
    engine::{RememberedMessage, Since},
    error::{Error, Result},
    rooms::{
        config::RoomSettings,
        live_room::{JoinRequest, LiveRoom, RoomState},
        position::Position,
        registry::{JoinOutcome, RoomRegistry},
    },
    time::now,
};

/// Time in which the engine must tell a room where it is, or what this node has read already.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most reads for one client. Another one is needed only if the room has begun anew, or forgotten
/// what was read, meanwhile.
const MAX_READS: usize = 4;

/// Adds the connection of a client that may have seen a room's history before.
pub(in crate::rooms) async fn resume<P: Send + Sync + 'static>(
    registry: &Arc<RoomRegistry<P>>,
    name: &Arc<str>,
    connection: &Arc<Shared>,
    request: JoinRequest<P>,
    settings: &RoomSettings<'_>,
) -> Result<JoinOutcome<P>> {
    let hold = RoomHold::new(registry, name, settings);
    let Some(engine) = &hold.live_room.engine else { return Err(Error::closed()) };
    let mut request = request;
    wait_until(&hold.live_room, engine, |state| state.engine.has_begun()).await?;
    let life = hold.live_room.lock().log.as_ref().map_or(0, |log| log.position().life());
    // It is taken only once the client has entered: otherwise it could not try again.
    let position = request.from.find_position(life);
    request.returning = Some(Returning { position, missed: MissedMessages::Here });
    for _ in 0..MAX_READS {
        if let Some(outcome) = registry.join(name, connection, &request, settings)? {
            request.from.take_position(life);
            return Ok(outcome);
        }
        let Some(position) = position else { break };
        let missed = read_missed(&hold.live_room, engine, position).await?;
        request.returning = Some(Returning { position: Some(position), missed });
    }
    request.returning = Some(Returning { position, missed: MissedMessages::Forgotten });
    let outcome = registry.join(name, connection, &request, settings)?;
    request.from.take_position(life);
    outcome.ok_or_else(Error::closed)
}

/// Reads what a client has missed, unless another one was faster. Afterwards the room here has what
/// follows.
async fn read_missed<P>(
    live_room: &LiveRoom<P>,
    engine: &EngineRoom<P>,
    position: Position,
) -> Result<MissedMessages> {
    let _turn = engine.turn().await;
    {
        let mut state = live_room.lock();
        if state.engine.oldest.is_some_and(|oldest| position.offset < oldest) {
            return Ok(MissedMessages::Forgotten);
        }
        if state.log.as_mut().is_some_and(|log| log.since(position, now()).is_some()) {
            return Ok(MissedMessages::Here);
        }
    }
    let name = live_room.name();
    let Since::Messages(read) = engine.link().since(name, place_of(position)).await? else {
        read_all(live_room, engine, position).await?;
        return Ok(MissedMessages::Forgotten);
    };
    let messages = frames(live_room, read);
    let end = messages.last().map_or(position, |(at, _)| *at);
    prepend(&mut live_room.lock(), position, &messages);
    wait_until(live_room, engine, |state| {
        state
            .log
            .as_ref()
            .map(|log| log.position())
            .is_none_or(|newest| newest.life() != end.life() || newest.offset >= end.offset)
    })
    .await?;
    Ok(MissedMessages::Read { messages: messages.into_iter().map(|(_, frame)| frame).collect(), end })
}

/// Reads all that the engine remembers: clients that have seen less need not ask any more.
async fn read_all<P>(live_room: &LiveRoom<P>, engine: &EngineRoom<P>, position: Position) -> Result<()> {
    let Some((base, limit)) = live_room.lock().log.as_ref().map(|log| (log.base(), log.max_messages()))
    else {
        return Ok(());
    };
    if base.life() != position.life() || base.offset < position.offset {
        return Ok(());
    }
    let end = Position { offset: base.offset + 1, ..base };
    let read = engine.link().before(live_room.name(), Some(place_of(end)), limit).await?;
    let older = frames(live_room, read);
    let mut state = live_room.lock();
    let is_same_life = state.log.as_ref().is_some_and(|log| log.position().life() == base.life());
    if is_same_life {
        // The first message is the oldest position that the engine can tell from others.
        state.engine.oldest = Some(older.first().map_or(base.offset, |(first, _)| first.offset));
        if let Some(((first, _), older)) = older.split_first() {
            prepend(&mut state, *first, older);
        }
    }
    Ok(())
}

fn frames<P>(live_room: &LiveRoom<P>, read: Vec<RememberedMessage>) -> Vec<(Position, SharedFrame)> {
    let framed = read.into_iter().map(|RememberedMessage { place, message }| {
        let at = position_of(place);
        (at, live_room.frame(message, Some(at)))
    });
    framed.collect()
}

fn prepend<P>(state: &mut RoomState<P>, base: Position, older: &[(Position, SharedFrame)]) {
    if let Some(log) = &mut state.log {
        log.prepend(base, older, now());
    }
}

/// Waits for an event of the feed after which the room is as wanted.
async fn wait_until<P>(
    live_room: &LiveRoom<P>,
    engine: &EngineRoom<P>,
    is_reached: impl Fn(&RoomState<P>) -> bool,
) -> Result<()> {
    let reached = async {
        loop {
            let mut progress = std::pin::pin!(engine.progress().notified());
            // From here on no event is missed.
            progress.as_mut().enable();
            if is_reached(&live_room.lock()) {
                return;
            }
            progress.await;
        }
    };
    timeout(PATIENCE, reached)
        .await
        .map_err(|_| Error::unavailable("the engine does not tell where the room is"))
}

/// Keeps a room that a client is about to enter.
struct RoomHold<P> {
    live_room: Arc<LiveRoom<P>>,
}

impl<P: Send + Sync + 'static> RoomHold<P> {
    fn new(registry: &Arc<RoomRegistry<P>>, name: &Arc<str>, settings: &RoomSettings<'_>) -> Self {
        let live_room = registry.open_held(name, settings, |live_room| live_room.lock().engine.hold());
        Self { live_room }
    }
}

impl<P> Drop for RoomHold<P> {
    fn drop(&mut self) {
        let mut state = self.live_room.lock();
        state.engine.release();
        let is_idle = state.is_idle();
        drop(state);
        if is_idle {
            self.live_room.tell_emptied();
        }
    }
}
