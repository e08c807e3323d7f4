//! Access control lists: the least rights, and those that are missing.

use ignitia::engine::{EngineConfig, RedisEngine};

use crate::support::{StoreOptions, StoreServer, app_name};

/// Returns the commands that the documentation lists.
fn documented_commands() -> Vec<&'static str> {
    let lines = include_str!("../../../ignitia/src/engine/mod.rs").lines();
    let lines = lines.skip_while(|line| !line.contains("ACL SETUSER")).skip(1);
    let lines = lines.take_while(|line| !line.contains("```"));
    lines.flat_map(str::split_whitespace).filter_map(|word| word.strip_prefix('+')).collect()
}

/// Server with a user `chat`, whose rights a test chooses.
struct Host {
    server: StoreServer,
    app: String,
}

impl Host {
    async fn start() -> Self {
        Self { server: StoreServer::with(StoreOptions::volatile()).await, app: app_name() }
    }

    /// Gives the user these keys, channels and commands, and none beside them.
    async fn permit(&self, keys: &str, channels: &str, commands: &[&str]) {
        let commands: Vec<String> = commands.iter().map(|command| format!("+{command}")).collect();
        let mut rule = vec!["ACL", "SETUSER", "chat", "reset", "on", ">secret", keys];
        // Before version 7, a new user may use all channels.
        rule.extend(["resetchannels", channels, "-@all"]);
        rule.extend(commands.iter().map(String::as_str));
        self.server.command::<()>(&rule).await;
    }

    async fn connect(&self) -> ignitia::Result<RedisEngine> {
        let url = format!("redis://chat:secret@{}", self.server.addr());
        RedisEngine::connect(url, EngineConfig::new(&self.app)).await
    }

    fn keys(&self) -> (String, String) {
        (format!("~ig1:{}:*", self.app), format!("&ig1:{}:*", self.app))
    }
}

#[tokio::test]
async fn the_documented_commands_suffice_and_each_is_needed() {
    let host = Host::start().await;
    let (keys, channels) = host.keys();
    let commands = documented_commands();
    assert!(commands.len() > 20, "{commands:?}");
    host.permit(&keys, &channels, &commands).await;
    drop(host.connect().await.unwrap());
    let mut unnoticed = Vec::new();
    for missing in &commands {
        let left: Vec<&str> = commands.iter().copied().filter(|command| command != missing).collect();
        host.permit(&keys, &channels, &left).await;
        match host.connect().await {
            Ok(_) => unnoticed.push(missing),
            Err(error) => {
                assert!(error.is_unavailable(), "without {missing}: {error:?}");
                assert!(
                    error.to_string().contains("rights and settings that it needs"),
                    "without {missing}: {error}"
                );
            }
        }
    }
    assert!(unnoticed.is_empty(), "these rights are not needed at the start: {unnoticed:?}");
}

#[tokio::test]
async fn a_missing_right_to_keys_or_channels_is_an_error_at_the_start() {
    let host = Host::start().await;
    let (keys, channels) = host.keys();
    let commands = documented_commands();
    for (keys, channels) in [("~other:*", &*channels), (&*keys, "&other:*"), (&*keys, "resetchannels")] {
        host.permit(keys, channels, &commands).await;
        let error = host.connect().await.map(drop).expect_err(channels);
        assert!(error.is_unavailable(), "{keys} {channels}: {error:?}");
        assert!(
            error.to_string().contains("rights and settings that it needs"),
            "{keys} {channels}: {error}"
        );
    }
}
