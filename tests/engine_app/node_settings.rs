//! Settings of a node that has a process of its own.

use std::time::Duration;

use ignitia::engine::EngineConfig;
use serde::{Deserialize, Serialize};

/// Settings of a node that has a process of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeSettings {
    /// URLs of the servers.
    pub servers: Vec<String>,
    /// Name of the application.
    pub app: String,
    /// Time in milliseconds that its lease lasts.
    pub lease_millis: u64,
}

/// Variable of the environment that has the settings as JSON.
pub const NODE_SETTINGS: &str = "ENGINE_NODE";

impl NodeSettings {
    /// Creates the usual settings.
    pub fn new(servers: impl IntoIterator<Item = String>, app: &str) -> Self {
        Self { servers: servers.into_iter().collect(), app: app.to_owned(), lease_millis: 10_000 }
    }

    /// Returns the settings of this process.
    ///
    /// # Errors
    ///
    /// If the variable does not have them.
    pub fn from_environment() -> serde_json::Result<Self> {
        serde_json::from_str(&std::env::var(NODE_SETTINGS).unwrap_or_default())
    }

    /// Returns the configuration of the engine.
    pub fn engine_config(&self) -> EngineConfig {
        EngineConfig::new(&self.app).lease(Duration::from_millis(self.lease_millis)).queue_messages(100_000)
    }
}
