use std::time::Duration;

use crate::close::{CloseCode, CloseFrame};

/// Configuration of a graceful shutdown.
///
/// A [`Server`](crate::Server) that receives SIGTERM goes through these phases:
///
/// 1. **Notice** (`notice`): [`readyz`](crate::health::readyz) answers 503, on new and on
///    kept-alive connections, and new WebSockets are refused with 503 and `Retry-After`. All other
///    requests are served as before, and open WebSockets stay open. A load balancer has time to
///    send new connections elsewhere, so that clients that the drain closes do not come back to
///    this server.
/// 2. **Drain** (`timeout`): no connection is accepted any more, connections without a request are
///    closed, and every WebSocket is closed with `frame` behind the messages queued for it, one
///    after another over `jitter`. Connections that take longer than `timeout` are cut off.
///
/// Ctrl-C (SIGINT) skips the notice, as [`Shutdown::drain`](crate::Shutdown::drain) does: a
/// development server has no load balancer to wait for. A second signal cuts off all connections at
/// once, in either phase.
///
/// # Settings for operators
///
/// The shutdown must be over before the process is killed. `notice` and `timeout` add up to 8 s by
/// default, which fits into the 10 s that `docker stop` leaves, the 30 s of a Kubernetes pod and
/// the 90 s of a systemd unit. Raise them together with that time.
///
/// - **Kubernetes**: SIGTERM and the removal of the pod from the endpoints happen at the same time,
///   and it takes a moment until every node and ingress knows. Two seconds are enough for most
///   clusters. Behind a cloud's load balancer with health checks of its own, set `notice` to the
///   interval of the checks times their threshold, and `terminationGracePeriodSeconds` to `notice`
///   plus `timeout` plus a few seconds. A `preStop` hook that sleeps does the same as `notice`, and
///   its time counts against the same grace period: one of them is enough. `readyz` is the
///   readiness probe, [`livez`](crate::health::livez) the liveness probe; never swap them.
/// - **HAProxy, nginx, Envoy** with health checks of `readyz`: set `notice` to at least interval
///   times threshold (HAProxy: `inter 2s fall 3` is 6 s). Let them try another server when a
///   handshake is answered with 503 (`retry-on 503`, `proxy_next_upstream http_503`).
/// - **Docker**: set `docker stop --time` (`stop_grace_period` in a compose file) to at least
///   `notice` plus `timeout` plus 2 s.
/// - **systemd**: set `TimeoutStopSec` likewise. Without a proxy in front of the server, `notice`
///   may be zero.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainConfig {
    /// Time between the notice and the drain. Default 2 s.
    pub notice: Duration,
    /// Opens new WebSockets during the notice instead of refusing them. They are closed with the
    /// others in the drain. Default `false`.
    pub upgrades_during_notice: bool,
    /// Time that connections and handlers have to end, from the end of the notice on, before they
    /// are cut off. Default 6 s.
    pub timeout: Duration,
    /// Span over which the connections are closed, so that their clients do not all come back at
    /// once; at most half of the timeout. Default 2 s.
    pub jitter: Duration,
    /// Close frame that the connections are sent. Default 1001; 1012 tells clients that the service
    /// restarts.
    pub frame: CloseFrame,
    /// `Retry-After` of upgrades that are refused with 503, in whole seconds. Default 5 s.
    pub retry_after: Duration,
}

setters!(DrainConfig {
    notice: Duration,
    upgrades_during_notice: bool,
    timeout: Duration,
    jitter: Duration,
    frame: CloseFrame,
    retry_after: Duration,
});

impl Default for DrainConfig {
    fn default() -> Self {
        Self {
            notice: Duration::from_secs(2),
            upgrades_during_notice: false,
            timeout: Duration::from_secs(6),
            jitter: Duration::from_secs(2),
            frame: CloseFrame { code: CloseCode::GOING_AWAY, reason: "the server is shutting down".into() },
            retry_after: Duration::from_secs(5),
        }
    }
}
