//! The measured servers, each in a process of its own.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
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
    program: PeerProgram,
    has_fan_out: bool,
    has_json: bool,
}

/// A program, by its name beside this one, or by its directory beside this package.
enum PeerProgram {
    Rust(&'static str),
    Node(&'static str),
}

const OURS: ServerProgram =
    ServerProgram { name: "ignitia", program: PeerProgram::Rust("ours"), has_fan_out: true, has_json: true };

pub const SERVERS: &[ServerProgram] = &[
    OURS,
    ServerProgram { name: "axum", program: PeerProgram::Rust("axum"), has_fan_out: true, has_json: true },
    ServerProgram {
        name: "tungstenite",
        program: PeerProgram::Rust("tungstenite"),
        has_fan_out: true,
        has_json: false,
    },
    ServerProgram {
        name: "fastwebsockets",
        program: PeerProgram::Rust("fastwebsockets"),
        has_fan_out: false,
        has_json: false,
    },
];

/// Servers that have permessage-deflate.
pub const DEFLATE_SERVERS: &[ServerProgram] = &[
    OURS,
    ServerProgram { name: "yawc", program: PeerProgram::Rust("yawc"), has_fan_out: true, has_json: false },
    ServerProgram {
        name: "sockudo-ws",
        program: PeerProgram::Rust("sockudo"),
        has_fan_out: true,
        has_json: false,
    },
    ServerProgram {
        name: "npm-ws",
        program: PeerProgram::Node("npm-ws"),
        has_fan_out: true,
        has_json: false,
    },
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
        let [cost] = self.start(&[]).load(&[scenario_load::SUBCOMMAND, scenario.name], span);
        cost
    }

    /// Returns true if the server's runtime and libraries are installed, else says what is missing.
    pub fn can_start(&self) -> bool {
        let PeerProgram::Node(directory) = self.program else { return true };
        let directory = node_directory(directory);
        let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
        let missing = if !node.is_ok_and(|status| status.success()) {
            "node is not installed".into()
        } else if !directory.join("node_modules").is_dir() {
            format!("run npm install in {}", directory.display())
        } else {
            return true;
        };
        eprintln!("{} is skipped: {missing}", self.name);
        false
    }

    /// Starts a new process, with these variables in its environment.
    pub fn start(&self, environment: &[(&str, &str)]) -> RunningServer {
        // A new port each time: connections of the last process may linger.
        static PORT: AtomicU16 = AtomicU16::new(0);
        let port =
            20_000 + (std::process::id() as u16 % 50) * 200 + PORT.fetch_add(1, Ordering::Relaxed) % 200;
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]);
        match self.program {
            PeerProgram::Rust(name) => {
                command.arg(std::env::current_exe().expect("a path").with_file_name(name))
            }
            PeerProgram::Node(directory) => {
                command.arg("node").arg(node_directory(directory).join("server.js"))
            }
        };
        command.env("PORT", port.to_string()).envs(environment.iter().copied()).stdout(Stdio::null());
        let process = command.spawn().expect("taskset is installed");
        let mut running = RunningServer { name: self.name, process, port };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let end = running.process.try_wait().expect("a child process");
            assert!(end.is_none(), "{} does not start: is it built?", self.name);
            sleep(Duration::from_millis(10));
        }
        running
    }
}

/// Returns the path of a directory beside this package.
fn node_directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(name)
}

/// A running server, killed on drop.
pub struct RunningServer {
    name: &'static str,
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
        values.try_into().unwrap_or_else(|_| panic!("{}, {}: no cost", self.name, arguments.join(" ")))
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
