//! Rooms: a broadcast is compressed once, for members of all parameters.

use ignitia::{
    ServerMessage,
    prelude::*,
    rooms::MemberKey,
    websocket::{Compression, WebSocketConfig},
};
use serde::Serialize;

use super::{
    handles::Handles,
    inspection::inspect,
    noise,
    peer::{OFFER, Peer},
    prose, with,
};
use crate::support::{BINARY, Dice, RawSocket, TEXT, Transport, until};

/// Paths with their configuration, and offers for them: members of all kinds.
const KINDS: [(&str, &str); 12] = [
    ("/shared", OFFER),
    ("/shared", "permessage-deflate"),
    ("/shared", "permessage-deflate; server_max_window_bits=9"),
    ("/shared", "permessage-deflate; server_max_window_bits=10"),
    ("/shared", "permessage-deflate; server_max_window_bits=12"),
    ("/shared", ""),
    ("/off", OFFER),
    ("/dedicated", OFFER),
    ("/dedicated", "permessage-deflate; server_max_window_bits=9"),
    ("/dedicated", "permessage-deflate; server_no_context_takeover"),
    ("/binary", OFFER),
    ("/large", OFFER),
];

fn routes() -> [(&'static str, WebSocketConfig); 5] {
    [
        ("/shared", with(Compression::shared())),
        ("/off", WebSocketConfig::default()),
        ("/dedicated", with(Compression::dedicated())),
        ("/binary", with(Compression::shared().binary(true).text(false).min_size(0))),
        ("/large", with(Compression::shared().min_size(5_000).binary(true))),
    ]
}

/// A member of a room.
struct Guest {
    kind: (&'static str, &'static str),
    reader: Reader,
    ws: WebSocketConnection,
}

enum Reader {
    Compressed(Box<Peer>),
    Plain(RawSocket),
}

impl Guest {
    async fn open(handles: &mut Handles, kind: (&'static str, &'static str)) -> Self {
        let (path, offer) = kind;
        if path == "/off" || offer.is_empty() {
            let (socket, ws) = handles.open_plain(path).await;
            return Self { kind, reader: Reader::Plain(socket), ws };
        }
        let (peer, ws) = handles.open(path, offer).await;
        Self { kind, reader: Reader::Compressed(Box::new(peer)), ws }
    }

    /// Expects a message, and returns the bytes on the wire if it was compressed.
    async fn expect(&mut self, opcode: u8, payload: &[u8]) -> Option<Vec<u8>> {
        let received = match &mut self.reader {
            Reader::Compressed(peer) => peer.message().await,
            Reader::Plain(socket) => {
                let frame = socket.frame().await;
                super::peer::Received { opcode: frame.opcode, compressed: None, payload: frame.payload }
            }
        };
        assert_eq!((received.opcode, received.payload.len()), (opcode, payload.len()), "{:?}", self.kind);
        assert!(received.payload == payload, "{:?}: another message", self.kind);
        received.compressed
    }
}

/// Opens members of all kinds, two of each, in one room.
async fn guests(handles: &mut Handles, rooms: &Rooms<Message>) -> (Vec<Guest>, Vec<Membership<Message>>) {
    let (mut guests, mut memberships) = (Vec::new(), Vec::new());
    for kind in KINDS.into_iter().chain(KINDS) {
        let guest = Guest::open(handles, kind).await;
        memberships.push(rooms.join("room", &guest.ws).unwrap());
        guests.push(guest);
    }
    (guests, memberships)
}

/// Returns the bits of the window that a member has asked for.
fn bits(kind: (&str, &str)) -> u8 {
    match kind {
        (_, offer) if offer.contains("=9") => 9,
        (_, offer) if offer.contains("=10") => 10,
        (_, offer) if offer.contains("=12") => 12,
        ("/dedicated", _) => 12,
        _ => 15,
    }
}

/// Members with the same parameters are sent the same bytes, and none refers farther back than its
/// window. With several members the messages are written directly, with one by its own task.
#[tokio::test]
async fn members_of_all_kinds_read_the_same() {
    let mut dice = Dice(31);
    for transport in [Transport::Plain, Transport::Http2] {
        let mut handles = Handles::over(transport, routes()).await;
        let rooms = Rooms::<Message>::new();
        let (mut guests, _memberships) = guests(&mut handles, &rooms).await;
        let room = rooms.room("room");
        for length in [10, 255, 256, 512, 513, 1_500, 4_999, 5_000, 40_000] {
            let text = prose(length, length);
            for (opcode, payload, is_uncompressed) in [
                (TEXT, text.clone().into_bytes(), false),
                (BINARY, text.clone().into_bytes(), false),
                (TEXT, text.clone().into_bytes(), true),
                (BINARY, noise(&mut dice, length), false),
            ] {
                let message = match opcode {
                    TEXT => Message::Text(String::from_utf8(payload.clone()).unwrap()),
                    _ => Message::Binary(payload.clone().into()),
                };
                let room = if is_uncompressed { room.uncompressed() } else { room.clone() };
                assert_eq!(room.broadcast(&message).unwrap().queued, guests.len());
                let mut forms: Vec<(u8, Vec<u8>)> = Vec::new();
                for guest in &mut guests {
                    let compressed = guest.expect(opcode, &payload).await;
                    let is_wanted = !is_uncompressed
                        && match guest.kind.0 {
                            _ if matches!(guest.reader, Reader::Plain(_)) => false,
                            "/binary" => opcode == BINARY,
                            "/large" => length >= 5_000,
                            _ => opcode == TEXT && length >= 256,
                        };
                    let is_noise = opcode == BINARY && payload != text.as_bytes();
                    // Ten bytes of prose are as long compressed.
                    if length > 10 {
                        assert_eq!(
                            compressed.is_some(),
                            is_wanted && !is_noise,
                            "{:?}: {length}",
                            guest.kind
                        );
                    }
                    let Some(compressed) = compressed else { continue };
                    let bits = bits(guest.kind);
                    assert!(inspect(b"", &compressed).farthest <= 1 << bits, "{:?}: {length}", guest.kind);
                    forms.push((bits, compressed));
                }
                forms.sort();
                forms.dedup();
                let mut windows: Vec<u8> = forms.iter().map(|(bits, _)| *bits).collect();
                windows.dedup();
                assert_eq!(windows.len(), forms.len(), "{length}: two forms for one window");
                // Windows that the message fits into share a form.
                let mut bytes: Vec<_> = forms.iter().map(|(_, bytes)| bytes).collect();
                bytes.dedup();
                let small = windows.iter().filter(|bits| 1_usize << **bits >= length).count();
                assert!(bytes.len() <= windows.len() - small.saturating_sub(1), "{length}: {windows:?}");
            }
        }
    }
}

/// Messages to one member between the broadcasts, in all modes, so that a context that is not the
/// client's would be noticed.
#[tokio::test]
async fn broadcasts_among_messages_to_one_member() {
    let mut handles = Handles::new(routes()).await;
    let rooms = Rooms::<Message>::new();
    let (mut guests, memberships) = guests(&mut handles, &rooms).await;
    let room = rooms.room("room");
    let mut dice = Dice(8);
    for n in 0..60 {
        let length = 200 + dice.roll(1_500);
        let text = |n: usize| Message::Text(prose(n % 5, length));
        match dice.roll(4) {
            0 => drop(room.broadcast(&text(n)).unwrap()),
            1 => drop(room.uncompressed().broadcast(&text(n)).unwrap()),
            2 => memberships.iter().for_each(|membership| {
                membership.send_to(membership.id().unwrap(), &text(n)).unwrap();
            }),
            _ => guests.iter().for_each(|guest| guest.ws.try_send(text(n)).unwrap()),
        }
        if dice.roll(3) == 0 {
            tokio::task::yield_now().await;
        }
        let Message::Text(expected) = text(n) else { unreachable!() };
        for guest in &mut guests {
            guest.expect(TEXT, expected.as_bytes()).await;
        }
    }
}

/// Members come and go: a form is made as long as one of them wants it.
#[tokio::test]
async fn members_that_join_and_leave_change_what_is_compressed() {
    let mut handles = Handles::new(routes()).await;
    let rooms = Rooms::<Message>::new();
    let room = rooms.room("room");
    let text = prose(3, 2_000);
    let message = Message::Text(text.clone());
    for _ in 0..3 {
        let mut plain = Guest::open(&mut handles, ("/off", OFFER)).await;
        let _plain = rooms.join("room", &plain.ws).unwrap();
        let mut large = Guest::open(&mut handles, ("/large", OFFER)).await;
        let mut large_membership = rooms.join("room", &large.ws).unwrap();
        room.broadcast(&message).unwrap();
        assert_eq!(plain.expect(TEXT, text.as_bytes()).await, None);
        assert_eq!(large.expect(TEXT, text.as_bytes()).await, None);
        let mut small = Guest::open(&mut handles, ("/shared", OFFER)).await;
        let small_membership = rooms.join("room", &small.ws).unwrap();
        room.broadcast(&message).unwrap();
        assert_eq!(plain.expect(TEXT, text.as_bytes()).await, None);
        assert_eq!(large.expect(TEXT, text.as_bytes()).await, None);
        assert!(small.expect(TEXT, text.as_bytes()).await.is_some());
        // Twice in the room: it is sent to twice, and leaves once.
        let again = rooms.join("room", &small.ws).unwrap();
        drop(small_membership);
        large_membership.leave();
        room.broadcast(&message).unwrap();
        plain.expect(TEXT, text.as_bytes()).await;
        assert!(small.expect(TEXT, text.as_bytes()).await.is_some());
        drop(again);
        let Guest { reader: Reader::Compressed(peer), ws, .. } = small else { unreachable!() };
        drop(peer);
        until("it is over", || ws.close_cause().is_some()).await;
        room.broadcast(&message).unwrap();
        assert_eq!(plain.expect(TEXT, text.as_bytes()).await, None);
    }
}

#[derive(Clone, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum News {
    Open {
        text: String,
    },
    #[message(uncompressed)]
    Secret {
        text: String,
    },
}

/// Every way to reach members.
#[tokio::test]
async fn multicasts_and_messages_to_one_member_or_key() {
    let mut handles = Handles::new(routes()).await;
    let rooms = Rooms::<News>::new();
    let mut guests = Vec::new();
    let mut memberships = Vec::new();
    for (n, kind) in KINDS.into_iter().enumerate() {
        let guest = Guest::open(&mut handles, kind).await;
        let names = [&["a"][..], &["b"], &["a", "b"]][n % 3];
        for name in names {
            let key = MemberKey::from(format!("user {n}"));
            memberships.push((n, rooms.join_keyed(*name, &guest.ws, key, ()).unwrap()));
        }
        guests.push(guest);
    }
    let content = prose(2, 1_000).replace('"', "'");
    for (secret, is_uncompressed) in [(false, false), (true, false), (false, true)] {
        let rooms = if is_uncompressed { rooms.uncompressed() } else { rooms.clone() };
        let news = match secret {
            false => News::Open { text: content.clone() },
            true => News::Secret { text: content.clone() },
        };
        let text = serde_json::to_string(&news).unwrap();
        let is_compressed = |kind: (&str, &str)| {
            let is_left_out = secret || is_uncompressed;
            !is_left_out && matches!(kind.0, "/shared" | "/dedicated") && !kind.1.is_empty()
        };
        rooms.broadcast_to(["a", "b", "nowhere"], &news).unwrap();
        for guest in &mut guests {
            let compressed = guest.expect(TEXT, text.as_bytes()).await;
            assert_eq!(compressed.is_some(), is_compressed(guest.kind), "{:?}", guest.kind);
        }
        for (n, membership) in &memberships {
            rooms.room(membership.name()).send_to(membership.id().unwrap(), &news).unwrap();
            let compressed = guests[*n].expect(TEXT, text.as_bytes()).await;
            assert_eq!(compressed.is_some(), is_compressed(guests[*n].kind), "{:?}", guests[*n].kind);
        }
        for (n, guest) in guests.iter_mut().enumerate() {
            rooms.send_to_key(format!("user {n}"), &news).unwrap();
            let compressed = guest.expect(TEXT, text.as_bytes()).await;
            assert_eq!(compressed.is_some(), is_compressed(guest.kind), "{:?}", guest.kind);
        }
    }
}
