use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use super::{held_packets::MAX_HELD, *};
use crate::engine::{item::PublishedMessage, wire::encode_item};

const METRICS: EngineMetrics = EngineMetrics;

/// Receiver that writes down what it is told.
#[derive(Default)]
struct Recorder {
    events: Mutex<Vec<String>>,
    /// Places at which it was restarted, with their tags.
    places: Mutex<Vec<String>>,
}

impl Recorder {
    fn places(&self) -> Vec<String> {
        std::mem::take(&mut *self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl FeedReceiver for Recorder {
    fn receive(&self, event: FeedEvent) {
        if let FeedEvent::Restarted { at: Place { offset, tag, .. }, .. } = &event {
            self.places.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{offset}:{tag}"));
        }
        let text = match event {
            FeedEvent::Item { place, item: Item::Message { message, .. } } => {
                let offset = place.map_or("-".to_owned(), |place| place.offset.to_string());
                format!("{offset}:{}", String::from_utf8_lossy(&message.payload))
            }
            FeedEvent::Item { item, .. } => format!("{item:?}"),
            FeedEvent::Restarted { at, missed } => format!("restarted {} {missed:?}", at.offset),
            FeedEvent::MissedUnremembered(messages) => format!("missed {messages}"),
            FeedEvent::Members(members) => format!("{} members", members.len()),
        };
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    fn local_members(&self) -> Vec<StoredMember> {
        Vec::new()
    }
}

/// Feed with its receiver.
struct Heard {
    feed: RoomFeed,
    recorder: Arc<Recorder>,
}

impl Heard {
    fn new(has_history: bool) -> Self {
        let recorder = Arc::new(Recorder::default());
        let receiver: Weak<dyn FeedReceiver> = Arc::<Recorder>::downgrade(&recorder);
        let feed = RoomFeed::new(OpenFeed { room: "room".into(), feed: 1, has_history, receiver });
        Self { feed, recorder }
    }

    /// Returns one that is live at a point.
    fn live(has_history: bool, at: FeedPoint) -> Self {
        let mut heard = Self::new(has_history);
        heard.feed.heal();
        assert_eq!(heard.look(LookKind::New, at, vec![], Some(vec![])), NextStep::Wait);
        assert_eq!(heard.told(), ["0 members", &format!("restarted {} Nothing", at.room.offset)]);
        heard
    }

    fn look(
        &mut self,
        kind: LookKind,
        at: FeedPoint,
        entries: Vec<HistoryEntry>,
        members: Option<Vec<StoredMember>>,
    ) -> NextStep {
        let asked_after = self.feed.received();
        self.feed.on_look(Look { asked_after, kind, at, entries, members }, &METRICS)
    }

    fn packet(&mut self, packet: Packet) -> NextStep {
        self.feed.on_packet(packet, &METRICS)
    }

    /// Returns what the receiver was told since the last call.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.recorder.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn message(text: &str, is_remembered: bool) -> Item {
    let message = PublishedMessage {
        is_binary: false,
        is_uncompressed: false,
        coalesce_key: None,
        except: None,
        rooms: Vec::new(),
        payload: Bytes::copy_from_slice(text.as_bytes()),
    };
    Item::Message { is_remembered, message }
}

fn point(epoch: u32, offset: u64, unremembered: u64, presence: u64) -> FeedPoint {
    let tag = Some(offset + 1_000);
    FeedPoint { room: RoomPoint { epoch, offset, unremembered, presence }, newest_tag: tag, tag }
}

fn encoded(items: &[Item]) -> Bytes {
    let mut out = Vec::new();
    items.iter().for_each(|item| encode_item(item, &mut out));
    out.into()
}

fn packet(before: FeedPoint, items: &[Item]) -> Packet {
    let RoomPoint { epoch, offset, unremembered, presence } = before.room;
    let line = format!("1 {epoch} {offset} {unremembered} {presence} {}\n", offset + 1_001);
    Packet::decode([line.as_bytes(), &encoded(items)].concat().into()).expect("it is well-formed")
}

fn entry(first: u64, texts: &[&str]) -> HistoryEntry {
    let items: Vec<Item> = texts.iter().map(|text| message(text, true)).collect();
    HistoryEntry { first, tag: first + texts.len() as u64 + 999, items: encoded(&items) }
}

#[test]
fn what_follows_is_handed_on() {
    let mut heard = Heard::live(true, point(1, 5, 0, 0));
    let items = [message("a", true), message("typing", false), Item::Left { member: 3 }, message("b", true)];
    assert_eq!(heard.packet(packet(point(1, 5, 0, 0), &items)), NextStep::Wait);
    assert_eq!(heard.told(), ["6:a", "-:typing", "Left { member: 3 }", "7:b"]);
    // The same packet once more, and one that is older still.
    assert_eq!(heard.packet(packet(point(1, 5, 0, 0), &items)), NextStep::Wait);
    assert_eq!(heard.packet(packet(point(1, 4, 0, 0), &[message("z", true)])), NextStep::Wait);
    assert_eq!(heard.told(), [""; 0]);
    assert_eq!(heard.packet(packet(point(1, 7, 1, 1), &[message("c", true)])), NextStep::Wait);
    assert_eq!(heard.told(), ["8:c"]);
}

#[test]
fn a_gap_is_healed_before_anything_newer() {
    let mut heard = Heard::live(true, point(1, 5, 0, 0));
    assert_eq!(heard.packet(packet(point(1, 8, 0, 0), &[message("d", true)])), NextStep::Look);
    assert_eq!(heard.packet(packet(point(1, 9, 0, 0), &[message("e", true)])), NextStep::Wait);
    assert_eq!(heard.told(), [""; 0]);
    // The first part of what is missing, with a message that the room has had.
    let part = vec![entry(5, &["had", "a"])];
    assert_eq!(heard.look(LookKind::Follows, point(1, 9, 0, 0), part, None), NextStep::Look);
    assert_eq!(heard.feed.at().map(|at| at.room.offset), Some(6));
    let rest = vec![entry(7, &["b", "c"]), entry(9, &["d"])];
    assert_eq!(heard.look(LookKind::Follows, point(1, 9, 0, 0), rest, None), NextStep::Wait);
    assert_eq!(heard.told(), ["6:a", "7:b", "8:c", "9:d", "10:e"]);
    assert!(heard.feed.is_live());
}

#[test]
fn without_a_history_the_number_is_told() {
    let mut heard = Heard::live(false, point(1, 0, 5, 0));
    assert_eq!(heard.packet(packet(point(1, 0, 8, 0), &[message("i", false)])), NextStep::Look);
    assert_eq!(heard.look(LookKind::Follows, point(1, 0, 9, 0), vec![], None), NextStep::Wait);
    assert_eq!(heard.told(), ["missed 3", "-:i"]);
    assert_eq!(heard.packet(packet(point(1, 0, 9, 0), &[message("j", false)])), NextStep::Wait);
    assert_eq!(heard.told(), ["-:j"]);
}

#[test]
fn what_a_history_lost_is_told_once() {
    let mut heard = Heard::live(true, point(1, 5, 0, 0));
    assert_eq!(heard.packet(packet(point(1, 50, 0, 0), &[message("x", true)])), NextStep::Look);
    assert_eq!(heard.look(LookKind::Lost, point(1, 51, 0, 0), vec![], None), NextStep::Wait);
    assert_eq!(heard.told(), ["restarted 51 Messages(46)"]);
    assert_eq!(heard.packet(packet(point(1, 51, 0, 0), &[message("y", true)])), NextStep::Wait);
    assert_eq!(heard.told(), ["52:y"]);
}

#[test]
fn another_life_is_told_with_its_members() {
    let mut heard = Heard::live(true, point(1, 5, 0, 0));
    assert_eq!(heard.packet(packet(point(2, 1, 0, 0), &[message("x", true)])), NextStep::Look);
    let member = StoredMember { id: 1, encoded: Bytes::new() };
    // The look-up has seen the packet.
    assert_eq!(heard.look(LookKind::Lost, point(2, 2, 0, 1), vec![], Some(vec![member])), NextStep::Wait);
    assert_eq!(heard.told(), ["restarted 2 Unknown", "1 members"]);
    assert_eq!(heard.packet(packet(point(2, 2, 0, 1), &[message("y", true)])), NextStep::Wait);
    assert_eq!(heard.told(), ["3:y"]);
}

#[test]
fn a_late_packet_of_an_earlier_life_makes_no_room_deaf() {
    let mut heard = Heard::live(true, point(2, 5, 0, 0));
    assert_eq!(heard.packet(packet(point(1, 9, 0, 0), &[message("late", true)])), NextStep::Look);
    assert_eq!(heard.packet(packet(point(2, 5, 0, 0), &[message("a", true)])), NextStep::Wait);
    assert_eq!(heard.look(LookKind::Follows, point(2, 5, 0, 0), vec![], None), NextStep::Wait);
    assert_eq!(heard.told(), ["6:a"]);
    // One that came after the server was asked may be of a newer life.
    heard.feed.heal();
    let asked_after = heard.feed.received();
    assert_eq!(heard.packet(packet(point(3, 0, 0, 0), &[message("b", true)])), NextStep::Wait);
    let look =
        Look { asked_after, kind: LookKind::Follows, at: point(2, 6, 0, 0), entries: vec![], members: None };
    assert_eq!(heard.feed.on_look(look, &METRICS), NextStep::Look);
    assert_eq!(heard.look(LookKind::Lost, point(3, 1, 0, 0), vec![], Some(vec![])), NextStep::Wait);
    assert_eq!(heard.told(), ["restarted 1 Unknown", "0 members"]);
}

#[test]
fn what_comes_while_the_room_is_looked_up_is_neither_lost_nor_told_twice() {
    let mut heard = Heard::new(true);
    assert_eq!(heard.packet(packet(point(1, 0, 5, 0), &[message("a", true)])), NextStep::Wait);
    heard.feed.heal();
    assert_eq!(heard.packet(packet(point(1, 1, 5, 0), &[message("b", true)])), NextStep::Wait);
    // The look-up saw both: they came after the subscription, and are the members'.
    assert_eq!(heard.look(LookKind::New, point(1, 2, 5, 0), vec![], Some(vec![])), NextStep::Wait);
    assert_eq!(heard.told(), ["0 members", "restarted 0 Nothing", "1:a", "2:b"]);
    let mut heard = Heard::live(true, point(1, 7, 0, 0));
    // It is looked up again: nothing is told twice.
    heard.feed.heal();
    assert_eq!(heard.packet(packet(point(1, 7, 0, 0), &[message("c", true)])), NextStep::Wait);
    let entries = vec![entry(8, &["c"])];
    assert_eq!(heard.look(LookKind::Follows, point(1, 8, 0, 0), entries, None), NextStep::Wait);
    assert_eq!(heard.told(), ["8:c"]);
}

#[test]
fn a_history_is_entered_at_a_place_whose_tag_is_known() {
    for (first, begun) in
        [(point(1, 5, 0, 0), "7:1007"), (point(1, 7, 3, 0), "7:1007"), (point(1, 0, 3, 0), "0:0")]
    {
        let mut heard = Heard::new(true);
        heard.feed.heal();
        assert_eq!(heard.packet(packet(first, &[message("a", false)])), NextStep::Wait);
        heard.look(LookKind::New, point(1, 7, 4, 0), vec![], Some(vec![]));
        assert_eq!(heard.recorder.places(), [begun], "{first:?}");
    }
}

#[test]
fn what_no_history_keeps_is_not_missing_while_it_is_held() {
    let mut heard = Heard::live(false, point(1, 0, 5, 0));
    heard.feed.heal();
    let items = [message("a", false), Item::Left { member: 3 }];
    assert_eq!(heard.packet(packet(point(1, 0, 5, 0), &items)), NextStep::Wait);
    assert_eq!(heard.packet(packet(point(1, 0, 6, 1), &[message("b", false)])), NextStep::Wait);
    // The look-up saw the first packet only.
    assert_eq!(heard.look(LookKind::Follows, point(1, 0, 6, 1), vec![], Some(vec![])), NextStep::Wait);
    assert_eq!(heard.told(), ["-:a", "Left { member: 3 }", "0 members", "-:b"]);
    // A history that is shorter than what came.
    let mut heard = Heard::live(true, point(1, 5, 0, 0));
    heard.feed.heal();
    let items = [message("a", true), message("b", true)];
    assert_eq!(heard.packet(packet(point(1, 5, 0, 0), &items)), NextStep::Wait);
    assert_eq!(heard.look(LookKind::Lost, point(1, 7, 0, 0), vec![], None), NextStep::Wait);
    assert_eq!(heard.told(), ["6:a", "7:b"]);
}

#[test]
fn what_is_on_its_way_is_waited_for() {
    let mut heard = Heard::live(false, point(1, 0, 5, 0));
    let look = |at| Look { asked_after: 0, kind: LookKind::Follows, at, entries: vec![], members: None };
    assert!(!heard.feed.awaits_packets(&look(point(1, 0, 6, 0))), "it is live");
    heard.feed.heal();
    assert!(heard.feed.awaits_packets(&look(point(1, 0, 6, 0))));
    assert!(!heard.feed.awaits_packets(&look(point(1, 0, 5, 1))), "members come with the look-up");
    assert!(!heard.feed.awaits_packets(&look(point(2, 0, 6, 0))), "it is another life");
    let lost = Look { kind: LookKind::Lost, ..look(point(1, 1, 5, 0)) };
    assert!(heard.feed.awaits_packets(&lost), "the history is shorter than what is on its way");
    // Behind a gap: only that is missing.
    assert_eq!(heard.packet(packet(point(1, 0, 7, 0), &[message("h", false)])), NextStep::Wait);
    assert_eq!(heard.look(LookKind::Follows, point(1, 0, 8, 0), vec![], None), NextStep::Wait);
    assert_eq!(heard.told(), ["missed 2", "-:h"]);
}

#[test]
fn more_than_can_be_held_is_looked_up() {
    let mut heard = Heard::live(true, point(1, 0, 0, 0));
    heard.feed.heal();
    let count = MAX_HELD as u64 + 3;
    for offset in 0..count {
        let next = heard.packet(packet(point(1, offset, 0, 0), &[message("m", true)]));
        assert_eq!(next, NextStep::Wait);
    }
    assert_eq!(heard.look(LookKind::Follows, point(1, 0, 0, 0), vec![], None), NextStep::Look);
    assert_eq!(heard.told().len(), MAX_HELD);
    let rest = vec![entry(MAX_HELD as u64 + 1, &["x", "y", "z"])];
    assert_eq!(heard.look(LookKind::Follows, point(1, count, 0, 0), rest, None), NextStep::Wait);
    assert_eq!(heard.told().len(), 3);
}

#[test]
fn an_item_of_a_newer_version_is_a_hole_that_is_told() {
    let mut heard = Heard::live(true, point(1, 5, 0, 0));
    let mut newer = packet(point(1, 5, 0, 0), &[message("a", true), message("b", true)]);
    newer.items[0].item = None;
    assert_eq!(heard.packet(newer), NextStep::Wait);
    assert_eq!(heard.told(), ["restarted 6 Messages(1)", "7:b"]);
    assert_eq!(heard.feed.on_malformed_packet(), NextStep::Look);
    let newer = HistoryEntry { items: Bytes::from_static(b"?"), ..entry(8, &["x"]) };
    assert_eq!(heard.look(LookKind::Follows, point(1, 8, 0, 0), vec![newer], None), NextStep::Wait);
    assert_eq!(heard.told(), ["restarted 8 Messages(1)"]);
}

#[test]
fn nothing_of_a_lost_connection_is_handed_on() {
    let mut heard = Heard::live(true, point(1, 5, 0, 0));
    heard.feed.heal();
    let look = heard.feed.next_look();
    heard.packet(packet(point(1, 5, 0, 0), &[message("a", true)]));
    heard.feed.disconnect();
    assert!(!heard.feed.awaits_look(look));
    heard.feed.heal();
    assert!(!heard.feed.awaits_look(look));
    assert_eq!(
        heard.look(LookKind::Follows, point(1, 6, 0, 0), vec![entry(6, &["a"])], None),
        NextStep::Wait
    );
    assert_eq!(heard.told(), ["6:a"]);
}

#[test]
fn only_the_answer_to_the_newest_look_up_is_waited_for() {
    let mut heard = Heard::new(true);
    assert!(!heard.feed.is_healing(), "it is not subscribed");
    heard.feed.heal();
    let first = heard.feed.next_look();
    assert!(heard.feed.awaits_look(first));
    // It is subscribed for the second time: what was asked before may have seen less.
    heard.feed.heal();
    assert!(!heard.feed.awaits_look(first));
    let second = heard.feed.next_look();
    assert!(heard.feed.awaits_look(second) && !heard.feed.awaits_look(first));
    assert_eq!(heard.look(LookKind::New, point(1, 4, 0, 0), vec![], Some(vec![])), NextStep::Wait);
    assert!(!heard.feed.awaits_look(second), "it is live");
    assert_eq!(heard.packet(packet(point(1, 5, 0, 0), &[message("f", true)])), NextStep::Look);
    assert!(!heard.feed.awaits_look(second), "it was asked before the gap");
}
