use crate::{
    connection::SharedFrame,
    rooms::{history_config::ResumeOutcome, message_log::MessageLog, position::Position},
    time::Instant,
};

/// Client's return to a room whose history the engine has.
#[derive(Debug)]
pub(in crate::rooms) struct Returning {
    /// Position up to which it has seen the history.
    pub(super) position: Option<Position>,
    pub(super) missed: MissedMessages,
}

/// Messages that a returning client has missed.
#[derive(Debug)]
pub(super) enum MissedMessages {
    /// The room here may have them.
    Here,
    /// These were read from the engine, and end at a position; the room here has what follows.
    Read { messages: Vec<SharedFrame>, end: Position },
    /// Some are forgotten.
    Forgotten,
}

impl Returning {
    /// Returns the messages that the client missed; `None` if they have to be read from the engine.
    pub(in crate::rooms) fn missed_since(
        &self,
        log: Option<&mut MessageLog>,
        now: Instant,
    ) -> Option<(Vec<SharedFrame>, ResumeOutcome)> {
        let Some(position) = self.position else { return Some((Vec::new(), ResumeOutcome::Fresh)) };
        let Some(log) = log else { return Some((Vec::new(), ResumeOutcome::Lost(None))) };
        let recovered = match (log.since(position, now), &self.missed) {
            (Some(recovered), _) => recovered,
            (None, MissedMessages::Here) if position.life() == log.position().life() => return None,
            (None, MissedMessages::Read { messages, end }) => {
                let rest = log.since(*end, now)?;
                messages.iter().cloned().chain(rest).collect()
            }
            (None, _) => return Some((Vec::new(), ResumeOutcome::Lost(Some(log.position())))),
        };
        let outcome = ResumeOutcome::Recovered(recovered.len());
        Some((recovered, outcome))
    }
}
