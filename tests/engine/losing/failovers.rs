//! Failovers to a replica that did not have the newest messages.

use ignitia::engine::{EngineConfig, EngineStatus};

use crate::support::{LocalNode, Member, Proxy, StoreOptions, StoreServer, Visit, app_name, until};

/// Primary and a replica, with a proxy between them.
struct Replicated {
    primary: StoreServer,
    replica: StoreServer,
    replication: Proxy,
    app: String,
}

impl Replicated {
    async fn start() -> Self {
        let primary = StoreServer::start().await;
        let replication = Proxy::start(primary.addr()).await;
        let port = replication.url().rsplit(':').next().unwrap().to_owned();
        let replica =
            StoreServer::with(StoreOptions::default().with("replicaof", ["127.0.0.1", &port])).await;
        let setup = Self { primary, replica, replication, app: app_name() };
        setup.replicated().await;
        setup
    }

    /// Waits until the replica has everything.
    async fn replicated(&self) {
        until("the replica has everything", async || {
            let info: String = self.primary.command(&["INFO", "replication"]).await;
            let number = |name: &str| -> Option<u64> {
                let number = info.split(name).nth(1)?.split(|end: char| !end.is_ascii_digit()).next()?;
                number.parse().ok()
            };
            let written = number("master_repl_offset:");
            written.is_some() && number(",offset=") == written
        })
        .await;
    }

    async fn node(&self) -> LocalNode {
        LocalNode::with([self.primary.url(), self.replica.url()], EngineConfig::new(&self.app)).await
    }

    /// Ends the primary, and makes the replica one as soon as these nodes have noticed.
    async fn promote(&mut self, nodes: &[LocalNode]) {
        self.primary.kill();
        for node in nodes {
            node.status(EngineStatus::Down).await;
        }
        self.replica.command::<()>(&["REPLICAOF", "NO", "ONE"]).await;
    }
}

async fn publish(node: &LocalNode, room: &str, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        node.rooms.room(room).publish(&tests::engine_app::Tell::number(n)).await.unwrap();
    }
}

async fn enter(node: &LocalNode, room: &str) -> Member {
    Visit::new(room, "ann").enter(node.addr).await
}

fn life(at: &str) -> &str {
    // The lower half of the epoch differs from message to message.
    let epoch = &at[..at.find('.').unwrap()];
    &epoch[..epoch.len().saturating_sub(8)]
}

#[tokio::test]
async fn a_failover_that_loses_nothing_is_noticed_by_no_member() {
    let mut setup = Replicated::start().await;
    let nodes = [setup.node().await, setup.node().await];
    let room = "history-1";
    let mut members = [enter(&nodes[0], room).await, enter(&nodes[1], room).await];
    publish(&nodes[0], room, 1..=10).await;
    setup.replicated().await;
    setup.promote(&nodes).await;
    for node in &nodes {
        node.status(EngineStatus::Up).await;
    }
    publish(&nodes[1], room, [11]).await;
    for member in &mut members {
        assert!(member.numbers(11).await.iter().copied().eq(1..=11));
        assert_eq!(member.count("$lagged"), 0);
    }
}

#[tokio::test]
async fn only_rooms_whose_end_was_lost_begin_a_new_life() {
    let mut setup = Replicated::start().await;
    let nodes = [setup.node().await, setup.node().await];
    let (lost, kept) = ("history+told-1", "history+told-2");
    let mut in_lost = [enter(&nodes[0], lost).await, enter(&nodes[1], lost).await];
    let mut in_kept = [enter(&nodes[0], kept).await, enter(&nodes[1], kept).await];
    publish(&nodes[0], lost, 1..=10).await;
    publish(&nodes[0], kept, 1..=10).await;
    for member in in_lost.iter_mut().chain(&mut in_kept) {
        member.numbers(10).await;
    }
    until("all members are stored", async || {
        nodes[0].rooms.room(kept).fetch_members().await.unwrap().len() == 2
    })
    .await;
    setup.replicated().await;
    setup.replication.stall(true);
    publish(&nodes[1], lost, 11..=15).await;
    for member in &mut in_lost {
        member.numbers(15).await;
    }
    let at = in_lost[0].last_at().unwrap();
    setup.promote(&nodes).await;
    for node in &nodes {
        node.status(EngineStatus::Up).await;
    }
    publish(&nodes[0], lost, [16]).await;
    publish(&nodes[1], lost, [17]).await;
    publish(&nodes[0], kept, [11]).await;
    for member in &mut in_lost {
        assert!(member.numbers(17).await.iter().copied().eq(1..=17));
        assert_eq!(member.count("$lagged"), 1);
        assert!(member.first("$lagged").await["missed"].is_null());
        assert_ne!(life(&member.last_at().unwrap()), life(&at));
    }
    for member in &mut in_kept {
        assert!(member.numbers(11).await.iter().copied().eq(1..=11));
        assert_eq!(member.count("$lagged"), 0);
    }
    // A client that has seen what was lost, and has left before.
    let mut again = Visit::new(lost, "again").at(at).enter(nodes[1].addr).await;
    assert_eq!(again.first("$resumed").await["lost"], true);
    assert_eq!(again.numbers(0).await, [] as [u64; 0]);
}

#[tokio::test]
async fn a_position_of_a_lost_message_is_lost_also_if_no_node_saw_the_loss() {
    let mut setup = Replicated::start().await;
    let room = "history-1";
    let node = setup.node().await;
    let mut member = enter(&node, room).await;
    publish(&node, room, 1..=10).await;
    member.numbers(10).await;
    let kept = member.last_at().unwrap();
    setup.replicated().await;
    setup.replication.stall(true);
    publish(&node, room, 11..=15).await;
    member.numbers(15).await;
    let lost = member.last_at().unwrap();
    // The machine of the only node fails together with the primary.
    setup.primary.kill();
    drop((member, node));
    setup.promote(&[]).await;
    let node = setup.node().await;
    // The numbers of what was lost are given a second time.
    publish(&node, room, 21..=30).await;
    let mut again = Visit::new(room, "again").at(lost).enter(node.addr).await;
    assert_eq!(again.first("$resumed").await["lost"], true);
    publish(&node, room, [31]).await;
    assert_eq!(again.numbers(1).await, [31]);
    // What is older was not lost.
    let mut again = Visit::new(room, "again").at(kept).enter(node.addr).await;
    assert_eq!(again.first("$resumed").await["recovered"], 11);
    assert!(again.numbers(11).await.iter().copied().eq(21..=31));
}
