//! Many clients that return at once, to one node.

use crate::support::{LocalNode, Machines, StoreServer, Visit};

const CLIENTS: usize = 500;

/// Returns the number of reads of histories that the server has done.
async fn reads(server: &StoreServer) -> u64 {
    let stats: String = server.command(&["INFO", "commandstats"]).await;
    let line = stats.lines().find(|line| line.starts_with("cmdstat_xrange:"));
    line.map_or(0, |line| {
        let calls = line.split("calls=").nth(1).unwrap();
        calls.split(',').next().unwrap().parse().unwrap()
    })
}

#[tokio::test]
async fn a_herd_of_clients_is_a_handful_of_reads() {
    let machines = Machines::start(1).await;
    let room = "history-1";
    let mut member = machines.member(0, &Visit::new(room, "ann")).await;
    machines.publish(0, room, 1..=50).await;
    member.numbers(1).await;
    let at = member.told().iter().find(|told| told["n"] == 1).unwrap()["$at"].clone();
    let at = at.as_str().unwrap().to_owned();
    let node = LocalNode::start(machines.server.url(), &machines.app).await;
    let before = reads(&machines.server).await;
    let visits = (0..CLIENTS).map(|n| {
        let visit = Visit::new(room, &format!("member-{n}")).at(at.clone());
        async move { visit.enter(node.addr).await }
    });
    let mut members = futures_util::future::join_all(visits).await;
    for member in &mut members {
        assert!(member.numbers(49).await.iter().copied().eq(2..=50));
    }
    let done = reads(&machines.server).await - before;
    assert!(done < 40, "{done} reads");
}
