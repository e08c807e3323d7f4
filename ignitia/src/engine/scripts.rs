//! Scripts that the server runs.

use redis::{Script, aio::MultiplexedConnection};

use super::fault::EngineFault;

/// Scripts that the server runs.
pub(super) struct Scripts {
    pub(super) publish: Script,
    pub(super) look: Script,
    pub(super) since: Script,
    pub(super) before: Script,
    pub(super) heartbeat: Script,
    pub(super) register: Script,
    pub(super) reap: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            publish: Script::new(include_str!("lua/publish.lua")),
            look: Script::new(concat!(include_str!("lua/tag_of.lua"), include_str!("lua/look.lua"))),
            since: Script::new(concat!(include_str!("lua/tag_of.lua"), include_str!("lua/since.lua"))),
            before: Script::new(include_str!("lua/before.lua")),
            heartbeat: Script::new(include_str!("lua/heartbeat.lua")),
            register: Script::new(include_str!("lua/register.lua")),
            reap: Script::new(include_str!("lua/reap.lua")),
        }
    }

    /// Loads all scripts. Another node may load them at the same time.
    pub(super) fn load(
        &self,
        mut connection: MultiplexedConnection,
    ) -> impl Future<Output = Result<(), EngineFault>> + Send + use<> {
        let Self { publish, look, since, before, heartbeat, register, reap } = self;
        let mut pipeline = redis::pipe();
        for script in [publish, look, since, before, heartbeat, register, reap] {
            pipeline.load_script(script).ignore();
        }
        async move { Ok(pipeline.query_async::<()>(&mut connection).await?) }
    }
}

/// Starts a command that runs a loaded script.
pub(super) fn run(script: &Script) -> redis::Cmd {
    let mut command = redis::cmd("EVALSHA");
    command.arg(script.get_hash());
    command
}
