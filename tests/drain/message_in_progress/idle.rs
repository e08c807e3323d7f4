//! The idle timeout and the message in progress.

use ignitia::{
    DrainConfig,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::time::Instant;

use super::{SECOND, ask, client, expect_done, router};

#[tokio::test(start_paused = true)]
async fn a_peer_that_waits_for_a_reply_is_not_idle() {
    for path in ["/function", "/session"] {
        let (router, mut ends) = router(WebSocketConfig::default().idle_timeout(SECOND));
        let client = client(router, DrainConfig::default());
        let mut socket = client.connect(path).await;
        socket.send_text(ask(8)).await;
        expect_done(&mut socket).await;
        let answered = Instant::now();
        socket.expect_close(3008).await;
        assert_eq!(answered.elapsed().as_secs(), 1, "{path}");
        assert_eq!(ends.causes.recv().await.unwrap().kind, CloseKind::IdleTimeout);
    }
}

/// A loop of the handler may have no interest in the peer: the idle timeout goes on, and the answer
/// goes out before the end.
#[tokio::test(start_paused = true)]
async fn an_idle_peer_of_a_loop_is_answered_first() {
    for path in ["/loop", "/typed_loop"] {
        let (router, mut ends) = router(WebSocketConfig::default().idle_timeout(SECOND));
        let client = client(router, DrainConfig::default());
        let mut socket = client.connect(path).await;
        socket.send_text(ask(4)).await;
        socket.send_text(ask(0)).await;
        ends.begun.recv().await.unwrap();
        let start = Instant::now();
        expect_done(&mut socket).await;
        socket.expect_close(3008).await;
        assert_eq!(start.elapsed().as_secs(), 4, "{path}");
        let cause = ends.causes.recv().await.unwrap();
        assert_eq!((cause.kind, cause.unhandled), (CloseKind::IdleTimeout, 1), "{path}");
    }
}
