use std::{
    any::TypeId,
    sync::{Arc, PoisonError},
};

use axum_core::extract::FromRequestParts;
use http::{StatusCode, request::Parts};
use serde_json::json;

use super::{history_config::ResumeOutcome, position::Position, shown_positions::ShownPositions};
use crate::{
    connection::SharedFrame,
    sync::{Mutex, MutexGuard},
};

/// Most positions of one client.
const MAX_POSITIONS: usize = 16;

/// Positions up to which a client that returns has seen the histories of rooms: an extractor, for
/// [`Membership::resume`](super::Membership::resume).
///
/// A client shows the last `$at` that it has seen of each room in the query of its upgrade request:
/// `/rooms/lobby?$at=3f9c.17`. One that is new shows none. At most 16 are accepted. The other
/// arguments of the handler find no `$at` in the query, so that a `Query<T>` may refuse parameters
/// that it does not know.
///
/// Neither the contract nor what takes `$at` out of the query sees a `Resume` that an extractor of
/// your own, or a tuple, reads: the client would show nothing, and miss messages in silence. Name
/// it beside that, as `_: Resume`. Both get the positions.
///
/// A room that is entered with them tells the client where it is:
///
/// - A client that is new gets `{"type":"$joined","room":"lobby","$at":"3f9c.17"}`, if the room has
///   a history, so that it misses nothing even if it is cut off before the first message.
/// - One that returns gets `{"type":"$resumed","room":"lobby","recovered":3}`, and then the three
///   messages that it missed;
/// - or `{"type":"$resumed","room":"lobby","lost":true,"$at":"a17e.4"}` if the history has
///   forgotten some of them. Then it has to load the room's state anew.
///
/// The generated TypeScript client (feature `contract`) does its part by itself.
///
/// Clones share the positions, and each is used once: a room that is entered later is new to the
/// client, unless a position is left. Then it is told that messages are lost, for the position may
/// be of an earlier life of that room: nobody knows.
///
/// ```
/// use ignitia::{prelude::*, rooms::Resume};
/// # #[derive(serde::Deserialize, ClientMessage)]
/// # #[serde(tag = "type")]
/// # enum Ask { Say { text: String } }
/// # #[derive(serde::Serialize, ServerMessage)]
/// # #[serde(tag = "type")]
/// # enum Tell { Said { text: String } }
///
/// struct Chat {
///     room: Membership<Tell>,
///     resume: Resume,
/// }
///
/// #[websocket("/rooms/<room>", message = Ask, reply = Tell)]
/// impl Chat {
///     async fn accept(room: String, rooms: Rooms<Tell>, resume: Resume) -> Self {
///         Self { room: rooms.reserve(room), resume }
///     }
///
///     async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
///         self.room.resume(ws, (), self.resume.clone()).await?;
///         Ok(())
///     }
///
///     #[on(Say { text })]
///     async fn say(&mut self, text: String) -> Result<()> {
///         self.room.broadcast(&Tell::Said { text })?;
///         Ok(())
///     }
/// }
/// # let _ = Router::new().state(Rooms::<Tell>::new()).mount_session::<Chat>();
/// ```
#[derive(Debug, Clone)]
pub struct Resume {
    shown: Option<Arc<PositionsOfClient>>,
    /// True if the client knows the notices about it.
    is_announced: bool,
}

/// Positions that a client has shown.
#[derive(Debug)]
struct PositionsOfClient {
    all: Vec<Position>,
    unused: Mutex<UnusedPositions>,
}

/// Positions of rooms that were not entered yet.
#[derive(Debug)]
struct UnusedPositions {
    positions: Vec<Position>,
    /// Number of them that belong to rooms that have begun anew: which ones, nobody knows.
    lost: usize,
}

impl Resume {
    /// Returns that of a client that knows nothing of positions, and is told nothing.
    pub(super) fn unannounced() -> Self {
        Self { shown: None, is_announced: false }
    }

    fn of(positions: Vec<Position>, is_announced: bool) -> Self {
        let unused = Mutex::new(UnusedPositions { positions: positions.clone(), lost: 0 });
        let shown = (!positions.is_empty()).then(|| Arc::new(PositionsOfClient { all: positions, unused }));
        Self { shown, is_announced }
    }

    /// Returns the positions that the client has shown.
    pub fn positions(&self) -> &[Position] {
        self.shown.as_ref().map_or(&[], |shown| &shown.all)
    }

    /// Takes the position in this life of a room, or one that may be of an earlier life; `None` if
    /// there is none of it.
    pub(super) fn take_position(&self, life: u32) -> Option<Position> {
        let mut unused = self.shown.as_ref()?.lock();
        let position = unused.find(life)?;
        if position.life() == life {
            unused.positions.retain(|position| position.life() != life);
        } else {
            unused.lost += 1;
        }
        Some(position)
    }

    /// Returns the same position, and leaves it where it is.
    #[cfg(feature = "redis")]
    pub(super) fn find_position(&self, life: u32) -> Option<Position> {
        self.shown.as_ref()?.lock().find(life)
    }

    /// Returns true if the client is told where it is.
    pub(super) fn is_announced(&self) -> bool {
        self.is_announced
    }
}

impl PositionsOfClient {
    fn lock(&self) -> MutexGuard<'_, UnusedPositions> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnusedPositions {
    fn find(&self, life: u32) -> Option<Position> {
        let Self { positions, lost } = self;
        let own = positions.iter().rfind(|position| position.life() == life);
        let other = || positions.last().filter(|_| *lost < positions.len());
        own.or_else(other).copied()
    }
}

/// A client that is new.
impl Default for Resume {
    fn default() -> Self {
        Self { shown: None, is_announced: true }
    }
}

/// The position of a client whose own protocol has shown it: the room sends no notices.
impl From<Option<Position>> for Resume {
    fn from(position: Option<Position>) -> Self {
        Self::of(position.into_iter().collect(), false)
    }
}

/// As an `Option` of it.
impl From<Position> for Resume {
    fn from(position: Position) -> Self {
        Some(position).into()
    }
}

/// Rejects a query that shows what is no position, or too many, with 400.
impl<S: Sync> FromRequestParts<S> for Resume {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let fault = |text| (StatusCode::BAD_REQUEST, text);
        let ShownPositions(shown) = ShownPositions::of(parts);
        let positions: Result<Vec<Position>, _> = shown.iter().map(|text| text.parse()).collect();
        let positions = positions.map_err(|_| fault("`$at` is not a position in a room's history"))?;
        if positions.len() > MAX_POSITIONS {
            return Err(fault("there are more than 16 `$at`"));
        }
        Ok(Self::of(positions, true))
    }
}

/// Returns true for [`Resume`], and for a `Result` of it.
pub(crate) fn reads_positions<Extractor: 'static>() -> bool {
    type Extracted = Result<Resume, <Resume as FromRequestParts<()>>::Rejection>;
    [TypeId::of::<Resume>(), TypeId::of::<Extracted>()].contains(&TypeId::of::<Extractor>())
}

/// Encodes the notice for a client that has entered a room: see [`Resume`]. `position` is that of
/// the newest message.
pub(super) fn resume_notice(
    room: &str,
    outcome: ResumeOutcome,
    position: Option<Position>,
) -> Option<SharedFrame> {
    let mut notice = match outcome {
        ResumeOutcome::Fresh => position.map(|_| json!({ "type": "$joined", "room": room }))?,
        ResumeOutcome::Recovered(messages) => {
            json!({ "type": "$resumed", "room": room, "recovered": messages })
        }
        ResumeOutcome::Lost(_) => json!({ "type": "$resumed", "room": room, "lost": true }),
    };
    if let (ResumeOutcome::Fresh | ResumeOutcome::Lost(_), Some(position)) = (outcome, position) {
        notice["$at"] = json!(position.to_string());
    }
    Some(SharedFrame::text(notice.to_string().as_bytes()))
}
