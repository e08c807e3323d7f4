//! The measured servers, each in a process of its own.

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::sleep,
    time::Duration,
};

use crate::{
    frames::TestMessage,
    scenario_load,
    scenarios::{Load, Scenario},
};

/// A server's program and its features.
pub struct ServerProgram {
    pub name: &'static str,
    program: &'static str,
    has_fan_out: bool,
    has_json: bool,
}

pub const SERVERS: &[ServerProgram] = &[
    ServerProgram { name: "ignitia", program: "ours", has_fan_out: true, has_json: true },
    ServerProgram { name: "axum", program: "axum", has_fan_out: true, has_json: true },
    ServerProgram { name: "tungstenite", program: "tungstenite", has_fan_out: true, has_json: false },
    ServerProgram { name: "fastwebsockets", program: "fastwebsockets", has_fan_out: false, has_json: false },
];

impl ServerProgram {
    /// Returns true if the server supports the scenario.
    pub fn supports(&self, scenario: &Scenario) -> bool {
        match scenario.load {
            Load::FanOut { .. } => self.has_fan_out,
            Load::Echo { message: TestMessage::Json, .. } => self.has_json,
            _ => true,
        }
    }

    /// Measures the cost of one unit of the scenario.
    pub fn measure(&self, scenario: &Scenario, span: Duration) -> f64 {
        let [cost] = self.start(0).load(&[scenario_load::SUBCOMMAND, scenario.name], span);
        cost
    }

    /// Starts a new process, with a number of additional endpoints.
    pub fn start(&self, endpoints: usize) -> RunningServer {
        // A new port each time: connections of the last process may linger.
        static PORT: AtomicU16 = AtomicU16::new(0);
        let port =
            20_000 + (std::process::id() as u16 % 50) * 200 + PORT.fetch_add(1, Ordering::Relaxed) % 200;
        let program = std::env::current_exe().expect("a path").with_file_name(self.program);
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program).stdout(Stdio::null());
        command.env("PORT", port.to_string()).env("ENDPOINTS", endpoints.to_string());
        let process = command.spawn().expect("taskset is installed, and the servers are built");
        let running = RunningServer { process, port };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            sleep(Duration::from_millis(10));
        }
        running
    }
}

/// A running server, killed on drop.
pub struct RunningServer {
    process: Child,
    port: u16,
}

impl RunningServer {
    /// Runs a load with these arguments, and returns the numbers that it prints.
    pub fn load<const N: usize>(&self, arguments: &[&str], span: Duration) -> [f64; N] {
        let load = Command::new("taskset")
            .args(["-c", "1"])
            .arg(std::env::current_exe().expect("a path"))
            .args(arguments)
            .args([&self.port.to_string(), &self.process.id().to_string(), &span.as_secs_f64().to_string()])
            .stderr(Stdio::inherit())
            .output()
            .expect("taskset is installed");
        let printed = String::from_utf8_lossy(&load.stdout);
        let values: Vec<f64> = printed.split_whitespace().filter_map(|value| value.parse().ok()).collect();
        values.try_into().unwrap_or_else(|_| panic!("{}: no cost", arguments.join(" ")))
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
