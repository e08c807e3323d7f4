//! Tests of `chat.rs`.

use serde_json::json;

use crate::running_example::RunningExample;

#[tokio::test]
async fn members_receive_the_messages_of_their_own_room() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_chat")).await;
    example.check_page("<h1>Chat</h1>").await;

    let mut ann = example.connect("/ws/lobby?name=ann").await;
    assert_eq!(ann.json().await, json!({ "type": "welcome", "members": 1 }));
    let mut bob = example.connect("/ws/lobby?name=b%20o%20b").await;
    assert_eq!(bob.json().await, json!({ "type": "welcome", "members": 2 }));
    assert_eq!(ann.json().await, json!({ "type": "joined", "name": "b o b", "members": 2 }));
    let mut eve = example.connect("/ws/attic?name=eve").await;
    assert_eq!(eve.json().await, json!({ "type": "welcome", "members": 1 }));

    // Both directions, to the sender as well, and into no other room: eve's first message is her
    // own.
    for (is_ann, name) in [(true, "ann"), (false, "b o b")] {
        let (sender, receiver) = if is_ann { (&mut ann, &mut bob) } else { (&mut bob, &mut ann) };
        sender.send(json!({ "key": "1", "text": "hi" }).to_string()).await;
        let said = json!({ "type": "said", "name": name, "key": "1", "text": "hi" });
        assert_eq!(receiver.json().await, said);
        assert_eq!(sender.json().await, said);
    }
    eve.send(json!({ "key": "2", "text": "alone" }).to_string()).await;
    assert_eq!(eve.json().await["text"], "alone");

    // The others are told of every disconnection, and the room accepts new members.
    bob.close().await;
    assert_eq!(ann.json().await, json!({ "type": "left", "name": "b o b", "members": 1 }));
    let mut cat = example.connect("/ws/lobby?name=cat").await;
    assert_eq!(cat.json().await, json!({ "type": "welcome", "members": 2 }));
    cat.send("not JSON").await;
    let frame = cat.closed().await.expect("a close frame with a code");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1008, "not a message of the chat"));

    for path in ["/ws/lobby", "/ws/lobby?name=", "/ws/lobby?name=abcdefghijklmnopqrstuvwxyz"] {
        assert_eq!(example.refusal(example.request(path)).await.0, 400, "{path}");
    }
    example.stop([ann, eve]).await;
}

/// A member that does not read falls behind, and is told so once it reads again. The others
/// receive every message.
#[tokio::test]
async fn a_slow_member_is_told_how_many_messages_it_missed() {
    const MESSAGES: usize = 4_000;
    let example = RunningExample::start(env!("CARGO_BIN_EXE_chat")).await;
    let mut ann = example.connect("/ws/lobby?name=ann").await;
    ann.json().await;

    let mut slow = example.connect_with_small_buffer("/ws/lobby?name=slow").await;
    assert_eq!(slow.json().await["type"], "welcome");
    assert_eq!(ann.json().await["type"], "joined");

    let text = "x".repeat(4_000);
    for key in 0..MESSAGES {
        ann.send(json!({ "key": key.to_string(), "text": text }).to_string()).await;
        let said = ann.json().await;
        assert_eq!((said["type"].as_str(), said["key"].as_str()), (Some("said"), Some(&*key.to_string())));
    }

    // Received and missed messages add up, and the latest message arrives.
    let (mut received, mut missed) = (0, 0);
    while received + missed < MESSAGES as u64 {
        let event = slow.json().await;
        match event["type"].as_str() {
            Some("said") => {
                assert_eq!(event["key"].as_str(), Some(&*(received + missed).to_string()));
                received += 1;
            }
            Some("missed") => missed += event["count"].as_u64().expect("a number"),
            _ => panic!("{event}"),
        }
    }
    assert!(missed > 0 && received > 0, "{received} received, {missed} missed");
    example.stop([ann, slow]).await;
}
