//! Settings of a run, from the command line.

use std::time::Duration;

use ignitia::{DrainConfig, websocket::WebSocketConfig};

/// Part that this process plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Load,
    Server,
}

/// Argument that makes this program the server.
const SERVE: &str = "serve";

/// Duration and size of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SoakSettings {
    /// Seconds during which all clients run at once. Opening, the freeze and the drain come on top.
    pub(crate) seconds: u64,
    pub(crate) connections: usize,
}

impl SoakSettings {
    pub(crate) fn from_arguments() -> (Role, Self) {
        let mut settings = Self { seconds: 10, connections: 1_000 };
        let mut role = Role::Load;
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|value| value.parse().ok());
            match &*argument {
                SERVE => role = Role::Server,
                "--seconds" => settings.seconds = number().expect("a number of seconds") as u64,
                "--connections" => settings.connections = number().expect("a number of connections"),
                // Passed by cargo.
                "--bench" => {}
                other => panic!("unknown argument: {other}"),
            }
        }
        (role, settings)
    }

    /// Returns the arguments for the server's process.
    pub(crate) fn server_arguments(self) -> [String; 5] {
        let (seconds, connections) = (self.seconds.to_string(), self.connections.to_string());
        [SERVE.into(), "--seconds".into(), seconds, "--connections".into(), connections]
    }

    /// Returns true if the run is long enough for timeouts that a busy machine does not exceed.
    fn is_long(self) -> bool {
        self.seconds >= 60
    }

    pub(crate) fn websocket_config(self) -> WebSocketConfig {
        let (interval, pong, stall) = if self.is_long() { (5, 5, 5) } else { (1, 2, 3) };
        WebSocketConfig::default()
            .keepalive_interval(Duration::from_secs(interval))
            .pong_timeout(Duration::from_secs(pong))
            .write_stall(Duration::from_secs(stall))
            .close_timeout(Duration::from_secs(stall))
            .linger(Duration::from_millis(500))
            .max_message_size(64 << 10)
            .outbox_bytes(256 << 10)
            // Slow members must miss broadcasts in a short run, too.
            .lag_after(Duration::from_secs(1))
    }

    pub(crate) fn drain_config(self) -> DrainConfig {
        DrainConfig::default()
            .notice(Duration::ZERO)
            .timeout(Duration::from_secs(if self.is_long() { 10 } else { 3 }))
            .jitter(Duration::from_secs(if self.is_long() { 2 } else { 1 }))
    }

    /// Returns the time for which the server is frozen: longer than a keepalive takes to fail.
    pub(crate) fn freeze(self) -> Duration {
        let config = self.websocket_config();
        config.keepalive_interval.unwrap_or_default() + config.pong_timeout + Duration::from_secs(5)
    }

    /// Number of connections that stay open for the whole run and echo numbered messages.
    pub(crate) fn echoing(self) -> usize {
        self.connections - self.members() - self.stuck()
    }

    /// Number of echoing connections that are HTTP/2 streams.
    pub(crate) fn echoing_streams(self) -> usize {
        self.connections / 10
    }

    /// Number of connections that stay in a room for the whole run.
    pub(crate) fn members(self) -> usize {
        self.connections / 5
    }

    /// Number of connections whose handlers never return.
    pub(crate) fn stuck(self) -> usize {
        self.connections / 100
    }

    /// Number of clients of each short-lived kind.
    pub(crate) fn short_lived(self) -> usize {
        (self.connections / 100).max(4)
    }
}
