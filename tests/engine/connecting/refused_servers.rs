//! Servers and settings that an engine refuses at the start.

use ignitia::engine::{EngineConfig, RedisEngine};

use crate::support::{StoreOptions, StoreServer, app_name};

/// Returns the text of the error at the start.
async fn refusal(url: &str) -> String {
    let error = RedisEngine::connect(url, EngineConfig::new(app_name())).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_cluster_is_refused_at_the_start() {
    let server = StoreServer::with(StoreOptions::volatile().with("cluster-enabled", ["yes"])).await;
    let text = refusal(&server.url()).await;
    assert!(text.contains("cluster"), "{text}");
    // The same with all slots on this server.
    let slots: Vec<String> = (0..16_384).map(|slot| slot.to_string()).collect();
    let mut command = vec!["CLUSTER", "ADDSLOTS"];
    command.extend(slots.iter().map(String::as_str));
    server.command::<()>(&command).await;
    let text = refusal(&server.url()).await;
    assert!(text.contains("cluster"), "{text}");
}

#[tokio::test]
async fn a_replica_is_refused_at_the_start() {
    let primary = StoreServer::start().await;
    let port = primary.addr().port().to_string();
    let replica = StoreServer::with(StoreOptions::default().with("replicaof", ["127.0.0.1", &port])).await;
    let text = refusal(&replica.url()).await;
    assert!(text.contains("no primary"), "{text}");
    // Among all servers of the setup, the primary is found.
    let servers = [replica.url(), primary.url()];
    let engine = RedisEngine::connect(servers, EngineConfig::new(app_name())).await.unwrap();
    assert!(engine.is_up());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let mut server = StoreServer::start().await;
    server.kill();
    refusal(&server.url()).await;
}

#[tokio::test]
async fn a_server_that_lacks_a_command_is_refused_at_the_start() {
    // As one that is too old.
    let server = StoreServer::with(StoreOptions::volatile().with("rename-command", ["XTRIM", ""])).await;
    let text = refusal(&server.url()).await;
    assert!(text.contains("needs Redis 6.2"), "{text}");
}

#[tokio::test]
async fn many_nodes_may_start_at_the_same_time() {
    let server = StoreServer::start().await;
    let app = app_name();
    let starts = (0..20).map(|_| RedisEngine::connect(server.url(), EngineConfig::new(&app)));
    let nodes = futures_util::future::join_all(starts).await;
    assert!(nodes.iter().all(Result::is_ok), "{nodes:?}");
}
