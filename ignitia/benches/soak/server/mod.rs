//! The server's side: serves the endpoints, counts, and reports leaked resources at its end.

mod broadcasts;
mod endpoints;
mod metrics_recorder;
mod resources;
mod route_totals;

use std::{net::SocketAddr, time::Duration};

use ignitia::{Server, ServerConfig, Shutdown};
use tokio::net::TcpSocket;

use self::{
    endpoints::{LARGE_ROOM, SMALL_ROOM},
    metrics_recorder::SumRecorder,
    resources::ResourceUsage,
    route_totals::RouteTotals,
};
use crate::{
    report::ServerReport,
    server_process::{LISTENING, REPORT},
    settings::SoakSettings,
};

/// Size of each socket's send buffer: small, so that a client that does not read stalls the write
/// early.
const SEND_BUFFER: u32 = 64 << 10;

/// Time between two status lines.
const STATUS: Duration = Duration::from_secs(10);

/// Serves until SIGTERM, and prints the report.
pub(crate) async fn run(settings: SoakSettings) {
    // tokio keeps its resources for signals for ever: they are allocated before the first count.
    let _signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).unwrap();
    let recorder = SumRecorder::install();
    let before = ResourceUsage::now();
    let totals = RouteTotals::new();
    let shutdown = Shutdown::with_config(settings.drain_config());
    let rooms = endpoints::rooms();
    let router = endpoints::router(settings, totals.clone(), rooms.clone()).shutdown(shutdown.clone());

    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(SEND_BUFFER).unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1024).unwrap();
    println!("{LISTENING}{}", listener.local_addr().unwrap());

    let mut background = tokio::task::JoinSet::new();
    background.spawn(broadcasts::send_small(rooms.room(SMALL_ROOM)));
    background.spawn(broadcasts::send_large(rooms.room(LARGE_ROOM)));
    background.spawn({
        let totals = totals.clone();
        async move {
            let mut interval = tokio::time::interval(STATUS);
            loop {
                interval.tick().await;
                println!("{} | {totals}", ResourceUsage::now());
            }
        }
    });
    let config = ServerConfig { header_read_timeout: Duration::from_secs(3), ..Default::default() };
    let server = Server::new(router, listener.local_addr().unwrap()).with_server_config(config);
    server.serve(listener).await.unwrap();
    background.shutdown().await;

    // The drain is over already: this returns its outcome.
    let drained = shutdown.drain().await;
    let rooms_left = rooms.len();
    drop(rooms);
    let left = before.growth().await;
    println!("{} | {totals}", ResourceUsage::now());
    let (routes, faults) = totals.counts();
    let report = ServerReport {
        routes,
        faults,
        clean: drained.clean,
        unclean: drained.unclean,
        aborted: drained.aborted,
        tasks: left.tasks,
        descriptors: left.descriptors,
        heap: left.heap,
        rooms: rooms_left,
        open: totals.open(),
        counters: recorder.counters(),
        gauges: recorder.gauges(),
    };
    println!("{REPORT}{}", serde_json::to_string(&report).unwrap());
}
