use std::{cell::RefCell, sync::Arc};

use ignitia::{prelude::*, rooms::Rooms};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    set_default_local_recorder,
};

use crate::{
    rooms::{Tell, without_deadlock},
    support::{Transport, until},
};

const MEMBERS: usize = 5;

thread_local! {
    static CONNECTIONS: RefCell<Vec<WebSocketConnection>> = const { RefCell::new(Vec::new()) };
}

/// Recorder whose counters look at all connections.
struct Looking;

impl CounterFn for Looking {
    fn increment(&self, _: u64) {
        CONNECTIONS.with_borrow(|connections| {
            assert!(connections.iter().all(|ws| !ws.is_closed()));
        });
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for Looking {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Self))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

async fn stay(rooms: Rooms<Tell>, mut ws: WebSocketConnection) -> Result<Response> {
    let _seat = rooms.join("room", &ws)?;
    CONNECTIONS.with_borrow_mut(|connections| connections.push(ws.clone()));
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

#[test]
fn a_recorder_may_use_the_connections_that_it_counts_for() {
    without_deadlock(|| async {
        let _guard = set_default_local_recorder(&Looking);
        let rooms = Rooms::<Tell>::new();
        let router = Router::new().state(rooms.clone()).websocket("/", stay);
        let server = Transport::Plain.serve(router).await;
        let mut members = Vec::new();
        for _ in 0..MEMBERS {
            members.push(server.open("/").await);
        }
        let room = rooms.room("room");
        until("all are in", || room.len() == MEMBERS).await;
        for n in 0..3 {
            room.broadcast(&Tell::number(n)).unwrap();
            for member in &mut members {
                member.frame().await;
            }
        }
        CONNECTIONS.take();
    });
}
