//! Tests of `typed_chat.rs`.

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    chat_member::{ChatMember, delivered, joined, left, said, say_request},
    deadline::within,
    running_example::RunningExample,
};

#[tokio::test]
async fn members_of_a_room_receive_all_events_in_one_order() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    example.check_page("<h1>Typed chat</h1>").await;

    // Members are listed by room.
    let mut ann = ChatMember::join(&example, "lobby", "ann").await;
    assert_eq!((&ann.members, ann.lost, &*ann.missed), (&json!([[ann.you, "ann"]]), false, &[][..]));
    let mut bob = ChatMember::join(&example, "lobby", "bob").await;
    assert_eq!(bob.members, json!([[ann.you, "ann"], [bob.you, "bob"]]));
    assert_eq!(bob.missed, [] as [Value; 0], "a new member has missed nothing");
    assert_eq!(ann.next_event().await, joined(&bob, "bob"));
    let mut eve = ChatMember::join(&example, "attic", "eve").await;
    assert_eq!(eve.members, json!([[eve.you, "eve"]]));

    // To all members of the room, the sender included, and into no other room: eve's first message
    // is her own.
    assert_eq!(ann.say("a1", "hi").await, delivered("a1", 1));
    assert_eq!(bob.next_event().await, said("ann", "a1", "hi"));
    assert_eq!(bob.say("b1", "hi ann").await, delivered("b1", 1));
    assert_eq!(ann.next_event().await, said("bob", "b1", "hi ann"));
    assert_eq!(eve.say("e1", "alone").await, delivered("e1", 0));

    // A message beyond the limits is answered with an error, and no other member receives it.
    for (request, code) in [
        (say_request("a2", ""), "bad_length"),
        (say_request("a3", &"é".repeat(501)), "bad_length"),
        (json!({ "type": "say", "id": 4, "key": "", "text": "no key" }).to_string(), "bad_length"),
        (say_request(&"k".repeat(65), "a long key"), "bad_length"),
        (json!({ "type": "say", "id": 5, "text": "no key" }).to_string(), "missing_field"),
        (json!({ "type": "shout", "id": 6 }).to_string(), "unknown_tag"),
        (json!({ "type": "say", "id": 7, "key": "a7", "text": 7 }).to_string(), "invalid_type"),
    ] {
        let id = serde_json::from_str::<Value>(&request).expect("JSON")["id"].take();
        ann.client.send(request).await;
        let error = ann.client.json().await;
        assert_eq!((&error["type"], &error["id"], &error["code"]), (&"$error".into(), &id, &code.into()));
    }
    let (key, text) = ("k".repeat(64), "é".repeat(500));
    assert_eq!(ann.say(&key, &text).await, delivered(&key, 1));
    assert_eq!(bob.next_event().await, said("ann", &key, &text));

    // A bad request is refused before the upgrade.
    let long = "x".repeat(33);
    for (path, status, reason) in [
        (format!("/ws/{long}/ann"), 400, "a room has 1 to 32 characters"),
        (format!("/ws/lobby/{}", &long[..25]), 400, "a name has 1 to 24 characters"),
        ("/ws/lobby/ann?$at=".into(), 400, "not a position in a room's history"),
        ("/ws/lobby/ann?%24at=1".into(), 400, "not a position in a room's history"),
        ("/ws/lobby/ann?$at=1.1&$at=1.-1".into(), 400, "not a position in a room's history"),
        ("/ws/lobby/".into(), 404, ""),
        ("/ws/lobby".into(), 404, ""),
    ] {
        let (refused, text) = example.refusal(example.request(&path)).await;
        assert!(refused == status && text.contains(reason), "{path}: {refused} {text}");
    }

    // Every exit is broadcast: a `leave`, a close by the peer, a lost connection.
    bob.client.send(json!({ "type": "leave" }).to_string()).await;
    let frame = bob.client.closed().await.expect("a close frame with a code");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1000, "you left"));
    assert_eq!(ann.next_event().await, left(bob.you, "bob"));
    for lost in [false, true] {
        let cat = ChatMember::join(&example, "lobby", "cat").await;
        assert_eq!(ann.next_event().await, joined(&cat, "cat"));
        if lost {
            drop(cat.client)
        } else {
            drop(cat.client.close().await)
        }
        assert_eq!(ann.next_event().await, left(cat.you, "cat"));
    }

    example.stop([ann.client, eve.client]).await;
}

#[tokio::test]
async fn a_member_that_resumes_receives_exactly_what_it_missed() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let mut ann = ChatMember::join(&example, "lobby", "ann").await;
    let mut bob = ChatMember::join(&example, "lobby", "bob").await;
    assert_eq!(ann.next_event().await, joined(&bob, "bob"));
    bob.say("b1", "before").await;
    assert_eq!(ann.next_event().await, said("bob", "b1", "before"));

    // ann's connection is lost before she receives her own message.
    ann.client.send(say_request("a1", "am I received?")).await;
    assert_eq!(bob.next_event().await, said("ann", "a1", "am I received?"));
    let (first, epoch, offset) = (ann.you, ann.epoch.clone(), ann.offset);
    drop(ann.client);
    assert_eq!(bob.next_event().await, left(first, "ann"));
    bob.say("b2", "you are").await;
    let mut cat = ChatMember::join(&example, "lobby", "cat").await;
    assert_eq!(cat.missed, [] as [Value; 0]);
    assert_eq!(bob.next_event().await, joined(&cat, "cat"));

    // She resumes: each missed event once, then the welcome, then new events.
    let after = (&*epoch, offset);
    let mut ann = ChatMember::resume(&example, "lobby", "ann", after).await;
    let missed = [
        said("ann", "a1", "am I received?"),
        left(first, "ann"),
        said("bob", "b2", "you are"),
        joined(&cat, "cat"),
    ];
    assert_eq!((&*ann.missed, ann.lost), (&missed[..], false));
    assert_eq!(ann.members, json!([[bob.you, "bob"], [cat.you, "cat"], [ann.you, "ann"]]));
    for other in [&mut bob, &mut cat] {
        assert_eq!(other.next_event().await, joined(&ann, "ann"));
    }
    assert_eq!(bob.say("b3", "there you are").await, delivered("b3", 2));
    for other in [&mut ann, &mut cat] {
        assert_eq!(other.next_event().await, said("bob", "b3", "there you are"));
    }

    // She resumes again while the old connection is still open: she is listed twice for a while.
    let mut again = ChatMember::resume(&example, "lobby", "ann", ann.position()).await;
    assert_eq!((&*again.missed, again.lost), (&[][..], false), "she has seen everything");
    let members = json!([[bob.you, "bob"], [cat.you, "cat"], [ann.you, "ann"], [again.you, "ann"]]);
    assert_eq!(again.members, members);
    for other in [&mut ann, &mut bob, &mut cat] {
        assert_eq!(other.next_event().await, joined(&again, "ann"));
    }
    drop(ann.client);
    for other in [&mut again, &mut bob, &mut cat] {
        assert_eq!(other.next_event().await, left(ann.you, "ann"));
    }

    // An empty room keeps its history.
    cat.client.close().await;
    assert_eq!(bob.next_event().await, left(cat.you, "cat"));
    drop(again.client);
    assert_eq!(bob.next_event().await, left(again.you, "ann"));
    let (bob_id, epoch, offset) = (bob.you, bob.epoch.clone(), bob.offset);
    bob.client.close().await;
    let mut bob = ChatMember::resume(&example, "lobby", "bob", (&epoch, offset)).await;
    assert!(!bob.lost);
    // The end of his first connection is broadcast before he is back or after it.
    let last = match bob.missed.pop().or(bob.meanwhile.pop()) {
        Some(event) => event,
        None => bob.next_event().await,
    };
    assert_eq!((last, bob.missed.len() + bob.meanwhile.len()), (left(bob_id, "bob"), 0));
    example.stop([bob.client]).await;
}

/// A gap in the history is announced, and the room goes on.
#[tokio::test]
async fn a_member_that_resumes_is_told_if_messages_are_lost() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let mut ann = ChatMember::join(&example, "lobby", "ann").await;
    let start = (ann.epoch.clone(), ann.offset);

    // A position of another epoch, as after a restart of the server, or one beyond the history.
    let restarted = RunningExample::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let other = ChatMember::resume(&restarted, "lobby", "ann", ann.position()).await;
    assert!(other.lost && other.missed.is_empty() && other.epoch != ann.epoch);
    for at in [(&*other.epoch, 0), (&*start.0, 1_000), (&*start.0, u64::MAX)] {
        let mut bob = ChatMember::resume(&example, "lobby", "bob", at).await;
        assert!(bob.lost && bob.missed.is_empty(), "{at:?}");
        assert_eq!(bob.members, json!([[ann.you, "ann"], [bob.you, "bob"]]));
        assert_eq!(ann.next_event().await, joined(&bob, "bob"));
        ann.say("a1", "never mind").await;
        assert_eq!(bob.next_event().await, said("ann", "a1", "never mind"));
        bob.client.close().await;
        assert_eq!(ann.next_event().await, left(bob.you, "bob"));
    }

    // More events than the history holds.
    for number in 0..1_000 {
        ann.say(&number.to_string(), "and so on").await;
    }
    let late = ChatMember::resume(&example, "lobby", "late", (&start.0, start.1)).await;
    assert!(late.lost && late.missed.is_empty());
    assert_eq!(ann.next_event().await, joined(&late, "late"));
    let at = ann.offset - 999;
    let just = ChatMember::resume(&example, "lobby", "just", (&start.0, at)).await;
    assert_eq!((just.missed.len(), just.lost), (999, false));

    restarted.stop([other.client]).await;
    example.stop([ann.client, late.client, just.client]).await;
}

/// A member that does not read is closed once its outbox is full for too long. The others receive
/// everything. It receives the contents of its outbox and the reason, and resumes for the rest.
#[tokio::test]
async fn a_member_that_is_too_slow_is_closed_and_can_resume() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_typed_chat")).await;
    let mut ann = ChatMember::join(&example, "lobby", "ann").await;
    let mut bob = ChatMember::join(&example, "lobby", "bob").await;
    assert_eq!(ann.next_event().await, joined(&bob, "bob"));

    let slow = example.connect_with_small_buffer("/ws/lobby/slow").await;
    let mut slow = ChatMember::read_welcome(slow, "slow", None).await;
    for other in [&mut ann, &mut bob] {
        assert_eq!(other.next_event().await, joined(&slow, "slow"));
    }

    // Numbered texts of 2,000 bytes each, until the slow member is closed.
    let text = |number: usize| format!("{number:🦀>500}");
    let mut count = 0;
    loop {
        let key = count.to_string();
        let reply = ann.say(&key, &text(count)).await;
        assert_eq!(bob.next_event().await, said("ann", &key, &text(count)));
        count += 1;
        if reply != delivered(&key, 2) {
            assert_eq!(reply, delivered(&key, 1));
            break;
        }
        assert!(count < 20_000, "the outbox is never full");
    }

    // The rest of the room goes on without it.
    ann.say("last", "without you").await;
    assert_eq!(bob.next_event().await, said("ann", "last", "without you"));

    // The contents of its outbox, without a gap, then the reason.
    let mut received = 0;
    let frame = loop {
        match within(slow.client.0.next()).await.expect("more before the end").expect("no error") {
            Message::Text(event) => {
                let event = slow.advance(serde_json::from_str(&event).expect("JSON"));
                assert_eq!(event["text"], text(received));
                received += 1;
            }
            Message::Close(frame) => break frame.expect("a close frame with a code"),
            other => panic!("no text: {other:?}"),
        }
    };
    assert!((1..count).contains(&received), "{received} of {count} texts");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1013, "lagged"));
    slow.client.closed().await;
    for other in [&mut ann, &mut bob] {
        assert_eq!(other.next_event().await, left(slow.you, "slow"));
    }

    // It has lost nothing.
    let back = ChatMember::resume(&example, "lobby", "slow", slow.position()).await;
    let mut missed: Vec<_> =
        (received..count).map(|number| said("ann", &number.to_string(), &text(number))).collect();
    missed.extend([said("ann", "last", "without you"), left(slow.you, "slow")]);
    assert_eq!((&*back.missed, back.lost), (&missed[..], false));
    for other in [&mut ann, &mut bob] {
        assert_eq!(other.next_event().await, joined(&back, "slow"));
    }
    example.stop([ann.client, bob.client, back.client]).await;
}
