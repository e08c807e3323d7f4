//! Histories: positions behind compressed fields, and messages that are sent again.

use ignitia::{
    prelude::*,
    rooms::{History, Position, RoomConfig},
    websocket::{Compression, WebSocketConfig},
};

use super::{
    handles::Handles,
    inspection::inspect,
    noise,
    peer::{OFFER, Peer},
    prose, with,
};
use crate::support::{Dice, RawSocket};

fn routes() -> [(&'static str, WebSocketConfig); 3] {
    [
        ("/shared", with(Compression::shared())),
        ("/dedicated", with(Compression::dedicated())),
        ("/off", WebSocketConfig::default()),
    ]
}

const NINE: &str = "permessage-deflate; server_max_window_bits=9";

fn remembering(history: History) -> Rooms<Message> {
    Rooms::with_config(RoomConfig::default().history(history))
}

/// Returns a JSON object of about this length, with a number.
fn object(n: usize, length: usize) -> String {
    format!(r#"{{"n":{n},"text":"{}"}}"#, prose(n, length).replace('"', "'"))
}

/// Returns the message as it is sent, at this offset of the room.
fn positioned(text: &str, at: Position) -> String {
    let fields = text.trim().strip_suffix('}').unwrap();
    let comma = if fields.trim() == "{" { "" } else { "," };
    format!(r#"{fields}{comma}"$at":"{at}"}}"#)
}

/// Objects of all lengths and forms, to members of all kinds.
#[tokio::test]
async fn every_member_reads_the_position() {
    let mut handles = Handles::new(routes()).await;
    let rooms = remembering(History::default());
    let room = rooms.room("room");
    let mut memberships = Vec::new();
    let mut peers = Vec::new();
    for (path, offer, bits) in
        [("/shared", OFFER, 15), ("/shared", NINE, 9), ("/dedicated", OFFER, 12), ("/dedicated", NINE, 9)]
    {
        for _ in 0..2 {
            let (peer, ws) = handles.open(path, offer).await;
            memberships.push(rooms.join("room", &ws).unwrap());
            peers.push((peer, bits, ws));
        }
    }
    let (mut plain, ws) = handles.open_plain("/off").await;
    memberships.push(rooms.join("room", &ws).unwrap());
    let mut texts: Vec<String> = [0, 100, 200, 230, 240, 260, 480, 500, 520, 1_000, 5_000, 70_000]
        .into_iter()
        .map(|length| object(length, length))
        .collect();
    texts.extend([
        "{}".into(),
        "{ }".into(),
        format!("  {} \n", object(1, 900)),
        format!("{{{}}}", " ".repeat(500)),
    ]);
    let mut dice = Dice(4);
    let letters: String = noise(&mut dice, 600).iter().map(|byte| char::from(b'#' + byte % 50)).collect();
    texts.push(format!(r#"{{"letters":"{}"}}"#, letters.replace('\\', "/")));
    for text in &texts {
        room.broadcast(&Message::Text(text.clone())).unwrap();
        let expected = positioned(text, room.position().unwrap());
        plain.expect_text(&expected).await;
        for (peer, bits, ws) in &mut peers {
            let received = peer.message().await;
            assert_eq!(received.text(), expected);
            assert_eq!(received.compressed.is_some(), text.len() >= 256, "{} bytes", text.len());
            if let Some(compressed) = received.compressed {
                assert!(inspect(b"", &compressed).farthest <= 1 << *bits);
            }
            // The next message of the connection has a context of its own.
            ws.send_text(&expected).await.unwrap();
            peer.expect_text(&expected).await;
        }
    }
    assert_eq!(room.history(None, 100).len(), texts.len());
    for (remembered, text) in room.history(None, 100).iter().zip(&texts) {
        assert_eq!(remembered.text(), positioned(text, remembered.at()));
    }
}

/// Those who come back are sent the form that there is: the members of the time decide on it.
#[tokio::test]
async fn messages_that_were_missed_are_sent_again() {
    let mut handles = Handles::new(routes()).await;
    for keeper_path in ["/off", "/shared", "/dedicated"] {
        let rooms = remembering(History::default());
        let room = rooms.room("room");
        let mut keeper: (Option<Peer>, Option<RawSocket>, _) = match keeper_path {
            "/off" => {
                let (socket, ws) = handles.open_plain("/off").await;
                (None, Some(socket), ws)
            }
            path => {
                let (peer, ws) = handles.open(path, OFFER).await;
                (Some(peer), None, ws)
            }
        };
        let _keeper = rooms.join("room", &keeper.2).unwrap();
        let start = room.position().unwrap();
        let mut expected = Vec::new();
        for n in 0..20 {
            room.broadcast(&Message::Text(object(n, 100 * n))).unwrap();
            expected.push(positioned(&object(n, 100 * n), room.position().unwrap()));
        }
        for text in &expected {
            match &mut keeper {
                (Some(peer), ..) => drop(peer.expect_text(text).await),
                (_, Some(socket), _) => socket.expect_text(text).await,
                _ => unreachable!("it is one of both"),
            }
        }
        for (path, offer) in [("/shared", OFFER), ("/shared", NINE), ("/dedicated", OFFER), ("/off", "")] {
            if path == "/off" {
                let (mut socket, ws) = handles.open_plain(path).await;
                rooms.reserve("room").resume(&ws, (), Some(start)).await.unwrap();
                for text in &expected {
                    socket.expect_text(text).await;
                }
                continue;
            }
            let (mut peer, ws) = handles.open(path, offer).await;
            ws.send_text(&expected[15]).await.unwrap();
            let mut membership = rooms.reserve("room");
            membership.resume(&ws, (), Some(start)).await.unwrap();
            ws.send_text(&expected[15]).await.unwrap();
            assert!(peer.expect_text(&expected[15]).await);
            let mut compressed = 0;
            // The own message comes in between: it waits for none of the others.
            let mut own = 0;
            let mut next = 0;
            while next < expected.len() || own == 0 {
                let received = peer.message().await;
                if received.text() == expected[15] && received.text() != expected[next.min(19)] {
                    own += 1;
                    continue;
                }
                assert_eq!(received.text(), expected[next]);
                compressed += usize::from(received.compressed.is_some());
                next += 1;
            }
            // Of the windows that were wanted, one has to be small enough.
            let most = match (keeper_path, path, offer) {
                ("/off", ..) => 0..1,
                (_, _, NINE) => 1..10,
                _ => 10..20,
            };
            assert!(most.contains(&compressed), "{keeper_path}, {path}: {compressed}");
        }
    }
}

/// A message counts with all of its forms.
#[tokio::test]
async fn a_history_is_limited_by_the_bytes_of_all_forms() {
    const BYTES: usize = 20_000;
    let mut handles = Handles::new(routes()).await;
    let mut dice = Dice(6);
    let letters: String = noise(&mut dice, 2_000).iter().map(|byte| char::from(b'a' + byte % 16)).collect();
    let text = format!(r#"{{"letters":"{letters}"}}"#);
    for kinds in
        [&[][..], &[("/shared", OFFER)], &[("/shared", OFFER), ("/shared", NINE), ("/dedicated", OFFER)]]
    {
        let rooms = remembering(History::default().bytes(BYTES));
        let room = rooms.room("room");
        let (mut plain, ws) = handles.open_plain("/off").await;
        let mut memberships = vec![rooms.join("room", &ws).unwrap()];
        let mut peers = Vec::new();
        for (path, offer) in kinds {
            let (peer, ws) = handles.open(path, offer).await;
            memberships.push(rooms.join("room", &ws).unwrap());
            peers.push((peer, ws));
        }
        let mut each = 0;
        for _ in 0..20 {
            room.broadcast(&Message::Text(text.clone())).unwrap();
            let frame = plain.frame().await;
            let mut forms = vec![frame.payload];
            for (peer, _) in &mut peers {
                forms.push(peer.message().await.compressed.unwrap());
            }
            forms.sort();
            forms.dedup();
            each = forms.iter().map(|form| form.len() + 4).sum::<usize>();
        }
        assert_eq!(room.history(None, 100).len(), BYTES / each, "{kinds:?}: {each} bytes each");
        // Without these members, no more forms are made.
        memberships.truncate(1);
        for _ in 0..20 {
            room.broadcast(&Message::Text(text.clone())).unwrap();
            each = plain.frame().await.payload.len() + 4;
        }
        assert_eq!(room.history(None, 100).len(), BYTES / each, "behind {kinds:?}");
    }
}

/// To rooms with and without a history at once: with and without a position.
#[tokio::test]
async fn a_multicast_has_positions_where_there_is_a_history() {
    let mut handles = Handles::new(routes()).await;
    let rooms = Rooms::<Message>::with_config_by_name(|name| {
        RoomConfig::default().history((name != "plain").then(History::default))
    });
    let mut peers = Vec::new();
    for name in ["plain", "a", "b"] {
        for (path, offer) in [("/shared", OFFER), ("/dedicated", OFFER), ("/shared", NINE)] {
            let (peer, ws) = handles.open(path, offer).await;
            peers.push((name, peer, rooms.join(name, &ws).unwrap()));
        }
    }
    for n in 0..5 {
        let text = object(n, 2_000);
        rooms.broadcast_to(["b", "plain", "a"], &Message::Text(text.clone())).unwrap();
        for (name, peer, _) in &mut peers {
            let expected = match rooms.room(*name).position() {
                Some(at) => positioned(&text, at),
                None => text.clone(),
            };
            assert!(peer.expect_text(&expected).await, "{name}");
        }
        rooms.room("a").broadcast_transient(&Message::Text(text.clone())).unwrap();
        rooms.room("a").uncompressed().broadcast(&Message::Text(text.clone())).unwrap();
        for (_, peer, _) in peers.iter_mut().filter(|(name, ..)| *name == "a") {
            assert!(peer.expect_text(&text).await);
            assert!(!peer.expect_text(&positioned(&text, rooms.room("a").position().unwrap())).await);
        }
    }
}
