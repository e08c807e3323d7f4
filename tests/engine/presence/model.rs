//! Members after faults in any order, against those who are connected.

use std::{collections::BTreeMap, env, time::Duration};

use ignitia::engine::EngineStatus;
use tokio::time::sleep;

use crate::support::{Machines, Member, Visit, until};

const ROOMS: [&str; 5] = ["plain-1", "plain-2", "plain-3", "history-1", "history-2"];
const STEPS: u64 = 150;
/// Most clients at once: rooms are empty again and again.
const CLIENTS: usize = 8;

/// Sequence of numbers that a seed determines.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

async fn disturb(machines: &Machines, sequence: &mut Sequence) {
    let proxy = &machines.proxies[sequence.below(2) as usize];
    match sequence.below(6) {
        0 => {
            machines.server.freeze();
            sleep(Duration::from_millis(sequence.below(80))).await;
            machines.server.thaw();
        }
        1 => proxy.cut(),
        2 => {
            proxy.refuse(true);
            sleep(Duration::from_millis(sequence.below(60))).await;
            proxy.refuse(false);
        }
        3 => {
            proxy.stall(true);
            sleep(Duration::from_millis(sequence.below(60))).await;
            proxy.stall(false);
        }
        4 => machines.server.command::<()>(&["SCRIPT", "FLUSH"]).await,
        _ => {
            machines.server.command::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
            sleep(Duration::from_millis(sequence.below(60))).await;
            machines.server.command::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
        }
    }
}

/// `ENGINE_SEED` repeats a run.
#[tokio::test]
async fn all_nodes_know_who_is_connected_after_any_faults() {
    let seed = env::var("ENGINE_SEED").map_or(u64::from(std::process::id()), |seed| seed.parse().unwrap());
    println!("ENGINE_SEED={seed}");
    let mut sequence = Sequence(seed);
    let machines = Machines::start(2).await;
    let mut clients: Vec<(&str, String, Member)> = Vec::new();
    for step in 0..STEPS {
        match sequence.below(8) {
            0..4 if clients.len() < CLIENTS => {
                let room = ROOMS[sequence.below(ROOMS.len() as u64) as usize];
                let name = format!("client-{step:03}");
                let addr = machines.nodes[sequence.below(2) as usize].addr;
                let member = Visit::new(room, &name).try_connect(addr).await.unwrap();
                clients.push((room, name, member));
            }
            0..7 if !clients.is_empty() => {
                let leaving = sequence.below(clients.len() as u64) as usize;
                drop(clients.swap_remove(leaving));
            }
            7 => disturb(&machines, &mut sequence).await,
            _ => {}
        }
        if sequence.below(3) == 0 {
            sleep(Duration::from_millis(sequence.below(30))).await;
        }
    }
    machines.all(EngineStatus::Up).await;
    // One whose entrance did not succeed has been closed.
    let mut expected: BTreeMap<&str, Vec<String>> = ROOMS.map(|room| (room, Vec::new())).into();
    for (room, name, member) in &mut clients {
        until("an answer, or the end", async || member.try_mark().await).await;
        if member.is_open() {
            expected.get_mut(room).unwrap().push(name.clone());
        }
    }
    for (room, names) in &mut expected {
        names.sort();
        for (n, node) in machines.nodes.iter().enumerate() {
            let here = node.rooms.room(*room);
            // A node that hears the room already knows as much as one that begins to.
            let is_heard = !here.members().is_empty();
            let watch = (!is_heard).then(|| here.watch());
            until(&format!("node {n} knows {names:?} in {room}"), async || node.names(room) == *names).await;
            drop(watch);
            let stored = async || here.fetch_members().await.is_ok_and(|all| all.len() == names.len());
            until(&format!("{names:?} are stored in {room}"), stored).await;
        }
    }
}
