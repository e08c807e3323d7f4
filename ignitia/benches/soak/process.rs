//! The server's process, as seen from the clients'.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{plan::Plan, report::Report};

/// What stands before the line with the report; the other lines are for whoever watches.
pub(crate) const REPORT: &str = "report ";
pub(crate) const LISTENING: &str = "listening on ";

pub(crate) struct Process {
    child: Child,
    /// What it says, apart from what it says to the user.
    lines: UnboundedReceiver<String>,
}

impl Process {
    pub(crate) async fn start(plan: Plan) -> (Self, SocketAddr) {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program).args(plan.arguments()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (say, lines) = unbounded_channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if line.starts_with(REPORT) || line.starts_with(LISTENING) {
                    say.send(line).ok();
                } else {
                    println!("{line}");
                }
            }
        });
        let mut process = Self { child, lines };
        let addr = process.line(LISTENING).await.parse().unwrap();
        (process, addr)
    }

    async fn line(&mut self, start: &str) -> String {
        let line = self.lines.recv().await.expect("the server says more before it ends");
        line.strip_prefix(start).unwrap_or_else(|| panic!("unexpected: {line}")).to_owned()
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: a program of that name is not installed everywhere.
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
    }

    /// What it reports when it has drained.
    pub(crate) async fn end(mut self) -> Report {
        let report = self.line(REPORT).await;
        assert!(self.child.wait().unwrap().success(), "the server has failed");
        serde_json::from_str(&report).unwrap()
    }
}

/// When a check fails, nothing is left running, also if it is frozen.
impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
