//! Batches whose outcome is not known: they are repeated, and done once.

use ignitia::engine::EngineStatus;

use crate::support::{Machines, Member, until};

/// Checks that the numbers come once and in order, and on no member more than that.
async fn all_have(members: &mut [Member], last: u64) {
    for member in members {
        let numbers = member.numbers_up_to(last).await;
        assert!(numbers.iter().copied().eq(1..=last), "{numbers:?}");
    }
}

#[tokio::test]
async fn a_batch_that_a_frozen_server_has_received_is_done_once() {
    let machines = Machines::start(2).await;
    for room in ["history+patient-1", "plain+patient-1"] {
        let mut members = machines.member_on_each(room).await;
        machines.publish(0, room, [1]).await;
        machines.server.freeze();
        machines.broadcast(0, room, [2, 3]);
        machines.all(EngineStatus::Down).await;
        machines.server.thaw();
        machines.all(EngineStatus::Up).await;
        machines.publish(0, room, [4]).await;
        if room.starts_with("history") {
            all_have(&mut members, 4).await;
            let entries: Vec<redis::Value> =
                machines.server.command(&["XRANGE", &machines.key(room, "s"), "-", "+"]).await;
            assert_eq!(entries.len(), 3, "{entries:?}");
        } else {
            // The listening connection may have been away: its members were told and closed.
            machines.publish(1, room, [5]).await;
            for member in members.iter_mut().filter(|member| member.is_open()) {
                let numbers = member.numbers_up_to(5).await;
                assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_done_once() {
    let machines = Machines::start(2).await;
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    for n in 0..10 {
        let marked = 2 * n + 1;
        machines.proxies[0].cut_behind(&format!("\"n\":{marked}}}"));
        machines.broadcast(0, room, [marked, marked + 1]);
        until("the connection is cut", async || machines.proxies[0].has_cut()).await;
        machines.nodes[0].status(EngineStatus::Up).await;
    }
    all_have(&mut members, 20).await;
    machines.publish(1, room, [21]).await;
    all_have(&mut members, 21).await;
}
