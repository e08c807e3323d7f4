//! Ten thousand rooms on a node: their heap, and the time until all are heard again after an
//! outage.

use std::time::Instant;

use ignitia::{engine::EngineStatus, prelude::*, rooms::RoomWatch};
use tokio::runtime::Runtime;

use super::{
    heap::live_bytes,
    nodes::{Node, app, room_config},
    promise::Promise,
    redis_server::RedisServer,
};

const ROOMS: usize = 10_000;

pub(super) fn measure(server: &RedisServer) -> [Promise; 2] {
    let runtime = Runtime::new().unwrap();
    let in_memory = runtime.block_on(async {
        let rooms = Rooms::<Message>::with_config(room_config());
        let before = live_bytes();
        let watches = watch_all(&rooms);
        let used = live_bytes() - before;
        drop(watches);
        used
    });
    runtime.block_on(async {
        let node = Node::start(&server.url(), &app()).await;
        let before = live_bytes();
        let watches = watch_all(&node.rooms);
        // A room that is opened last is heard last.
        node.rooms.reserve("last").publish(&Message::Text("{}".to_owned())).await.unwrap();
        let heap = (live_bytes() - before - in_memory) / ROOMS as f64;
        let mut status = node.engine.watch_status();
        status.mark_unchanged();
        let client = redis::Client::open(server.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut command = redis::cmd("CLIENT");
        command.arg("KILL").arg("TYPE").arg("pubsub").query_async::<()>(&mut connection).await.unwrap();
        status.wait_for(|status| *status != EngineStatus::Up).await.unwrap();
        let began = Instant::now();
        status.wait_for(|status| *status == EngineStatus::Up).await.unwrap();
        let seconds = began.elapsed().as_secs_f64();
        drop(watches);
        let time = "seconds until 10,000 rooms are heard again";
        let bytes = "heap of a room on an engine beyond one in memory, in bytes";
        [
            Promise { what: time, value: seconds, least: 0.0, most: 2.0 },
            Promise { what: bytes, value: heap, least: 0.0, most: 1_024.0 },
        ]
    })
}

fn watch_all(rooms: &Rooms<Message>) -> Vec<RoomWatch<()>> {
    (0..ROOMS).map(|number| rooms.room(format!("room-{number}")).watch()).collect()
}
