//! Passwords, and their rotation.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use ignitia::engine::{Credentials, EngineConfig, EngineStatus, RedisEngine};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

use crate::support::{Log, StoreOptions, StoreServer, app_name, until, within};

async fn set_password(server: &StoreServer, password: &str) {
    let password = format!(">{password}");
    let rule = ["ACL", "SETUSER", "chat", "reset", "on", &password, "~*", "&*", "+@all"];
    server.command::<()>(&rule).await;
}

#[tokio::test]
async fn a_wrong_password_is_an_error_at_the_start() {
    let server = StoreServer::with(StoreOptions::volatile()).await;
    set_password(&server, "right").await;
    let url = format!("redis://chat:wrong@{}", server.addr());
    let error = RedisEngine::connect(url, EngineConfig::new(app_name())).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    assert!(!error.to_string().contains("wrong@"), "{error}");
    let url = format!("redis://chat:right@{}", server.addr());
    drop(RedisEngine::connect(url, EngineConfig::new(app_name())).await.unwrap());
}

#[tokio::test]
async fn a_password_is_rotated_without_a_restart() {
    let (log, _logging) = Log::begin();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let server = StoreServer::with(StoreOptions::volatile()).await;
    set_password(&server, "old-secret").await;
    let password = Arc::new(Mutex::new("old-secret".to_owned()));
    let source = password.clone();
    let credentials = move || Credentials::user("chat", source.lock().unwrap().clone());
    let config = EngineConfig::new(app_name()).credentials(credentials);
    let engine = RedisEngine::connect(server.url(), config).await.unwrap();
    let mut status = engine.watch_status();

    // The server's password changes first: the engine is down until it is told the new one.
    set_password(&server, "new-secret").await;
    server.command::<()>(&["CLIENT", "KILL", "USER", "chat"]).await;
    within("the outage", status.wait_for(|status| *status == EngineStatus::Down)).await.unwrap();
    log.line("AuthenticationFailed").await;
    let attempts = async || {
        let refused: String = server.command(&["INFO", "stats"]).await;
        let count = refused.split("total_connections_received:").nth(1).unwrap();
        count.lines().next().unwrap().parse::<u64>().unwrap()
    };
    let before = attempts().await;
    // Each question is a connection, too.
    let mut asked = 0;
    until("some attempts", async || {
        asked += 1;
        attempts().await > before + asked + 3
    })
    .await;
    "new-secret".clone_into(&mut password.lock().unwrap());
    within("the end of the outage", status.wait_for(|status| *status == EngineStatus::Up)).await.unwrap();
    // The operator is told each cause once, and of the recovery.
    let text = log.text();
    let count = |words: &str| text.lines().filter(|line| line.contains(words)).count();
    assert_eq!((count("the engine is down"), count("AuthenticationFailed")), (2, 1), "{text}");
    assert_eq!(count("the engine is up"), 2, "{text}");
    assert!(!text.contains("old-secret") && !text.contains("new-secret"), "{text}");
    let outages = snapshotter.snapshot().into_vec().into_iter().filter_map(|(key, _, _, value)| {
        let cause = key.key().labels().find(|label| label.key() == "cause")?.value().to_owned();
        Some((cause, value))
    });
    let mut outages: Vec<(String, DebugValue)> = outages.collect();
    outages.sort_by(|a, b| a.0.cmp(&b.0));
    let once = |cause: &str| (cause.to_owned(), DebugValue::Counter(1));
    assert_eq!(outages, [once("connection"), once("credentials")]);
}

#[tokio::test]
async fn a_panic_of_the_source_is_an_error_at_the_start_and_ends_no_engine() {
    let server = StoreServer::with(StoreOptions::volatile()).await;
    set_password(&server, "secret").await;
    let panics = Arc::new(AtomicBool::new(true));
    let source = panics.clone();
    let config = EngineConfig::new(app_name()).credentials(move || {
        assert!(!source.load(Ordering::Relaxed), "the vault is sealed");
        Credentials::user("chat", "secret")
    });
    let error = RedisEngine::connect(server.url(), config.clone()).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("the vault is sealed"), "{error:?}");
    panics.store(false, Ordering::Relaxed);
    let engine = RedisEngine::connect(server.url(), config).await.unwrap();
    let mut status = engine.watch_status();
    panics.store(true, Ordering::Relaxed);
    server.command::<()>(&["CLIENT", "KILL", "USER", "chat"]).await;
    within("the outage", status.wait_for(|status| *status == EngineStatus::Down)).await.unwrap();
    panics.store(false, Ordering::Relaxed);
    within("the end of the outage", status.wait_for(|status| *status == EngineStatus::Up)).await.unwrap();
}
