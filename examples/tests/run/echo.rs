//! Tests of `echo.rs`.

use futures_util::StreamExt as _;
use tokio_tungstenite::tungstenite::Message;

use crate::{deadline::within, running_example::RunningExample};

#[tokio::test]
async fn every_message_is_echoed() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_echo")).await;
    example.check_page("<h1>Echo</h1>").await;
    let mut client = example.connect("/ws").await;
    client.send("hello").await;
    assert_eq!(client.text().await, "hello");
    client.send(Message::Binary(vec![0, 255].into())).await;
    let echoed = within(client.0.next()).await.expect("a message").expect("no error");
    assert_eq!(echoed, Message::Binary(vec![0, 255].into()));
    let leaving = example.connect("/ws").await;
    leaving.close().await;
    example.stop([client]).await;
}
