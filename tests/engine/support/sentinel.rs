//! Sentinels in processes of their own.

use std::{
    fs,
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use super::{
    free_port::free_port,
    store_server::{execute, server_program},
    temp_folder::TempFolder,
    wait::until,
};

/// Sentinel that decides alone.
pub(crate) struct Sentinel {
    port: u16,
    process: Child,
    folder: TempFolder,
}

impl Sentinel {
    /// Starts a sentinel of one primary, which is replaced after half a second.
    pub(crate) async fn start(name: &str, primary: SocketAddr) -> Self {
        let folder = TempFolder::new();
        let port = free_port();
        let config = folder.path().join("sentinel.conf");
        let lines = [
            format!("port {port}"),
            "bind 127.0.0.1".to_owned(),
            format!("dir {}", folder.path().display()),
            format!("logfile {}", folder.path().join("log").display()),
            format!("sentinel monitor {name} {} {} 1", primary.ip(), primary.port()),
            format!("sentinel down-after-milliseconds {name} 500"),
            format!("sentinel failover-timeout {name} 5000"),
        ];
        fs::write(&config, lines.join("\n")).unwrap();
        let process =
            Command::new(server_program()).arg(&config).arg("--sentinel").stdin(Stdio::null()).spawn();
        let sentinel = Self { port, process: process.unwrap(), folder };
        until("the sentinel answers", async || execute::<String>(&sentinel.url(), &["PING"]).await.is_ok())
            .await;
        sentinel
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns the number of replicas that it knows.
    pub(crate) async fn replicas(&self, name: &str) -> usize {
        let replicas = execute::<Vec<redis::Value>>(&self.url(), &["SENTINEL", "REPLICAS", name]).await;
        replicas.map_or(0, |replicas| replicas.len())
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // The folder is removed after the process.
        let _ = &self.folder;
    }
}
