//! Nodes that are killed, frozen or drained.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use ignitia::rooms::{RoomEvent, RoomWatch};
use tests::engine_app::{NodeSettings, Presence};
use tokio::task::JoinHandle;

use crate::support::{Machines, Member, NodeProcess, Visit, until, within};

/// Lease of the nodes. The default takes longer than a test should.
const LEASE: Duration = Duration::from_secs(3);

const MEMBERS: usize = 50;

/// A node in this process, and one in a process of its own.
struct Pair {
    machines: Machines,
    process: NodeProcess,
    members: Vec<Member>,
    /// With it, the node in this process knows the members.
    _watch: RoomWatch<Presence>,
}

impl Pair {
    /// Starts both, and members on the process.
    async fn start(room: &str) -> Self {
        let options = crate::support::StoreOptions::default();
        let machines = Machines::with(options, 1, |config| config.lease(LEASE)).await;
        let process = NodeProcess::start(&settings(&machines)).await;
        let mut members = Vec::new();
        for n in 0..MEMBERS {
            members.push(Visit::new(room, &format!("member-{n}")).enter(process.addr).await);
        }
        let _watch = machines.nodes[0].rooms.room(room).watch();
        Self { machines, process, members, _watch }
    }

    fn len(&self, room: &str) -> usize {
        self.machines.nodes[0].rooms.room(room).len()
    }
}

fn settings(machines: &Machines) -> NodeSettings {
    let lease_millis = u64::try_from(LEASE.as_millis()).unwrap();
    NodeSettings { lease_millis, ..NodeSettings::new([machines.server.url()], &machines.app) }
}

/// Counts joins and leaves of each member, until so many leaves have come.
fn count_events(machines: &Machines, room: &str, leaves: usize) -> JoinHandle<HashMap<u64, (usize, usize)>> {
    let mut watch = machines.nodes[0].rooms.room(room).watch();
    tokio::spawn(async move {
        let mut counts: HashMap<u64, (usize, usize)> = HashMap::new();
        let mut left = 0;
        while left < leaves {
            match watch.recv().await.unwrap() {
                RoomEvent::Joined(member) => counts.entry(member.id.get()).or_default().0 += 1,
                RoomEvent::Left(member) => {
                    counts.entry(member.id.get()).or_default().1 += 1;
                    left += 1;
                }
                event => panic!("{event:?}"),
            }
        }
        counts
    })
}

#[tokio::test]
async fn members_of_a_node_that_was_killed_leave_once_within_the_lease() {
    let room = "history-1";
    let pair = Pair::start(room).await;
    let events = count_events(&pair.machines, room, MEMBERS);
    until("all are known", async || pair.len(room) == MEMBERS).await;
    let Pair { machines, process, members, .. } = pair;
    process.kill();
    let killed = Instant::now();
    let counts = within("the leaves", events).await.unwrap();
    let elapsed = killed.elapsed();
    assert!(counts.values().all(|count| *count == (1, 1)), "{counts:?}");
    // A few heartbeats more, and a slow machine.
    assert!(elapsed < LEASE + Duration::from_secs(5), "{elapsed:?}");
    assert!(machines.nodes[0].rooms.room(room).fetch_members().await.unwrap().is_empty());
    // Nothing is left of the node.
    let keys: Vec<String> = machines.server.command(&["KEYS", &machines.key(room, "w*")]).await;
    assert!(keys.is_empty(), "{keys:?}");
    drop(members);
}

#[tokio::test]
async fn a_node_that_was_frozen_comes_back_without_ghosts_and_misses_nothing() {
    let room = "history-1";
    let mut pair = Pair::start(room).await;
    until("all are known", async || pair.len(room) == MEMBERS).await;
    pair.machines.publish(0, room, [1]).await;
    pair.members[0].numbers(1).await;
    pair.process.freeze();
    until("its members are gone", async || pair.len(room) == 0).await;
    pair.machines.publish(0, room, 2..=50).await;
    pair.process.thaw();
    until("its members are back", async || pair.len(room) == MEMBERS).await;
    let mut ids: Vec<u64> =
        pair.machines.nodes[0].rooms.room(room).members().iter().map(|member| member.id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), MEMBERS);
    pair.machines.publish(0, room, [51]).await;
    for member in &mut pair.members {
        let numbers = member.numbers(51).await;
        assert!(numbers.iter().copied().eq(1..=51), "{numbers:?}");
    }
    // They leave as usual.
    pair.members.truncate(10);
    until("some are left", async || pair.len(room) == 10).await;
    let stored = pair.machines.nodes[0].rooms.room(room).fetch_members().await.unwrap();
    assert_eq!(stored.len(), 10);
    let names = pair.process.names(room).await.unwrap();
    assert_eq!(names.len(), 10);
    assert_eq!(pair.process.stored_names(room).await.unwrap(), names);
}

#[tokio::test]
async fn a_node_that_is_drained_leaves_at_once_and_its_clients_resume_elsewhere() {
    let room = "history-1";
    let mut pair = Pair::start(room).await;
    until("all are known", async || pair.len(room) == MEMBERS).await;
    pair.machines.publish(0, room, [1]).await;
    pair.members[0].numbers(1).await;
    let other = NodeProcess::start(&settings(&pair.machines)).await;
    pair.process.terminate();
    let mut positions = Vec::new();
    for member in &mut pair.members {
        assert_eq!(member.end().await.0, 1012);
        positions.push(member.last_at());
    }
    let drained = Instant::now();
    assert!(pair.process.wait().await.success());
    pair.machines.publish(0, room, [2, 3]).await;
    let stored = pair.machines.nodes[0].rooms.room(room).fetch_members().await.unwrap();
    assert!(stored.is_empty(), "{stored:?}");
    assert!(drained.elapsed() < LEASE, "{:?}", drained.elapsed());
    for (n, at) in positions.into_iter().enumerate() {
        let mut member = Visit::new(room, &format!("member-{n}")).at(at).enter(other.addr).await;
        let missed = member.first("$resumed").await["recovered"].as_u64().unwrap();
        assert!(member.numbers(missed as usize).await.ends_with(&[2, 3]));
    }
}

/// The node has lost its lease, and has come back with another one before the others have removed
/// all that belongs to the first.
#[tokio::test]
async fn a_lease_that_is_over_takes_no_members_from_a_node_that_is_back() {
    let options = crate::support::StoreOptions::default();
    let machines = Machines::with(options, 2, |config| config.lease(LEASE)).await;
    let room = "plain-1";
    let members = machines.member_on_each(room).await;
    let server = &machines.server;
    let leases = format!("ig1:{}:!leases", machines.app);
    let names: Vec<String> = server.command(&["ZRANGE", &leases, "0", "-1"]).await;
    for name in &names {
        let past = format!("{}.1", name.split('.').next().unwrap());
        let room_key = machines.key(room, "").trim_end_matches(':').to_owned();
        server.command::<()>(&["SADD", &format!("ig1:{}:!rooms:{past}", machines.app), &room_key]).await;
        server.command::<()>(&["ZADD", &leases, "1", &past]).await;
    }
    until("the leases of the past are gone", async || {
        server.command::<u64>(&["ZCARD", &leases]).await == names.len() as u64
    })
    .await;
    // What was told of it has arrived behind this.
    machines.publish(0, room, [1]).await;
    for (node, mut member) in machines.nodes.iter().zip(members) {
        member.numbers(1).await;
        assert_eq!(node.names(room), ["member-0", "member-1"]);
    }
}
