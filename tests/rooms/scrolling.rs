//! Scrolling back: the history of a room before a position.

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{History, Position, Remembered, RoomConfig},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Tell {
    Said {
        n: usize,
        text: String,
    },
    Empty {},
    #[message(transient)]
    Typing,
    Older {
        messages: Vec<serde_json::Value>,
    },
}

fn said(n: usize) -> Tell {
    Tell::Said { n, text: r#"é "$at":"1.1"} 🦀"#.into() }
}

fn remembering(history: History) -> Rooms<Tell> {
    Rooms::with_config(RoomConfig::default().history(history))
}

fn numbers(found: &[Remembered]) -> Vec<usize> {
    found
        .iter()
        .map(|one| match one.parse::<Tell>().unwrap() {
            Tell::Said { n, text } => {
                assert_eq!(Tell::Said { n, text }, said(n));
                n
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

/// One page after the other, back to the first message.
#[tokio::test]
async fn a_history_is_read_page_by_page_back_to_the_first() {
    let rooms = remembering(History::default());
    let room = rooms.room("room");
    assert_eq!(room.history(None, 10), []);
    for n in 1..=25 {
        room.broadcast(&said(n)).unwrap();
        room.broadcast(&Tell::Typing).unwrap();
    }
    let mut before: Option<Position> = None;
    for expected in [16..=25, 6..=15, 1..=5] {
        let page = room.history(before, 10);
        assert_eq!(numbers(&page), Vec::from_iter(expected));
        for one in &page {
            let place = format!(r#","$at":"{}"}}"#, one.at());
            assert!(one.text().ends_with(&place), "{}", one.text());
        }
        before = page.first().map(Remembered::at);
    }
    assert_eq!(room.history(before, 10), []);
    assert_eq!(numbers(&room.history(room.position(), 2)), [23, 24]);
    assert_eq!(room.history(None, 0), []);
    assert_eq!(room.history(None, usize::MAX).len(), 25);
    // Asking for a history does not create the room.
    assert_eq!(rooms.room("elsewhere").history(None, 10), []);
    assert_eq!(rooms.len(), 1);
    assert_eq!(Rooms::<Tell>::new().room("room").history(None, 10), []);
}

/// Positions as a client may send them: of another life of the room, of the future, of forgotten
/// messages.
#[tokio::test(start_paused = true)]
async fn any_position_has_an_answer() {
    let room = remembering(History::default().messages(5)).room("room");
    for n in 1..=8 {
        room.broadcast(&said(n)).unwrap();
    }
    let at = room.position().unwrap().to_string();
    let (epoch, _) = at.split_once('.').unwrap();
    let before = |offset: u64| format!("{epoch}.{offset}").parse::<Position>().ok();
    assert_eq!(numbers(&room.history(before(u64::MAX), 10)), [4, 5, 6, 7, 8]);
    assert_eq!(numbers(&room.history(before(9), 2)), [7, 8]);
    assert_eq!(numbers(&room.history(before(6), 10)), [4, 5]);
    for gone in [0, 1, 3, 4] {
        assert_eq!(room.history(before(gone), 10), [], "before {gone}");
    }
    assert_eq!(room.history("1.8".parse().ok(), 10), []);
    tokio::time::sleep(Duration::from_secs(301)).await;
    assert_eq!(room.history(None, 10), []);
}

/// As a field of a message: JSON objects, not texts.
#[tokio::test]
async fn a_page_may_be_a_field_of_one_message() {
    let room = remembering(History::default()).room("room");
    room.broadcast(&said(1)).unwrap();
    room.broadcast(&Tell::Empty {}).unwrap();
    let found = room.history(None, 10);
    assert_eq!(found[1].parse::<Tell>().unwrap(), Tell::Empty {});
    let written = serde_json::to_string(&found).unwrap();
    assert_eq!(written, format!("[{},{}]", found[0].text(), found[1].text()));
    let read: Vec<serde_json::Value> = serde_json::from_str(&written).unwrap();
    assert_eq!(read[1]["$at"], found[1].at().to_string());
    assert!(found[0].parse::<u8>().unwrap_err().is_json());
    let text = found[0].text().to_owned();
    assert_eq!(found.into_iter().next().unwrap().into_text(), text);
}

/// Raw messages have positions in their texts, too; a long text has a longer header.
#[tokio::test]
async fn raw_texts_of_any_length_come_back_whole() {
    let rooms = Rooms::<Message>::with_config(RoomConfig::default().history(History::default()));
    let room = rooms.room("room");
    for length in [0, 10, 200, 70_000] {
        let text = format!(r#"  {{ "text": "{}" }} "#, "x".repeat(length));
        room.broadcast(&text.as_str().into()).unwrap();
        let found = room.history(None, 1);
        assert!(found[0].text().starts_with(text.trim().trim_end_matches('}')), "{length}");
        let read: serde_json::Value = found[0].parse().unwrap();
        assert_eq!(read["text"].as_str().map(str::len), Some(length));
        assert_eq!(read.get("$at"), None);
    }
}
