//! Methods of a room that wait for its engine. In memory their answers are there at once.

use super::{
    member::Member, position::Position, remembered::Remembered, room::Room, room_message::RoomMessage,
};
use crate::error::Result;

impl<T, P> Room<T, P>
where
    P: Send + Sync + 'static,
{
    /// Sends a message to all members, as [`broadcast`](Self::broadcast) does, and waits until the
    /// engine has it, in rooms on one. Members may receive it before or after that. Returns its
    /// position, if the history keeps it.
    ///
    /// The message is encoded at once. It is handed on when the future is polled first; from then
    /// on it is sent also if the future is dropped.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn publish(&self, message: &T) -> impl Future<Output = Result<Option<Position>>> + Send + use<T, P>
    where
        T: RoomMessage,
    {
        let encoded = self.encode(None, message, !message.is_transient());
        let room = self.clone();
        async move {
            let (encoded, options) = encoded?;
            if let Some(engine) = room.registry.engine() {
                return engine.publish(&room.name, encoded, options, &room.config.settings()).await;
            }
            let outcome = match room.deliver_to_known(&encoded, options) {
                Some(outcome) => Some(outcome?),
                None => room.deliver_to_found(&encoded, options)?,
            };
            Ok(outcome.and_then(|(_, newest)| newest.filter(|_| options.is_remembered)))
        }
    }

    /// Returns the members of the room on all nodes, by their number, as the engine knows them. In
    /// memory they are those of [`members`](Self::members).
    ///
    /// `members` has those that this node has heard of. That is all of them, but for the moment,
    /// where this node has a member in the room or watches it; otherwise it has heard of none.
    ///
    /// # Errors
    ///
    /// [`Error::is_unavailable`](crate::Error::is_unavailable) if the engine does not answer in its
    /// time.
    pub async fn fetch_members(&self) -> Result<Vec<Member<P>>> {
        match self.registry.engine() {
            Some(engine) => engine.fetch_members(&self.name).await,
            None => Ok(self.members()),
        }
    }

    /// Returns the last `messages` messages of the room's history before a position, or the newest
    /// ones, as the engine has them. In memory they are those of [`history`](Self::history).
    ///
    /// # Errors
    ///
    /// As [`fetch_members`](Self::fetch_members).
    pub async fn fetch_history(&self, before: Option<Position>, messages: usize) -> Result<Vec<Remembered>> {
        match self.registry.engine() {
            Some(engine) => engine.fetch_history(&self.name, before, messages).await,
            None => Ok(self.history(before, messages)),
        }
    }
}
