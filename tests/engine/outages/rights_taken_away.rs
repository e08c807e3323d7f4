//! Rights that are taken away and given back.

use ignitia::engine::{Credentials, EngineConfig, EngineStatus};

use crate::support::{LocalNode, Machines, StoreOptions, Visit, until};

async fn permit(machines: &Machines, rights: &[&str]) {
    let mut rule = vec!["ACL", "SETUSER", "chat"];
    rule.extend(rights);
    machines.server.command::<()>(&rule).await;
}

/// Starts a node with a user of its own, beside one with all rights.
async fn start() -> Machines {
    let mut machines = Machines::with(StoreOptions::default(), 1, |config| config).await;
    permit(&machines, &["reset", "on", ">secret", "~*", "allchannels", "+@all"]).await;
    let config = EngineConfig::new(&machines.app).credentials(|| Credentials::user("chat", "secret"));
    machines.nodes.push(LocalNode::with(machines.server.url(), config).await);
    machines
}

#[tokio::test]
async fn a_node_that_may_not_listen_for_a_while_gets_what_it_missed() {
    let machines = start().await;
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    permit(&machines, &["resetchannels"]).await;
    machines.nodes[1].status(EngineStatus::Down).await;
    machines.publish(0, room, [2, 3]).await;
    permit(&machines, &["allchannels"]).await;
    machines.nodes[1].status(EngineStatus::Up).await;
    machines.publish(1, room, [4]).await;
    for member in &mut members {
        assert_eq!(member.numbers_up_to(4).await, [1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn a_node_that_may_not_write_for_a_while_poisons_no_room() {
    for command in ["hset", "xadd", "publish"] {
        let machines = start().await;
        let room = "history+told-1";
        let mut members = machines.member_on_each(room).await;
        machines.publish(1, room, [1]).await;
        permit(&machines, &[&format!("-{command}")]).await;
        let here = machines.nodes[1].rooms.room(room);
        let error = here.publish(&tests::engine_app::Tell::number(2)).await.unwrap_err();
        assert!(error.is_unavailable(), "{command}: {error:?}");
        machines.nodes[1].status(EngineStatus::Refusing).await;
        permit(&machines, &["+@all"]).await;
        machines.nodes[1].status(EngineStatus::Up).await;
        machines.publish(1, room, [3]).await;
        machines.publish(0, room, [4, 5]).await;
        for member in &mut members {
            let numbers = member.numbers_up_to(5).await;
            // The outcome of the second is not known to its publisher. If the script was stopped
            // before the entry was made, there is a hole, which is told with what comes next.
            let told: Vec<_> = member.told().into_iter().filter(|told| told["type"] == "$lagged").collect();
            let known: Vec<u64> = numbers.iter().copied().filter(|n| *n != 2).collect();
            match (command, &*told) {
                ("xadd", [told]) => {
                    let missed = told["missed"].as_u64().unwrap();
                    assert_eq!(known.len() as u64 + missed, 5, "{numbers:?}");
                }
                (_, []) => assert_eq!(known, [1, 3, 4, 5], "{command}"),
                _ => panic!("{command}: {told:?}"),
            }
        }
        // Clients that return miss nothing.
        let at = members[0].last_at();
        machines.publish(1, room, [6]).await;
        let mut again = machines.member(0, &Visit::new(room, "again").at(at)).await;
        // The node may hear the last one before the client resumes, or after that.
        assert!(again.first("$resumed").await["recovered"].is_u64(), "{command}");
        assert_eq!(again.numbers(1).await, [6]);
    }
}

#[tokio::test]
async fn members_who_come_with_what_may_not_be_written_are_told_afterwards() {
    let machines = start().await;
    let (refused, other) = ("history-1", "told-1");
    let _members = machines.member_on_each(refused).await;
    let mut others = machines.member_on_each(other).await;
    permit(&machines, &["-xadd"]).await;
    // The first message is on its way by itself. What follows it is one script, which is stopped
    // before it comes to the second room.
    machines.server.freeze();
    machines.broadcast(1, "told-2", [1]);
    others[1].mark().await;
    machines.broadcast(1, refused, [2]);
    let _late = machines.member(1, &Visit::new(other, "late")).await;
    machines.server.thaw();
    machines.nodes[1].status(EngineStatus::Refusing).await;
    permit(&machines, &["+@all"]).await;
    machines.nodes[1].status(EngineStatus::Up).await;
    for node in &machines.nodes {
        until("the member is listed", async || node.names(other).contains(&"late".to_owned())).await;
    }
}
