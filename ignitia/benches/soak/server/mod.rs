//! The server's side: it answers, counts, and says what is left at its end.

mod endpoints;
mod recorder;
mod tally;
mod ticking;
mod vitals;

use std::{net::SocketAddr, time::Duration};

use ignitia::{Server, ServerConfig, Shutdown};
use tokio::net::TcpSocket;

pub(crate) use self::vitals::HEAP_THAT_STAYS;
use self::{
    endpoints::{FIREHOSE, TICKER},
    recorder::Recorder,
    tally::Tallies,
    vitals::Vitals,
};
use crate::{
    plan::Plan,
    process::{LISTENING, REPORT},
    report::Report,
};

/// What the kernel keeps for each client: little, so that those who do not read are noticed soon.
const SEND_BUFFER: u32 = 64 << 10;

/// How often the state is printed.
const STATUS: Duration = Duration::from_secs(10);

pub(crate) async fn run(plan: Plan) {
    // What tokio needs for signals stays, and is no leak.
    let _signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).unwrap();
    let recorder = Recorder::install();
    let before = Vitals::now();
    let tallies = Tallies::new();
    let shutdown = Shutdown::with_config(plan.drain());
    let rooms = endpoints::rooms();
    let router = endpoints::router(plan, tallies.clone(), rooms.clone()).shutdown(shutdown.clone());

    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(SEND_BUFFER).unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1024).unwrap();
    println!("{LISTENING}{}", listener.local_addr().unwrap());

    let mut beside = tokio::task::JoinSet::new();
    beside.spawn(ticking::tick(rooms.room(TICKER)));
    beside.spawn(ticking::pour(rooms.room(FIREHOSE)));
    beside.spawn({
        let tallies = tallies.clone();
        async move {
            let mut interval = tokio::time::interval(STATUS);
            loop {
                interval.tick().await;
                println!("{} | {tallies}", Vitals::now());
            }
        }
    });
    let config = ServerConfig { header_read_timeout: Duration::from_secs(3), ..Default::default() };
    let server = Server::new(router, listener.local_addr().unwrap()).with_server_config(config);
    server.serve(listener).await.unwrap();
    beside.shutdown().await;

    // It is over already: this is what it came to.
    let drained = shutdown.drain().await;
    let rooms_left = rooms.len();
    drop(rooms);
    let left = before.left().await;
    println!("{} | {tallies}", Vitals::now());
    let (routes, faults) = tallies.counts();
    let report = Report {
        routes,
        faults,
        clean: drained.clean,
        unclean: drained.unclean,
        aborted: drained.aborted,
        tasks: left.tasks,
        descriptors: left.descriptors,
        heap: left.heap,
        rooms: rooms_left,
        open: tallies.open(),
        counters: recorder.counters(),
        gauges: recorder.gauges(),
    };
    println!("{REPORT}{}", serde_json::to_string(&report).unwrap());
}
