//! Nodes in processes of their own.

use std::{
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use tests::engine_app::{NODE_SETTINGS, NodeSettings};

use super::{
    http_get::http_get,
    process_signal::signal,
    wait::{until, within},
};

/// Node in a process of its own.
pub(crate) struct NodeProcess {
    process: Child,
    pub(crate) addr: SocketAddr,
}

impl NodeProcess {
    /// Starts a node.
    pub(crate) async fn start(settings: &NodeSettings) -> Self {
        Self::try_start(settings, &[]).await.unwrap_or_else(|text| panic!("the node says: {text}"))
    }

    /// Starts a node with these variables in its environment; returns what it says if it fails.
    pub(crate) async fn try_start(
        settings: &NodeSettings,
        environment: &[(&str, &Path)],
    ) -> Result<Self, String> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_engine-node"))
            .env(NODE_SETTINGS, serde_json::to_string(settings).unwrap())
            .envs(environment.iter().copied())
            // It ends with the tests.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut stderr = process.stderr.take().unwrap();
        let mut node = Self { process, addr: (Ipv4Addr::UNSPECIFIED, 0).into() };
        let said = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            if line.is_empty() {
                stderr.read_to_string(&mut line).unwrap();
                return Err(line);
            }
            // What it says later is shown with the test.
            std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::stderr()));
            Ok(line)
        });
        let line = within("the address of a node", said).await.unwrap()?;
        let addr = line.strip_prefix("listening on ").ok_or_else(|| line.clone())?;
        node.addr = addr.trim().parse().unwrap();
        Ok(node)
    }

    /// Freezes the process until [`thaw`](Self::thaw).
    pub(crate) fn freeze(&self) {
        signal(&self.process, "STOP");
    }

    pub(crate) fn thaw(&self) {
        signal(&self.process, "CONT");
    }

    /// Kills the process.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Begins the drain, as an orchestrator does.
    pub(crate) fn terminate(&self) {
        signal(&self.process, "TERM");
    }

    /// Waits for the end of the process.
    pub(crate) async fn wait(mut self) -> ExitStatus {
        until("the end of a node", async || self.process.try_wait().unwrap().is_some()).await;
        self.process.wait().unwrap()
    }

    /// Returns the names of a room's members as the node knows them.
    pub(crate) async fn names(&self, room: &str) -> Option<Vec<String>> {
        let names = http_get(self.addr, &format!("/members/{room}")).await?;
        serde_json::from_str(&names).ok()
    }

    /// Returns the names of a room's members as the engine knows them.
    pub(crate) async fn stored_names(&self, room: &str) -> Option<Vec<String>> {
        let names = http_get(self.addr, &format!("/stored-members/{room}")).await?;
        serde_json::from_str(&names).ok()
    }
}

/// Kills the process, even a frozen one: a failed test leaves none behind.
impl Drop for NodeProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
