//! CPU time of a node for a message that it publishes and delivers to a hundred members, on an
//! engine and in memory.

use std::{fs, sync::mpsc, thread};

use ignitia::prelude::*;
use tokio::runtime::Builder;

use super::{
    member::{Member, text},
    nodes::{Node, app, room_config, serve},
    promise::{Promise, ROUNDS, median},
    redis_server::RedisServer,
};

const MEMBERS: usize = 100;
const MESSAGES: usize = 2_000;
/// Messages that are published before all members have received the first of them.
const WINDOW: usize = 8;

pub(super) fn compare(server: &RedisServer) -> Promise {
    let ratios = (0..ROUNDS).map(|_| {
        let (memory, engine) = (measure(None), measure(Some(server.url())));
        println!("CPU time of a node for a message, in us: memory {memory:.0}, engine {engine:.0}");
        engine / memory
    });
    let what = "CPU time of a node for a message to 100 members, of memory";
    Promise { what, value: median(ratios.collect()), least: 0.0, most: 1.3 }
}

/// Returns microseconds for a message. The node has a thread of its own, and the clients another.
fn measure(url: Option<String>) -> f64 {
    let (address, addresses) = mpsc::channel();
    let (done, mut all_done) = tokio::sync::mpsc::unbounded_channel();
    let node = thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
            let (rooms, engine) = match url {
                None => {
                    let rooms = Rooms::<Message>::with_config(room_config());
                    address.send(serve(rooms.clone()).await).unwrap();
                    (rooms, None)
                }
                Some(url) => {
                    let node = Node::start(&url, &app()).await;
                    address.send(node.address).unwrap();
                    (node.rooms, Some(node.engine))
                }
            };
            let room = rooms.room("all");
            // The clients say when all of them are members, and when all have received a message.
            all_done.recv().await.unwrap();
            let cpu = cpu_seconds();
            for number in 0..MESSAGES {
                if number >= WINDOW {
                    all_done.recv().await.unwrap();
                }
                room.broadcast(&Message::Text(text(number))).unwrap();
            }
            for _ in 0..WINDOW {
                all_done.recv().await.unwrap();
            }
            let spent = cpu_seconds() - cpu;
            if let Some(engine) = engine {
                engine.close().await.unwrap();
            }
            spent * 1e6 / MESSAGES as f64
        })
    });
    let address = addresses.recv().unwrap();
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
        let mut members = Vec::new();
        for _ in 0..MEMBERS {
            members.push(Member::connect(address).await);
        }
        done.send(()).unwrap();
        for _ in 0..MESSAGES {
            for member in &mut members {
                member.next().await;
            }
            done.send(()).unwrap();
        }
    });
    node.join().unwrap()
}

/// Returns the CPU time of this thread, as the kernel counts it.
fn cpu_seconds() -> f64 {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedstat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
