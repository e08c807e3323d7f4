//! Story of a room: what its clients say they were told, and what its publishers say was accepted.

use std::{
    collections::{BTreeSet, HashMap, HashSet, hash_map::Entry},
    sync::Mutex,
};

use super::{
    findings::Findings,
    incoming::{Saying, StoryPlace},
};

/// Story of a room.
pub(super) struct RoomStory {
    pub(super) name: String,
    state: Mutex<StoryState>,
    findings: Findings,
}

#[derive(Default)]
struct StoryState {
    /// Messages by their life and number.
    places: HashMap<(u32, u64), (u32, Saying)>,
    /// Sayings of each life.
    sayings: HashSet<(u32, Saying)>,
    accepted: Vec<(Option<StoryPlace>, Saying)>,
    /// Sayings whose outcome the publisher does not know.
    unknown: BTreeSet<Saying>,
}

impl RoomStory {
    pub(super) fn new(name: String, findings: Findings) -> Self {
        Self { name, state: Mutex::default(), findings }
    }

    pub(super) fn has_history(&self) -> bool {
        self.name.starts_with("history")
    }

    /// Records that a client was told a saying at a place.
    pub(super) fn tell(&self, place: StoryPlace, saying: Saying) {
        let StoryPlace { life, offset, tag } = place;
        let mut state = self.state.lock().unwrap();
        match state.places.entry((life, offset)) {
            Entry::Occupied(known) => {
                let known = *known.get();
                self.findings.check(known == (tag, saying), || {
                    format!("{}: two stories at {place:?}: {known:?}, {saying:?}", self.name)
                });
            }
            Entry::Vacant(new) => {
                new.insert((tag, saying));
                let is_new = state.sayings.insert((life, saying));
                self.findings.check(is_new, || format!("{}: twice: {saying:?}, at {place:?}", self.name));
            }
        }
    }

    pub(super) fn accept(&self, place: Option<StoryPlace>, saying: Saying) {
        self.state.lock().unwrap().accepted.push((place, saying));
    }

    pub(super) fn forget_outcome(&self, saying: Saying) {
        self.state.lock().unwrap().unknown.insert(saying);
    }

    /// Returns the numbers of accepted sayings, and of those whose outcome is not known, between
    /// two of the same publisher.
    pub(super) fn count_between(&self, first: Saying, last: Saying) -> (u64, u64) {
        let state = self.state.lock().unwrap();
        let is_between = |saying: &Saying| *saying > first && *saying < last;
        let accepted = state.accepted.iter().filter(|(_, saying)| is_between(saying)).count();
        let unknown = state.unknown.iter().filter(|saying| is_between(saying)).count();
        (accepted as u64, unknown as u64)
    }

    /// Checks that what was accepted is told where it was accepted, and returns the number of such
    /// sayings. In a life whose end was lost, the newest may have been told to no client.
    pub(super) fn check_accepted(&self, is_complete: bool) -> usize {
        let state = self.state.lock().unwrap();
        let mut count = 0;
        for (place, saying) in &state.accepted {
            let Some(place) = place else { continue };
            count += 1;
            let told = state.places.get(&(place.life, place.offset));
            let is_told = told == Some(&(place.tag, *saying)) || (told.is_none() && !is_complete);
            self.findings.check(is_told, || {
                format!("{}: {saying:?} was accepted at {place:?}; told was {told:?}", self.name)
            });
        }
        count
    }
}
