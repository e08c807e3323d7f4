//! Other programs that write to what belongs to a room.

use serde_json::Value;
use tests::engine_app::Tell;

use crate::support::{Machines, until};

const ROOM: &str = "history+told-1";
const OTHER: &str = "history-9";

/// Writes to a part of a room: the part, and a command in which `KEY` stands for it. A key that
/// gets another type is deleted before.
const WRITES: [(&str, &[&str]); 7] = [
    ("m", &["SET", "KEY", "x"]),
    ("s", &["SET", "KEY", "x"]),
    ("w", &["SET", "KEY", "x"]),
    ("s", &["XADD", "KEY", "3-1", "f", "1"]),
    ("s", &["XADD", "KEY", "99999999-0", "f", "1"]),
    ("m", &["HSET", "KEY", "o", "many", "k", "-1"]),
    ("c", &["PUBLISH", "KEY", "hello"]),
];

async fn write(machines: &Machines, part: &str, command: &[&str]) {
    let key = machines.key(ROOM, part);
    let command: Vec<&str> = command.iter().map(|word| if *word == "KEY" { &*key } else { *word }).collect();
    if command[0] == "SET" {
        machines.server.command::<i64>(&["DEL", &key]).await;
    }
    machines.server.command::<redis::Value>(&command).await;
}

/// Broadcasters are told what was refused, members what they miss, other rooms notice nothing, and
/// the room goes on once what was written is gone.
#[tokio::test]
async fn what_others_write_spoils_one_room_for_as_long_as_it_is_there() {
    for (part, command) in WRITES {
        let machines = Machines::start(2).await;
        let mut members = machines.member_on_each(ROOM).await;
        let mut others = machines.member_on_each(OTHER).await;
        machines.publish(0, ROOM, [1, 2]).await;
        write(&machines, part, command).await;
        let mut accepted = vec![1, 2];
        for n in 3..=6 {
            let node = n as usize % 2;
            match machines.nodes[node].rooms.room(ROOM).publish(&Tell::number(n)).await {
                Ok(_) => accepted.push(n),
                Err(error) => assert!(error.is_unavailable(), "{command:?}: {error:?}"),
            }
            machines.publish(node, OTHER, [n]).await;
        }
        for other in &mut others {
            assert_eq!(other.numbers(4).await, [3, 4, 5, 6], "{command:?}");
        }
        machines.server.command::<i64>(&["DEL", &machines.key(ROOM, part)]).await;
        for (node, n) in [(0, 7), (1, 8)] {
            let here = machines.nodes[node].rooms.room(ROOM);
            until("a message is taken", async || here.publish(&Tell::number(n)).await.is_ok()).await;
            accepted.push(n);
        }
        for member in &members {
            // What was taken before the loss is noticed may be a part of it.
            until("the last number, or a loss", async || member.told().iter().any(is_last)).await;
        }
        machines.publish(0, ROOM, [9]).await;
        accepted.push(9);
        for member in &mut members {
            let numbers = member.numbers_up_to(9).await;
            let has_all = numbers == accepted;
            assert!(has_all || member.count("$lagged") == 1, "{command:?}: {numbers:?} of {accepted:?}");
        }
    }
}

fn is_last(message: &Value) -> bool {
    message["n"] == 8 || message["type"] == "$lagged"
}
