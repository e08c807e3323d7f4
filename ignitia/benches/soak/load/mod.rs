//! The clients' side: groups of clients, each with one behaviour, all at the same time.

mod closing;
mod context;
mod deadline;
mod frames;
mod http2_connection;
mod http2_stream;
mod long_lived;
mod misbehaving;
mod random;
mod room_members;
mod short_lived;
mod tcp;
mod websocket_client;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinSet};

use self::{context::LoadContext, websocket_client::DELAYED_PONGS};
use crate::{comparison, server_process::ServerProcess, settings::SoakSettings};

/// Number of slow room members.
const SLOW_MEMBERS: usize = 10;

/// Runs the clients against a server in a process of its own, and compares both sides' counts.
pub(crate) async fn run(settings: SoakSettings) -> ExitCode {
    println!("{} s, {} long-lived connections", settings.seconds, settings.connections);
    let (server, addr) = ServerProcess::start(settings).await;
    let context = LoadContext::new(addr, settings);
    let begun = Instant::now();
    let step = |what: &str| println!("{:6.1} s  {what}", begun.elapsed().as_secs_f64());

    step("opening the long-lived connections");
    let (busy, mut idle) = mpsc::channel(1);
    let mut long_lived = JoinSet::new();
    long_lived::open(&context, &mut long_lived, &busy).await;
    drop(busy);

    step("starting all other clients");
    let mut others = JoinSet::new();
    let count = settings.short_lived();
    context.run(&mut others, count, short_lived::churn);
    context.run(&mut others, count / 4, short_lived::send_slowly);
    context.run(&mut others, count / 4, short_lived::flood);
    context.run(&mut others, count / 4, short_lived::open_streams);
    context.run(&mut others, count / 2, misbehaving::reset);
    context.run(&mut others, count / 2, misbehaving::stall);
    context.run(&mut others, count / 2, misbehaving::violate);
    context.run(&mut others, count / 2, misbehaving::abandon_handshake);
    context.run(&mut others, SLOW_MEMBERS, room_members::read_slowly);
    let half = Duration::from_secs(settings.seconds) / 2;
    tokio::time::sleep(half).await;

    // Long enough for many unanswered pings, and too short for any pong timeout to expire.
    DELAYED_PONGS.send_replace(true);
    tokio::time::sleep(settings.websocket_config().pong_timeout / 2).await;
    step("freezing the server");
    server.signal("STOP");
    DELAYED_PONGS.send_replace(false);
    tokio::time::sleep(settings.freeze()).await;
    server.signal("CONT");
    step("the server continues");
    tokio::time::sleep(half).await;

    step("stopping all clients");
    context.stop.cancel();
    others.join_all().await;
    while idle.recv().await.is_some() {}
    step("closing half of the long-lived connections");
    context.leave.cancel();
    context.wait_for_stable_tasks().await;

    step("SIGTERM");
    server.signal("TERM");
    long_lived.join_all().await;
    step("all clients have seen the end");
    let report = server.end().await;
    step("the server has exited");

    let (routes, mut faults) = context.results();
    faults.extend(comparison::differences(settings, &routes, &report));
    for fault in &faults {
        println!("FAULT: {fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
