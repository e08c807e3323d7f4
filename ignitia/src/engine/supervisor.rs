//! Task of an engine: it connects, and connects again, for as long as the engine is used.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use super::{
    dial::{Connections, dial},
    engine_core::EngineStatus,
    fault::EngineFault,
    node::Node,
    servers::RedisServers,
    session::EngineSession,
};

/// Time before the first attempt to connect again, and the longest one. Between them it doubles.
const MIN_DELAY: Duration = Duration::from_millis(20);
const MAX_DELAY: Duration = Duration::from_secs(1);
/// Time after which a connection counts as good: the delay starts over.
const GOOD_AFTER: Duration = Duration::from_secs(5);

/// Runs an engine until it is closed. The first connections are made already.
pub(super) async fn supervise(mut node: Node, servers: RedisServers, first: Connections) {
    let mut connections = Some(first);
    let mut delay = MIN_DELAY;
    // Causes that were told since the engine was up.
    let mut told = Vec::new();
    loop {
        let began = Instant::now();
        let outcome = match connections.take() {
            Some(connections) => EngineSession::new(&mut node, connections).run().await,
            None => match redial(&mut node, &servers).await {
                Ok(again) => {
                    connections = Some(again);
                    continue;
                }
                Err(fault) => Err(fault),
            },
        };
        node.disconnect();
        let was_up = *node.core.status.borrow() != EngineStatus::Down;
        let Err(fault) = outcome else { break };
        node.core.queue.begin_outage();
        if was_up {
            told.clear();
        }
        let cause = fault.cause();
        // Each cause is told once, such as a password that has been changed while the server was
        // away; and the recovery.
        if !told.contains(&cause) {
            tracing::error!(error = %fault, "the engine is down");
            node.core.metrics.outage(cause);
            told.push(cause);
        }
        node.core.set_status(EngineStatus::Down);
        if node.core.queue.is_closed() {
            break;
        }
        if began.elapsed() > GOOD_AFTER {
            delay = MIN_DELAY;
        }
        pause(&mut node, delay).await;
        delay = (delay * 2).min(MAX_DELAY);
    }
    node.core.set_status(EngineStatus::Closed);
}

/// Connects again, and goes on with what needs no connection meanwhile.
async fn redial(node: &mut Node, servers: &RedisServers) -> Result<Connections, EngineFault> {
    let core = node.core.clone();
    let mut dialing = pin!(dial(servers, &core.config));
    loop {
        tokio::select! {
            connections = &mut dialing => return connections,
            // Questions are dropped with what was taken: their callers learn that the engine is
            // away.
            () = core.queue.wait() => drop(node.absorb()),
        }
        if core.queue.is_closed() {
            return Err(EngineFault::connection("the engine is closed"));
        }
    }
}

/// Waits for a time with jitter: all nodes lose the server at the same moment.
async fn pause(node: &mut Node, delay: Duration) {
    let core = node.core.clone();
    let jitter = uuid::Uuid::new_v4().as_u64_pair().0 % 1_000;
    let mut pause = pin!(tokio::time::sleep(delay.mul_f64(0.5 + jitter as f64 / 1_000.0)));
    loop {
        tokio::select! {
            () = &mut pause => return,
            () = core.queue.wait() => drop(node.absorb()),
        }
        if core.queue.is_closed() {
            return;
        }
    }
}
