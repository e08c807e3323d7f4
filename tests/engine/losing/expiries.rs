//! Times after which the server forgets.

use std::time::Duration;

use ignitia::engine::EngineStatus;

use crate::support::{LocalNode, Machines, Visit};

const HOUR: i64 = 3_600_000;

/// Returns the time in milliseconds after which the server forgets a part of a room.
async fn life(machines: &Machines, room: &str, part: &str) -> i64 {
    machines.server.command(&["PTTL", &machines.key(room, part)]).await
}

/// Lets the next change of a room look at its times again.
async fn let_times_pass(machines: &Machines, room: &str) {
    let key = machines.key(room, "m");
    machines.server.command::<()>(&["HSET", &key, "x", "1", "l", "1"]).await;
}

#[tokio::test]
async fn no_change_of_another_kind_shortens_the_life_of_a_history() {
    let machines = Machines::start(1).await;
    let room = "daily-1";
    machines.publish(0, room, [1]).await;
    assert!(life(&machines, room, "m").await > 47 * HOUR);
    assert!(life(&machines, room, "s").await > 24 * HOUR);
    let_times_pass(&machines, room).await;
    let member = machines.member(0, &Visit::new(room, "ann")).await;
    assert!(life(&machines, room, "m").await > 47 * HOUR, "a join");
    // Its next message renews the history.
    let stream = machines.key(room, "s");
    machines.server.command::<()>(&["PEXPIRE", &stream, &HOUR.to_string()]).await;
    let_times_pass(&machines, room).await;
    let here = machines.nodes[0].rooms.room(room);
    here.broadcast_transient(&tests::engine_app::Tell::number(2)).unwrap();
    machines.publish(0, room, [3]).await;
    assert!(life(&machines, room, "s").await > 24 * HOUR);
    drop(member);
}

#[tokio::test]
async fn a_member_of_a_room_without_messages_gives_it_the_life_of_its_first_message() {
    let machines = Machines::start(1).await;
    let room = "daily-1";
    let _member = machines.member(0, &Visit::new(room, "ann")).await;
    machines.publish(0, room, [1]).await;
    assert!(life(&machines, room, "m").await > 47 * HOUR);
}

/// The history is empty: all that was in it is too old.
#[tokio::test]
async fn nothing_is_lost_of_a_history_that_was_quiet_for_longer_than_its_age() {
    let machines = Machines::start(2).await;
    let room = "history+told-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(1, room, 1..=5).await;
    for member in &mut members {
        member.numbers(5).await;
    }
    let at = members[1].last_at().unwrap();
    let earlier = members[1].told()[3]["$at"].as_str().unwrap().to_owned();
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    machines.server.command::<()>(&["DEL", &machines.key(room, "s")]).await;
    machines.publish(1, room, 6..=8).await;
    machines.proxies[0].refuse(false);
    machines.nodes[0].status(EngineStatus::Up).await;
    machines.publish(1, room, [9]).await;
    assert_eq!(members[0].numbers_up_to(9).await, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(members[0].count("$lagged"), 0);
    // A node that has heard nothing reads the same from the history.
    let newcomer = LocalNode::start(machines.server.url(), &machines.app).await;
    let mut again = Visit::new(room, "again").at(at).enter(newcomer.addr).await;
    assert_eq!(again.first("$resumed").await["recovered"], 4);
    assert_eq!(again.numbers(4).await, [6, 7, 8, 9]);
    let mut too_late = Visit::new(room, "too-late").at(earlier).enter(newcomer.addr).await;
    assert_eq!(too_late.first("$resumed").await["lost"], true);
}

#[tokio::test]
async fn the_outcome_of_a_batch_is_known_for_a_day() {
    let machines = Machines::start(1).await;
    let batch = format!("ig1:{}:!batch:*", machines.app);
    machines.publish(0, "plain-1", [1]).await;
    let keys: Vec<String> = machines.server.command(&["KEYS", &batch]).await;
    machines.server.command::<()>(&["HSET", &keys[0], "x", "1"]).await;
    machines.server.command::<()>(&["PEXPIRE", &keys[0], "60000"]).await;
    machines.publish(0, "plain-1", [2]).await;
    let left: i64 = machines.server.command(&["PTTL", &keys[0]]).await;
    assert!(left > i64::try_from(Duration::from_secs(86_400).as_millis()).unwrap(), "{left}");
}
