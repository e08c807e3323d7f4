//! Peers that leave without a closing handshake.

use ignitia::{
    prelude::*,
    websocket::{CloseCause, CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{End, echoes, everywhere, header, next, reporting_echo, text};

/// Returns an echo that reports the cause of its end.
fn reporting() -> (impl Fn() -> Router, UnboundedReceiver<CloseCause>) {
    let (log, reports) = unbounded_channel();
    let router = move || {
        let log = log.clone();
        Router::new().websocket("/ws", move |ws: WebSocketConnection| reporting_echo(ws, log.clone()))
    };
    (router, reports)
}

#[tokio::test]
async fn messages_before_a_half_close_are_answered() {
    let (router, mut causes) = reporting();
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        socket.send(&[text("one"), text("two")].concat()).await;
        socket.shut_down_write().await;
        socket.expect_text("one").await;
        socket.expect_text("two").await;
        let (code, _) = socket.frame().await.close_code();
        assert!((1000..=1014).contains(&code), "{code} says nothing");
        assert_eq!(socket.end().await, End::Eof);
        let cause = next(&mut causes).await;
        assert_eq!((cause.kind, cause.clean, cause.unsent), (CloseKind::Lost, false, 0));
    })
    .await;
}

#[tokio::test]
async fn an_eof_without_a_close_frame_is_answered_with_one() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            for before in [Vec::new(), header(0x81, 10), header(0x81, 1_000)[..3].to_vec(), header(0x01, 0)] {
                let mut socket = server.open("/ws").await;
                socket.send(&before).await;
                socket.shut_down_write().await;
                let (code, _) = socket.frame().await.close_code();
                assert!((1000..=1014).contains(&code), "{code} says nothing");
                assert_eq!(socket.end().await, End::Eof);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_reset_ends_the_connection_as_lost() {
    let (router, mut causes) = reporting();
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        socket.send(&text("hi")).await;
        socket.expect_text("hi").await;
        socket.reset();
        let cause = next(&mut causes).await;
        assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Lost, None, false));
    })
    .await;
}
