//! Numbers of databases.

use ignitia::engine::{EngineConfig, RedisEngine};

use crate::support::{StoreServer, app_name};

#[tokio::test]
async fn the_keys_are_in_the_database_of_the_url() {
    let server = StoreServer::start().await;
    let url = format!("{}/3", server.url());
    let engine = RedisEngine::connect(url, EngineConfig::new(app_name())).await.unwrap();
    let databases: String = server.command(&["INFO", "keyspace"]).await;
    assert!(databases.contains("db3:") && !databases.contains("db0:"), "{databases}");
    engine.close().await.unwrap();
    // A number that the server does not have.
    let url = format!("{}/99", server.url());
    let error = RedisEngine::connect(url, EngineConfig::new(app_name())).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
}
