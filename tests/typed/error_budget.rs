//! Budget of malformed messages, on paused time.

use std::time::Duration;

use ignitia::{ClientMessage, ServerMessage, prelude::*, testing::TestSocket, websocket::WebSocketConfig};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::support::{ask, client, nothing_came};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Fine,
    Fail,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Fine,
}

struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failure")
    }
}

impl MessageError for Failure {
    fn code(&self) -> &'static str {
        "failure"
    }

    fn public_message(&self) -> std::borrow::Cow<'_, str> {
        "it failed".into()
    }
}

#[websocket("/function", on_message)]
async fn function(message: In) -> Result<Out, Failure> {
    match message {
        In::Fine => Ok(Out::Fine),
        In::Fail => Err(Failure),
    }
}

struct Session;

#[websocket("/session", message = In, reply = Out)]
impl Session {
    async fn accept() -> Self {
        Self
    }

    #[on(Fine)]
    async fn fine(&mut self) -> Out {
        Out::Fine
    }

    #[on(Fail)]
    async fn fail(&mut self) -> Result<(), Failure> {
        Err(Failure)
    }
}

const PATHS: [&str; 2] = ["/function", "/session"];

fn router(config: WebSocketConfig) -> Router {
    let config = config.keepalive_interval(None);
    Router::new().mount(function).mount_session::<Session>().websocket_config(config)
}

/// Sends malformed messages that are answered.
async fn spend(socket: &mut TestSocket, messages: usize) {
    for _ in 0..messages {
        assert_eq!(ask(socket, "?").await["code"], "invalid_json");
    }
}

/// Sends one that is too many.
async fn overspend(socket: &mut TestSocket) {
    socket.send_text("?").await;
    let frame = socket.expect_close(1008).await;
    assert_eq!(frame.reason, "too many malformed messages");
    socket.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_malformed_message_in_a_minute_closes() {
    for path in PATHS {
        let mut socket = client(router(WebSocketConfig::default())).connect(path).await;
        spend(&mut socket, 10).await;
        // Only malformed messages count.
        for _ in 0..20 {
            assert_eq!(ask(&mut socket, r#"{"type":"fine"}"#).await["type"], "fine");
            assert_eq!(ask(&mut socket, r#"{"type":"fail"}"#).await["code"], "failure");
        }
        nothing_came(&mut socket).await;
        overspend(&mut socket).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_window_slides() {
    for path in PATHS {
        let mut socket = client(router(WebSocketConfig::default())).connect(path).await;
        spend(&mut socket, 4).await;
        sleep(Duration::from_secs(30)).await;
        spend(&mut socket, 6).await;
        sleep(Duration::from_secs(30)).await;
        // A minute after the first four: there is room for four again.
        spend(&mut socket, 4).await;
        sleep(Duration::from_millis(29_900)).await;
        overspend(&mut socket).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_window_does_not_restart_at_its_end() {
    for path in PATHS {
        let mut socket = client(router(WebSocketConfig::default())).connect(path).await;
        sleep(Duration::from_secs(59)).await;
        spend(&mut socket, 10).await;
        sleep(Duration::from_secs(2)).await;
        overspend(&mut socket).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_and_the_window_are_configurable() {
    for path in PATHS {
        let none = WebSocketConfig::default().malformed_limit(0);
        overspend(&mut client(router(none)).connect(path).await).await;

        let config = WebSocketConfig::default().malformed_limit(1).malformed_window(Duration::from_secs(1));
        let mut socket = client(router(config)).connect(path).await;
        for _ in 0..100 {
            spend(&mut socket, 1).await;
            sleep(Duration::from_secs(1)).await;
        }
        spend(&mut socket, 1).await;
        overspend(&mut socket).await;

        let for_ever = WebSocketConfig::default().malformed_window(Duration::MAX);
        let mut socket = client(router(for_ever)).connect(path).await;
        spend(&mut socket, 10).await;
        sleep(Duration::from_secs(1_000_000)).await;
        overspend(&mut socket).await;

        let unlimited = WebSocketConfig::default().malformed_limit(usize::MAX);
        let mut socket = client(router(unlimited)).connect(path).await;
        spend(&mut socket, 2_000).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_of_zero_counts_nothing() {
    let config = WebSocketConfig::default().malformed_limit(1).malformed_window(Duration::ZERO);
    for path in PATHS {
        let mut socket = client(router(config.clone())).connect(path).await;
        spend(&mut socket, 50).await;
    }
}

/// Each connection has a budget of its own.
#[tokio::test(start_paused = true)]
async fn every_connection_has_its_own_budget() {
    for path in PATHS {
        let client = client(router(WebSocketConfig::default()));
        let mut one = client.connect(path).await;
        let mut other = client.connect(path).await;
        spend(&mut one, 10).await;
        spend(&mut other, 10).await;
        overspend(&mut one).await;
        assert_eq!(ask(&mut other, r#"{"type":"fine"}"#).await["type"], "fine");
        overspend(&mut other).await;
    }
}

/// Messages behind the one too many are not handled.
#[tokio::test(start_paused = true)]
async fn a_burst_is_answered_ten_times() {
    for path in PATHS {
        let mut socket = client(router(WebSocketConfig::default())).connect(path).await;
        let burst = crate::support::text("?").repeat(60);
        socket.send_bytes(&burst).await;
        for _ in 0..10 {
            assert_eq!(socket.recv_json::<serde_json::Value>().await["code"], "invalid_json");
        }
        let frame = socket.expect_close(1008).await;
        assert_eq!(frame.reason, "too many malformed messages");
    }
}
