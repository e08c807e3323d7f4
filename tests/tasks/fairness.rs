//! A handler that uses up tokio's cooperative budget again and again does not starve its
//! connection, and a connection does not starve others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::Instant,
};

use crate::support::{Request, Transport, client_of, echo, text};

/// Computes for ever, and yields to other tasks.
async fn compute() -> Response {
    loop {
        tokio::task::consume_budget().await;
    }
}

/// The handler's last poll ended for lack of budget: the timer of the keepalive is set all the
/// same.
#[tokio::test(start_paused = true)]
async fn timeouts_fire_when_the_cooperative_budget_is_used_up() {
    const ITEMS: usize = 300;
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        let (queue, mut items) = mpsc::unbounded_channel();
        (0..ITEMS).for_each(|item| queue.send(item).unwrap());
        while let Some(item) = items.recv().await {
            ws.send_text(item.to_string()).await.unwrap();
        }
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(60));
    let start = Instant::now();
    for item in 0..ITEMS {
        assert_eq!(socket.recv_text().await, item.to_string());
    }
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    assert_eq!(start.elapsed().as_secs(), 25);
}

#[tokio::test]
async fn pongs_go_out_while_the_handler_computes() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        compute().await
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(10));
    for payload in ["1", "2", "3"] {
        socket.send(Message::Ping(payload.into())).await;
        assert_eq!(socket.recv().await, Some(Message::Pong(payload.into())));
    }
    socket.close(4001, "").await;
    socket.expect_close(4001).await;
    socket.expect_end().await;
}

/// The handler never uses its connection: the decision window ends, and the upgrade takes place
/// beside it.
#[tokio::test]
async fn an_undecided_handler_that_computes_is_upgraded() {
    let config = WebSocketConfig::default().decision_window(Duration::from_millis(10));
    let client = client_of(config, |ws: WebSocketConnection| async move {
        let _ws = ws;
        compute().await
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(15));
    // The 101 alone shows little: the transport may still belong to the HTTP connection.
    socket.send(Message::Ping("open?".into())).await;
    assert_eq!(socket.recv().await, Some(Message::Pong("open?".into())));
}

/// Everything runs on one thread: the amount of a flood that is handled while another connection
/// waits for its echo depends only on the order of polls.
async fn turns(echoes: bool) {
    const TRIES: usize = 31;
    let handled = Arc::new(AtomicUsize::new(0));
    let count = handled.clone();
    let flooded = move |mut ws: WebSocketConnection| {
        let count = count.clone();
        async move {
            while let Some(message) = ws.recv().await {
                count.fetch_add(1, Ordering::Relaxed);
                if echoes && ws.send(message).await.is_err() {
                    break;
                }
            }
            Response::ok()
        }
    };
    let server =
        Transport::Plain.serve(Router::new().websocket("/flood", flooded).websocket("/", echo)).await;
    let mut quiet = server.connect().await;
    quiet.upgrade("/").await;
    let (mut replies, mut flood) = {
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        stream.write_all(&Request::upgrade("/flood").to_bytes()).await.unwrap();
        stream.into_split()
    };
    let flooding = tokio::spawn(async move {
        let burst = text("x").repeat(10_000);
        while flood.write_all(&burst).await.is_ok() {}
    });
    let reading = tokio::spawn(async move {
        let mut buffer = vec![0; 64 << 10];
        while replies.read(&mut buffer).await.is_ok_and(|n| n > 0) {}
    });
    while handled.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    let mut meanwhile = Vec::new();
    for _ in 0..TRIES {
        let before = handled.load(Ordering::Relaxed);
        quiet.send(&text("my turn")).await;
        quiet.expect_text("my turn").await;
        meanwhile.push(handled.load(Ordering::Relaxed) - before);
    }
    meanwhile.sort_unstable();
    flooding.abort();
    reading.abort();
    assert!(meanwhile[TRIES / 2] > 0, "nothing was flooded");
    assert!(meanwhile[TRIES / 2] <= 1_000, "{meanwhile:?}");
}

#[tokio::test]
async fn a_flood_does_not_starve_others() {
    turns(false).await;
}

#[tokio::test]
async fn an_echoed_flood_does_not_starve_others() {
    turns(true).await;
}
