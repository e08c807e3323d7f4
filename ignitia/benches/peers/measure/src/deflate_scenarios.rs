//! Scenarios with compression, compared with the same without.

use std::time::Duration;

use crate::{
    compression_mode::CompressionMode,
    servers::{DEFLATE_SERVERS, ServerProgram},
    statistics::medians,
};

/// Argument that makes this program the load of such a scenario.
pub const SUBCOMMAND: &str = "deflate";

/// A load, and its name on the command line.
pub struct DeflateScenario {
    pub name: &'static str,
    /// Unit of the cost.
    unit: &'static str,
    pub load: DeflateLoad,
}

/// Kind and size of a load. All messages are JSON texts of 1 KiB.
pub enum DeflateLoad {
    /// Every connection has one message in flight.
    Echo { connections: usize },
    /// All members receive the messages of one of them. One message is in flight.
    FanOut { members: usize },
    /// Connections are idle after some echoes.
    Idle { connections: usize },
}

pub const DEFLATE_SCENARIOS: &[DeflateScenario] = &[
    DeflateScenario {
        name: "deflate-echo",
        unit: "us of CPU per message",
        load: DeflateLoad::Echo { connections: 100 },
    },
    DeflateScenario {
        name: "deflate-fan-out",
        unit: "us of CPU per delivery",
        load: DeflateLoad::FanOut { members: 1_000 },
    },
    DeflateScenario {
        name: "deflate-idle",
        unit: "KiB per connection",
        load: DeflateLoad::Idle { connections: 2_000 },
    },
];

impl DeflateScenario {
    pub fn find(name: &str) -> Option<&'static Self> {
        DEFLATE_SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// Runs on every server and in every mode, in turns, and prints the medians.
    pub fn run(&self, rounds: usize, span: Duration, level: u32) {
        let servers: Vec<&ServerProgram> =
            DEFLATE_SERVERS.iter().filter(|server| server.can_start()).collect();
        let mut costs = vec![[const { Vec::new() }; CompressionMode::ALL.len()]; servers.len()];
        for _ in 0..rounds {
            for (server, costs) in servers.iter().zip(&mut costs) {
                for (mode, costs) in CompressionMode::ALL.into_iter().zip(costs) {
                    costs.push(self.measure(server, mode, span, level));
                }
            }
        }
        let costs: Vec<[[f64; 2]; _]> =
            costs.iter().map(|costs| costs.each_ref().map(|c| medians(c))).collect();
        println!("\n{}: {}, and bytes of a message from the server, at level {level}", self.name, self.unit);
        for (i, mode) in CompressionMode::ALL.into_iter().enumerate() {
            for (server, costs_of_server) in servers.iter().zip(&costs) {
                let ([cost, bytes], [off_cost, off_bytes]) = (costs_of_server[i], costs_of_server[0]);
                println!(
                    "  {:16} {:9} {cost:>12.3} {:>6.2} x off {bytes:>10.0} {:>6.2} x off   {} is {:.2} x",
                    server.name,
                    mode.name(),
                    cost / off_cost,
                    bytes / off_bytes,
                    servers[0].name,
                    costs[0][i][0] / cost,
                );
            }
        }
    }

    fn measure(&self, server: &ServerProgram, mode: CompressionMode, span: Duration, level: u32) -> [f64; 2] {
        let environment = [("COMPRESSION", mode.name()), ("COMPRESSION_LEVEL", &level.to_string())];
        server.start(&environment).load(&[SUBCOMMAND, self.name, mode.name()], span)
    }
}
