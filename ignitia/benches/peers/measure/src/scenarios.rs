//! The measured scenarios.

use crate::frames::TestMessage;

/// A load, and its name on the command line.
pub struct Scenario {
    pub name: &'static str,
    /// Unit of the cost.
    pub unit: &'static str,
    pub load: Load,
}

/// Kind and size of a load.
pub enum Load {
    /// Every connection has `window` messages in flight.
    Echo { connections: usize, window: usize, message: TestMessage },
    /// All members receive the messages of one of them. `window` messages are in flight.
    FanOut { members: usize, window: usize, message: TestMessage },
    /// Connections open and close, `concurrent` at a time.
    Handshake { concurrent: usize, count: usize },
    /// Connections are idle after one echo.
    Idle { connections: usize },
}

impl Scenario {
    pub fn find(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    pub fn path(&self) -> &'static str {
        match self.load {
            Load::FanOut { .. } => "/fan",
            Load::Echo { message: TestMessage::Json, .. } => "/json",
            _ => "/",
        }
    }
}

const fn echo(name: &'static str, connections: usize, window: usize, message: TestMessage) -> Scenario {
    Scenario { name, unit: "us of CPU per message", load: Load::Echo { connections, window, message } }
}

const fn fan_out(name: &'static str, window: usize, size: usize) -> Scenario {
    let load = Load::FanOut { members: 1_000, window, message: TestMessage::Text(size) };
    Scenario { name, unit: "us of CPU per delivery", load }
}

pub const SCENARIOS: &[Scenario] = &[
    echo("ping-pong-100", 100, 1, TestMessage::Text(20)),
    echo("ping-pong-1000", 1_000, 1, TestMessage::Text(20)),
    echo("ping-pong-1k", 100, 1, TestMessage::Text(1 << 10)),
    echo("ping-pong-64k", 100, 1, TestMessage::Text(64 << 10)),
    echo("pipelined-20", 100, 32, TestMessage::Text(20)),
    echo("pipelined-125", 100, 64, TestMessage::Text(125)),
    echo("pipelined-1k", 100, 32, TestMessage::Text(1 << 10)),
    echo("large-1m", 1, 1, TestMessage::Binary(1 << 20)),
    echo("large-16m", 1, 1, TestMessage::Binary(16_000_000)),
    echo("json", 100, 1, TestMessage::Json),
    echo("json-pipelined", 100, 32, TestMessage::Json),
    fan_out("fan-out", 1, 100),
    fan_out("fan-out-8", 8, 100),
    fan_out("fan-out-1k", 1, 1 << 10),
    Scenario {
        name: "handshake",
        unit: "us of CPU per connection, opened and closed",
        load: Load::Handshake { concurrent: 16, count: 4_000 },
    },
    Scenario { name: "idle", unit: "KiB per connection", load: Load::Idle { connections: 10_000 } },
];
