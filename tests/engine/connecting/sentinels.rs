//! Sentinels, which are asked for the primary.

use ignitia::engine::{EngineConfig, EngineStatus, RedisEngine, RedisServers};

use crate::support::{Sentinel, StoreOptions, StoreServer, app_name, until, within};

#[tokio::test]
async fn the_primary_is_found_again_after_a_failover() {
    let mut primary = StoreServer::start().await;
    let port = primary.addr().port().to_string();
    let replica = StoreServer::with(StoreOptions::default().with("replicaof", ["127.0.0.1", &port])).await;
    let sentinel = Sentinel::start("chat", primary.addr()).await;
    until("the sentinel knows the replica", async || sentinel.replicas("chat").await == 1).await;

    let servers = RedisServers::sentinel([sentinel.url()], "redis://chat/0");
    let engine = RedisEngine::connect(servers, EngineConfig::new(app_name())).await.unwrap();
    let mut status = engine.watch_status();
    primary.kill();
    within("the outage", status.wait_for(|status| *status == EngineStatus::Down)).await.unwrap();
    within("the end of the outage", status.wait_for(|status| *status == EngineStatus::Up)).await.unwrap();
    assert_eq!(
        replica.command::<Vec<redis::Value>>(&["ROLE"]).await[0],
        redis::Value::BulkString(b"master".to_vec())
    );
}

#[tokio::test]
async fn a_name_that_the_sentinel_does_not_know_is_an_error() {
    let primary = StoreServer::start().await;
    let sentinel = Sentinel::start("chat", primary.addr()).await;
    let servers = RedisServers::sentinel([sentinel.url()], "redis://other/0");
    let error = RedisEngine::connect(servers, EngineConfig::new(app_name())).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("`other`"), "{error}");
}
