//! Batches, hooks, and handlers that ignore messages.

use std::time::Duration;

use ignitia::{
    DrainConfig,
    prelude::*,
    websocket::{websocket_batch_handler, websocket_message_handler},
};
use tokio::{
    sync::mpsc::unbounded_channel,
    time::{Instant, sleep},
};

use super::{Ask, SECOND, Tell, ask, client};
use crate::support::{close, everywhere, text};

#[tokio::test(start_paused = true)]
async fn a_drain_completes_the_batch_that_is_being_collected() {
    let (log, mut sizes) = unbounded_channel();
    let handler = websocket_batch_handler(
        move |ws, batch: Vec<Message>| {
            let log = log.clone();
            async move {
                log.send(batch.len()).unwrap();
                let _ = ws.send_text(format!("{} stored", batch.len())).await;
                Response::ok()
            }
        },
        100,
        3_600_000,
    );
    let router = Router::new().websocket("/", handler);
    let client = client(router, DrainConfig::default().jitter(Duration::ZERO));
    let mut socket = client.connect("/").await;
    for _ in 0..3 {
        socket.send_text("x").await;
    }
    sleep(SECOND).await;
    let (shutdown, start) = (client.shutdown(), Instant::now());
    let drain = tokio::spawn(async move { shutdown.drain().await });
    assert_eq!(socket.recv_text().await, "3 stored");
    socket.expect_close(1001).await;
    assert_eq!(start.elapsed().as_secs(), 0);
    drain.await.unwrap();
    assert_eq!((sizes.recv().await, sizes.try_recv().is_err()), (Some(3), true));
}

struct Greeter;

#[websocket("/greeter", message = Ask, reply = Tell)]
impl Greeter {
    async fn accept() -> Self {
        Self
    }

    async fn on_open(&mut self) -> Tell {
        sleep(3 * SECOND).await;
        Tell::Welcome
    }

    #[on(Slow { seconds })]
    async fn slow(&mut self, seconds: u64) -> Tell {
        sleep(Duration::from_secs(seconds)).await;
        Tell::Done
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_on_open_go_out_before_a_drain_closes() {
    let router = Router::new().mount_session::<Greeter>();
    let client = client(router, DrainConfig::default().jitter(Duration::ZERO));
    let mut socket = client.connect("/greeter").await;
    socket.send_text(ask(0)).await;
    sleep(SECOND).await;
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    assert_eq!(socket.recv_text().await, r#"{"type":"welcome"}"#);
    socket.expect_close(1001).await;
    assert_eq!(drain.await.unwrap().clean, 1);
}

/// A handler that has received one message and then only sends would otherwise delay the drain.
#[tokio::test(start_paused = true)]
async fn a_handler_that_ignores_messages_is_closed_at_once() {
    let router = Router::new().websocket("/", |mut ws: WebSocketConnection| async move {
        let _ = ws.recv().await;
        ws.ignore_messages();
        while ws.send_text("tick").await.is_ok() {
            sleep(SECOND).await;
        }
        Response::ok()
    });
    let client = client(router, DrainConfig::default().jitter(Duration::ZERO));
    let mut socket = client.connect("/").await;
    socket.send_text("subscribe").await;
    assert_eq!(socket.recv_text().await, "tick");
    let (shutdown, start) = (client.shutdown(), Instant::now());
    let drain = tokio::spawn(async move { shutdown.drain().await });
    socket.expect_close(1001).await;
    assert_eq!(start.elapsed().as_secs(), 0);
    drain.await.unwrap();
}

/// Over real sockets, with everything pipelined: exactly the requests that were answered were
/// handled.
#[tokio::test]
async fn a_drain_handles_what_it_answers_and_nothing_else() {
    const REQUESTS: usize = 1_271;
    let (log, mut handled) = unbounded_channel();
    let router = move || {
        let log = log.clone();
        let handler = websocket_message_handler(move |ws, message| {
            let log = log.clone();
            async move {
                if let Message::Text(text) = message {
                    log.send(text.clone()).unwrap();
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    let _ = ws.send_text(text).await;
                }
                Response::ok()
            }
        });
        Router::new().websocket("/", handler)
    };
    everywhere(router, async |server| {
        let transport = server.transport;
        let mut socket = server.open("/").await;
        let requests: Vec<u8> = (0..REQUESTS).flat_map(|number| text(&number.to_string())).collect();
        socket.send(&requests).await;
        socket.expect_text("0").await;
        let drain = server.stop();
        let mut answers = 1;
        let frame = loop {
            let frame = socket.frame().await;
            if frame.opcode == crate::support::CLOSE {
                break frame;
            }
            assert_eq!(frame.payload, answers.to_string().as_bytes());
            answers += 1;
        };
        assert_eq!(frame.close_code().0, 1001);
        socket.send(&close(1001, "")).await;
        drain.await.unwrap();
        let handled: Vec<String> = std::iter::from_fn(|| handled.try_recv().ok()).collect();
        assert_eq!(handled.len(), answers, "{transport:?}");
        assert!(answers < REQUESTS, "{transport:?}: the drain came too late to show anything");
    })
    .await;
}
