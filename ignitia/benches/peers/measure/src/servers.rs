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
        // Another port each time: the last one's connections may linger.
        static PORT: AtomicU16 = AtomicU16::new(0);
        let port =
            20_000 + (std::process::id() as u16 % 50) * 200 + PORT.fetch_add(1, Ordering::Relaxed) % 200;
        let program = std::env::current_exe().expect("it runs").with_file_name(self.program);
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program).env("PORT", port.to_string()).stdout(Stdio::null());
        let server = Running(command.spawn().expect("taskset is installed, and the servers are built"));
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            sleep(Duration::from_millis(10));
        }
        let load = Command::new("taskset")
            .args(["-c", "1"])
            .arg(std::env::current_exe().expect("it runs"))
            .args([load::SUBCOMMAND, scenario.name, &port.to_string()])
            .args([&server.0.id().to_string(), &span.as_secs_f64().to_string()])
            .stderr(Stdio::inherit())
            .output()
            .expect("it runs");
        let cost = String::from_utf8_lossy(&load.stdout);
        cost.trim().parse().unwrap_or_else(|_| panic!("{} on {}: no cost", scenario.name, self.name))
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
