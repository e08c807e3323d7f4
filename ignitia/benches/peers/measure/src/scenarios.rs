//! What is measured.

/// A load, by the name it has on the command line.
pub struct Scenario {
    pub name: &'static str,
    /// What a cost is of.
    pub unit: &'static str,
    pub load: Load,
}

pub enum Load {
    /// Each connection has `window` messages on their way.
    Echo { connections: usize, window: usize, message: Message },
    /// Everybody gets what one of them sends; `window` messages are on their way.
    Fan { members: usize, window: usize, message: Message },
    /// Connections open and close, `at_once` at a time.
    Handshake { at_once: usize, count: usize },
    /// Connections that have echoed one message and do nothing.
    Idle { connections: usize },
}

#[derive(Clone, Copy)]
pub enum Message {
    Text(usize),
    Binary(usize),
    /// A request that the typed endpoint answers.
    Json,
}

impl Scenario {
    pub fn find(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    pub fn path(&self) -> &'static str {
        match self.load {
            Load::Fan { .. } => "/fan",
            Load::Echo { message: Message::Json, .. } => "/json",
            _ => "/",
        }
    }
}

const fn echo(name: &'static str, connections: usize, window: usize, message: Message) -> Scenario {
    Scenario { name, unit: "us of CPU per message", load: Load::Echo { connections, window, message } }
}

const fn fan(name: &'static str, window: usize, size: usize) -> Scenario {
    let load = Load::Fan { members: 1_000, window, message: Message::Text(size) };
    Scenario { name, unit: "us of CPU per delivery", load }
}

pub const SCENARIOS: &[Scenario] = &[
    echo("ping-pong-100", 100, 1, Message::Text(20)),
    echo("ping-pong-1000", 1_000, 1, Message::Text(20)),
    echo("ping-pong-1k", 100, 1, Message::Text(1 << 10)),
    echo("ping-pong-64k", 100, 1, Message::Text(64 << 10)),
    echo("pipelined-20", 100, 32, Message::Text(20)),
    echo("pipelined-125", 100, 64, Message::Text(125)),
    echo("pipelined-1k", 100, 32, Message::Text(1 << 10)),
    echo("large-1m", 1, 1, Message::Binary(1 << 20)),
    echo("large-16m", 1, 1, Message::Binary(16_000_000)),
    echo("json", 100, 1, Message::Json),
    echo("json-pipelined", 100, 32, Message::Json),
    fan("fan-out", 1, 100),
    fan("fan-out-8", 8, 100),
    fan("fan-out-1k", 1, 1 << 10),
    Scenario {
        name: "handshake",
        unit: "us of CPU per connection, opened and closed",
        load: Load::Handshake { at_once: 16, count: 4_000 },
    },
    Scenario { name: "idle", unit: "KiB per connection", load: Load::Idle { connections: 10_000 } },
];
