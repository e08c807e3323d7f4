//! Servers and settings that an engine refuses at the start.

use std::time::Duration;

use ignitia::engine::{EngineConfig, RedisEngine};

use crate::support::{Proxy, StoreOptions, StoreServer, app_name, within};

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

#[tokio::test]
async fn a_server_that_stops_to_answer_is_refused_at_the_start() {
    let server = StoreServer::with(StoreOptions::volatile()).await;
    for command in ["ROLE", "SCRIPT", "SUBSCRIBE", "EVALSHA", "UNSUBSCRIBE"] {
        let proxy = Proxy::start(server.addr()).await;
        proxy.swallow_from(command);
        let config = EngineConfig::new(app_name())
            .heartbeat(Duration::from_millis(100))
            .patience(Duration::from_millis(500));
        let error = within(command, RedisEngine::connect(proxy.url(), config)).await.unwrap_err();
        assert!(error.is_unavailable(), "{command}: {error:?}");
        assert!(error.to_string().contains("no answer in time"), "{command}: {error}");
    }
}

#[tokio::test]
async fn times_that_cannot_work_are_refused() {
    let day = Duration::from_secs(86_400);
    let config = || EngineConfig::new("app");
    for config in [
        config().patience(Duration::MAX).lease(Duration::MAX),
        config().lease(day + Duration::from_nanos(1)),
        config().heartbeat(Duration::MAX).patience(Duration::MAX).lease(Duration::MAX),
        config().heartbeat(Duration::ZERO),
        config().patience(Duration::from_millis(999)),
        config().lease(Duration::from_millis(2_999)),
    ] {
        let error = RedisEngine::connect("redis://127.0.0.1:1", config).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error:?}");
    }
}
