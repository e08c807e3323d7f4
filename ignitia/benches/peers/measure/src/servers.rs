//! The servers, each in a process of its own.

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::sleep,
    time::Duration,
};

use crate::{
    load,
    scenarios::{Load, Message, Scenario},
};

pub struct Server {
    pub name: &'static str,
    program: &'static str,
    has_fan: bool,
    has_json: bool,
}

pub const SERVERS: &[Server] = &[
    Server { name: "ignitia", program: "ours", has_fan: true, has_json: true },
    Server { name: "axum", program: "axum", has_fan: true, has_json: true },
    Server { name: "tungstenite", program: "tungstenite", has_fan: true, has_json: false },
    Server { name: "fastwebsockets", program: "fastwebsockets", has_fan: false, has_json: false },
];

impl Server {
    pub fn serves(&self, scenario: &Scenario) -> bool {
        match scenario.load {
            Load::Fan { .. } => self.has_fan,
            Load::Echo { message: Message::Json, .. } => self.has_json,
            _ => true,
        }
    }

    /// The cost of one unit of the scenario.
    pub fn measure(&self, scenario: &Scenario, span: Duration) -> f64 {
        let [cost] = self.start(0).load(&[load::SUBCOMMAND, scenario.name], span);
        cost
    }

    /// A fresh process, with that many endpoints more than it has by itself.
    pub fn start(&self, endpoints: usize) -> Running {
        // Another port each time: the last one's connections may linger.
        static PORT: AtomicU16 = AtomicU16::new(0);
        let port =
            20_000 + (std::process::id() as u16 % 50) * 200 + PORT.fetch_add(1, Ordering::Relaxed) % 200;
        let program = std::env::current_exe().expect("it runs").with_file_name(self.program);
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program).stdout(Stdio::null());
        command.env("PORT", port.to_string()).env("ENDPOINTS", endpoints.to_string());
        let process = command.spawn().expect("taskset is installed, and the servers are built");
        let running = Running { process, port };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            sleep(Duration::from_millis(10));
        }
        running
    }
}

/// A server, until this is dropped.
pub struct Running {
    process: Child,
    port: u16,
}

impl Running {
    /// What the load prints that these arguments ask for.
    pub fn load<const N: usize>(&self, arguments: &[&str], span: Duration) -> [f64; N] {
        let load = Command::new("taskset")
            .args(["-c", "1"])
            .arg(std::env::current_exe().expect("it runs"))
            .args(arguments)
            .args([&self.port.to_string(), &self.process.id().to_string(), &span.as_secs_f64().to_string()])
            .stderr(Stdio::inherit())
            .output()
            .expect("it runs");
        let printed = String::from_utf8_lossy(&load.stdout);
        let values: Vec<f64> = printed.split_whitespace().filter_map(|value| value.parse().ok()).collect();
        values.try_into().unwrap_or_else(|_| panic!("{}: no cost", arguments.join(" ")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
