//! Redis and Valkey servers in processes of their own.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Stdio},
};

use redis::{AsyncConnectionConfig, FromRedisValue, RedisError};

use super::{
    free_port::free_port,
    process_signal::signal,
    store_options::StoreOptions,
    temp_folder::TempFolder,
    wait::{DEADLINE, until, within},
};

/// Redis or Valkey server. Its data is in a temporary folder.
pub(crate) struct StoreServer {
    options: StoreOptions,
    folder: TempFolder,
    port: u16,
    /// `None` while it is stopped.
    process: Option<Child>,
}

impl StoreServer {
    /// Starts a server that keeps all that it has confirmed.
    pub(crate) async fn start() -> Self {
        Self::with(StoreOptions::default()).await
    }

    /// Starts a server with these options.
    pub(crate) async fn with(options: StoreOptions) -> Self {
        let mut server = Self { options, folder: TempFolder::new(), port: free_port(), process: None };
        server.run().await;
        server
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Returns the URL without credentials.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.addr())
    }

    /// Starts the process, and waits until it answers.
    pub(crate) async fn run(&mut self) {
        let program = self.options.program.map_or_else(server_program, str::to_owned);
        let mut command = Command::new(&program);
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        command.arg("--dir").arg(self.folder.path());
        command.args(["--logfile", "log", "--save", "", "--repl-diskless-sync-delay", "0"]);
        if !self.options.is_volatile {
            // What is written outlives the process, without a wait for the disk, which on a busy
            // machine takes longer than the patience of the nodes.
            command.args(["--appendonly", "yes", "--appendfsync", "no"]);
        }
        command.args(&self.options.arguments).stdin(Stdio::null());
        self.process = Some(command.spawn().unwrap_or_else(|error| {
            panic!(
                "{program} cannot be started ({error}): these tests need a Redis or Valkey server; install \
                 Debian's redis-server, or name another program in `REDIS_SERVER`"
            )
        }));
        until("the server answers", async || {
            let process = self.process.as_mut().unwrap();
            if let Some(status) = process.try_wait().unwrap() {
                panic!("the server has ended: {status}: {}", self.log());
            }
            // While it loads its data, it answers with an error.
            self.try_command::<String>(&["PING"]).await.is_ok()
        })
        .await;
    }

    /// Returns what the server has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Kills the process.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Kills the process and starts it again, with what it has kept.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.run().await;
    }

    /// Kills the process and starts it again without any data.
    pub(crate) async fn restart_empty(&mut self) {
        self.kill();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            match path.file_name().and_then(|name| name.to_str()) {
                Some(name) if name.starts_with("appendonly") || name.ends_with(".rdb") => {
                    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
                }
                _ => {}
            }
        }
        self.run().await;
    }

    /// Stops the process (SIGSTOP) until [`thaw`](Self::thaw).
    pub(crate) fn freeze(&self) {
        signal(self.process.as_ref().unwrap(), "STOP");
    }

    pub(crate) fn thaw(&self) {
        signal(self.process.as_ref().unwrap(), "CONT");
    }

    /// Executes a command on a connection of its own.
    pub(crate) async fn command<T: FromRedisValue>(&self, command: &[&str]) -> T {
        within("an answer of the server", self.try_command(command))
            .await
            .unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    pub(crate) async fn try_command<T: FromRedisValue>(&self, command: &[&str]) -> Result<T, RedisError> {
        execute(&self.url(), command).await
    }
}

/// Executes a command on a connection of its own.
pub(super) async fn execute<T: FromRedisValue>(url: &str, command: &[&str]) -> Result<T, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(DEADLINE))
        .set_response_timeout(Some(DEADLINE));
    let client = redis::Client::open(url)?;
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    redis::cmd(command[0]).arg(&command[1..]).query_async(&mut connection).await
}

/// Returns the program of the servers.
pub(super) fn server_program() -> String {
    env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

impl Drop for StoreServer {
    fn drop(&mut self) {
        self.kill();
    }
}
