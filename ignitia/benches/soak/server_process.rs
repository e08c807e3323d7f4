//! The server's process, as the clients' process sees it.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{report::ServerReport, settings::SoakSettings};

/// Prefix of the line that carries the report. Lines without a known prefix are for the user.
pub(crate) const REPORT: &str = "report ";

/// Prefix of the line that carries the address.
pub(crate) const LISTENING: &str = "listening on ";

/// A running server.
pub(crate) struct ServerProcess {
    child: Child,
    /// Lines with one of the prefixes.
    lines: UnboundedReceiver<String>,
}

impl ServerProcess {
    pub(crate) async fn start(settings: SoakSettings) -> (Self, SocketAddr) {
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new(program);
        let mut child = command.args(settings.server_arguments()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = unbounded_channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if line.starts_with(REPORT) || line.starts_with(LISTENING) {
                    sender.send(line).ok();
                } else {
                    println!("{line}");
                }
            }
        });
        let mut process = Self { child, lines };
        let addr = process.line(LISTENING).await.parse().unwrap();
        (process, addr)
    }

    async fn line(&mut self, prefix: &str) -> String {
        let line = self.lines.recv().await.expect("the server prints another line before it exits");
        line.strip_prefix(prefix).unwrap_or_else(|| panic!("unexpected line: {line}")).to_owned()
    }

    /// Sends a signal, given its name.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's builtin `kill`: a program of that name is not installed everywhere.
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
    }

    /// Returns the report that the server prints once it has drained.
    pub(crate) async fn end(mut self) -> ServerReport {
        let report = self.line(REPORT).await;
        assert!(self.child.wait().unwrap().success(), "the server has failed");
        serde_json::from_str(&report).unwrap()
    }
}

impl Drop for ServerProcess {
    /// Kills the server, even a frozen one: a failed check leaves no process behind.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
