//! Clients that come and go at any moment of an outage.

use std::time::Duration;

use ignitia::engine::EngineStatus;
use tokio::{task::JoinSet, time::sleep};

use crate::support::{Machines, Visit, until};

const CLIENTS: u64 = 12;
const VISITS: u64 = 60;

/// Connections that are cut while they wait for the server: to resume, to enter, to leave.
#[tokio::test]
async fn clients_that_come_and_go_during_outages_leave_nobody_behind() {
    let machines = Machines::start(2).await;
    // In the other room nobody stays: the nodes hear it and leave it all the time.
    let (room, other) = ("history-1", "history-2");
    let mut witnesses = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    for witness in &mut witnesses {
        witness.numbers(1).await;
    }
    let at = witnesses[0].last_at();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let addr = machines.nodes[client as usize % 2].addr;
        // Some wait for what they missed, and some share a key.
        let visited = if client % 5 < 2 { other } else { room };
        let visit =
            Visit::new(visited, &format!("client-{client}")).at(at.clone().filter(|_| client % 3 > 0));
        let visit = if client % 4 == 0 { visit.key("shared") } else { visit };
        clients.spawn(async move {
            for turn in 0..VISITS {
                let member = visit.try_connect(addr).await;
                // From nothing to the time of a whole entrance.
                sleep(Duration::from_millis((turn * 7 + client * 3) % 40)).await;
                drop(member);
            }
        });
    }
    for outage in 0..6 {
        match outage % 3 {
            0 => {
                machines.server.freeze();
                sleep(Duration::from_millis(200)).await;
                machines.server.thaw();
            }
            1 => machines.server.command::<()>(&["CLIENT", "KILL", "TYPE", "pubsub"]).await,
            _ => machines.server.command::<()>(&["CLIENT", "KILL", "TYPE", "normal"]).await,
        }
        sleep(Duration::from_millis(100)).await;
    }
    while clients.join_next().await.is_some() {}
    machines.all(EngineStatus::Up).await;
    let expected = ["member-0", "member-1"];
    for node in &machines.nodes {
        until("only the witnesses are listed", async || node.names(room) == expected).await;
        until("nobody is listed", async || node.names(other).is_empty()).await;
    }
    for (room, members) in [(room, 2), (other, 0)] {
        let here = machines.nodes[0].rooms.room(room);
        let stored = async || here.fetch_members().await.is_ok_and(|all| all.len() == members);
        until("only they are stored", stored).await;
    }
    // The rooms are as alive as before.
    for member in &mut machines.member_on_each(other).await {
        machines.publish(0, other, [1]).await;
        member.numbers(1).await;
    }
    machines.publish(1, room, [2]).await;
    for witness in &mut witnesses {
        assert_eq!(witness.numbers(2).await, [1, 2]);
    }
}
