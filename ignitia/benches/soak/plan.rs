use std::time::Duration;

use ignitia::{DrainConfig, websocket::WebSocketConfig};

/// Which of the two processes this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Load,
    Server,
}

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "serve";

/// How long, and how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// The time during which everything happens at once; the freeze and the way there and back come on top.
    pub(crate) seconds: u64,
    pub(crate) connections: usize,
}

impl Plan {
    pub(crate) fn of_arguments() -> (Role, Self) {
        let mut plan = Self { seconds: 10, connections: 1_000 };
        let mut role = Role::Load;
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|value| value.parse().ok());
            match &*argument {
                SERVE => role = Role::Server,
                "--seconds" => plan.seconds = number().expect("a number of seconds") as u64,
                "--connections" => plan.connections = number().expect("a number of connections"),
                // cargo's own.
                "--bench" => {}
                other => panic!("unknown argument: {other}"),
            }
        }
        (role, plan)
    }

    pub(crate) fn arguments(self) -> [String; 5] {
        let (seconds, connections) = (self.seconds.to_string(), self.connections.to_string());
        [SERVE.into(), "--seconds".into(), seconds, "--connections".into(), connections]
    }

    /// Whether there is time for a patience with which a busy machine can be told from a dead peer.
    fn is_long(self) -> bool {
        self.seconds >= 60
    }

    pub(crate) fn config(self) -> WebSocketConfig {
        let (interval, pong, stall) = if self.is_long() { (5, 5, 5) } else { (1, 2, 3) };
        WebSocketConfig {
            keepalive_interval: Some(Duration::from_secs(interval)),
            pong_timeout: Duration::from_secs(pong),
            write_stall: Duration::from_secs(stall),
            close_timeout: Duration::from_secs(stall),
            linger: Duration::from_millis(500),
            max_message_size: 64 << 10,
            outbox_bytes: 256 << 10,
            // In a short run, too, the slow are seen to miss something.
            lag_after: Duration::from_secs(1),
            ..Default::default()
        }
    }

    pub(crate) fn drain(self) -> DrainConfig {
        DrainConfig {
            notice: Duration::ZERO,
            timeout: Duration::from_secs(if self.is_long() { 10 } else { 3 }),
            jitter: Duration::from_secs(if self.is_long() { 2 } else { 1 }),
            ..Default::default()
        }
    }

    /// How long the server stands still.
    pub(crate) fn freeze(self) -> Duration {
        let config = self.config();
        config.keepalive_interval.unwrap_or_default() + config.pong_timeout + Duration::from_secs(5)
    }

    /// Those that are there from the beginning to the end and are sent numbered messages by the clients.
    pub(crate) fn held(self) -> usize {
        self.connections - self.members() - self.stuck()
    }

    /// Held ones that are streams of HTTP/2.
    pub(crate) fn held_streams(self) -> usize {
        self.connections / 10
    }

    /// Members of a room, which are held too.
    pub(crate) fn members(self) -> usize {
        self.connections / 5
    }

    /// Handlers that never end.
    pub(crate) fn stuck(self) -> usize {
        self.connections / 100
    }

    /// Clients that come and go, of each other kind.
    pub(crate) fn clients(self) -> usize {
        (self.connections / 100).max(4)
    }
}
