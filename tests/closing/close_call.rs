//! `close`: sent once, behind the messages accepted before it, with codes that are allowed on the
//! wire.

use ignitia::{prelude::*, websocket::CloseKind};
use tokio::sync::mpsc;

use crate::support::{Transport, client, next};

#[tokio::test]
async fn a_close_frame_goes_out_behind_everything_that_was_sent_before() {
    async fn hurry(ws: WebSocketConnection) -> Result<Response> {
        for n in 0..100 {
            ws.send_text(n.to_string()).await?;
        }
        ws.close(Some(CloseFrame { code: 1000, reason: "Normal closure".into() })).await?;
        assert!(ws.is_closed() && ws.close_cause().is_none());
        for late in [ws.send_text("late").await, ws.send_ping(b"late").await] {
            assert!(late.is_err_and(|error| error.is_closed()));
        }
        assert!(ws.try_send("late".into()).is_err_and(|error| error.is_closed()));
        Ok(Response::internal_error())
    }
    let mut socket = client(Router::new().websocket("/ws", hurry)).connect("/ws").await;
    for n in 0..100 {
        assert_eq!(socket.recv_text().await, n.to_string());
    }
    assert_eq!(socket.expect_close(1000).await.reason, "Normal closure");
    socket.expect_end().await;
}

#[tokio::test]
async fn none_sends_an_empty_close_frame() {
    let router = Router::new()
        .websocket("/close", async |ws: WebSocketConnection| {
            ws.close(None).await?;
            Ok::<_, Error>(Response::ok())
        })
        .websocket("/send", async |ws: WebSocketConnection| {
            ws.send(Message::Close(None)).await?;
            Ok::<_, Error>(Response::ok())
        })
        .websocket("/try_send", async |ws: WebSocketConnection| {
            ws.try_send(Message::Close(None))?;
            Ok::<_, Error>(Response::ok())
        });
    let client = client(router);
    for path in ["/close", "/send", "/try_send"] {
        let mut socket = client.connect(path).await;
        assert_eq!(socket.recv().await, Some(Message::Close(None)), "{path}");
        socket.expect_end().await;
    }
}

#[tokio::test]
async fn a_second_close_is_ok_and_changes_nothing() {
    async fn twice(ws: WebSocketConnection) -> Result<Response> {
        ws.close(Some(CloseFrame { code: 4000, reason: "first".into() })).await?;
        ws.close(Some(CloseFrame { code: 4001, reason: "second".into() })).await?;
        ws.clone().close(None).await?;
        ws.closed().await;
        ws.close(None).await?;
        Ok(Response::internal_error())
    }
    let mut socket = client(Router::new().websocket("/ws", twice)).connect("/ws").await;
    assert_eq!(socket.expect_close(4000).await.reason, "first");
    socket.expect_end().await;
}

#[tokio::test]
async fn a_code_that_must_not_be_sent_is_an_error_and_sends_nothing() {
    async fn every_code(ws: WebSocketConnection) -> Result<Response> {
        for code in (0..1000).chain([1004, 1005, 1006]).chain(1015..3000).chain(5000..=u16::MAX) {
            let frame = || Some(CloseFrame { code, reason: "never".into() });
            for error in [
                ws.close(frame()).await.unwrap_err(),
                ws.send(Message::Close(frame())).await.unwrap_err(),
                ws.try_send(Message::Close(frame())).unwrap_err().into(),
            ] {
                assert!(error.is_invalid_input(), "{error:?}");
                assert!(error.to_string().contains(&code.to_string()), "{code} in {error}");
            }
        }
        assert!(!ws.is_closed());
        ws.send_text("still open").await?;
        Ok(Response::ok())
    }
    let mut socket = client(Router::new().websocket("/ws", every_code)).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "still open");
    socket.expect_close(1000).await;
}

async fn close_with(Path(code): Path<u16>, ws: WebSocketConnection) -> Result<Response> {
    ws.close(Some(CloseFrame { code, reason: "as told".into() })).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn every_code_that_may_be_sent_is_sent() {
    let client = client(Router::new().websocket("/{code}", close_with));
    for code in (1000..=1003).chain(1007..=1013).chain([3000, 3999, 4000, 4999]) {
        assert_eq!(client.connect(&format!("/{code}")).await.expect_close(code).await.reason, "as told");
    }
}

/// 1014 is in the IANA registry; many implementations do not know it yet.
#[tokio::test]
async fn bad_gateway_may_be_sent() {
    // The protocol library of the test client does not know it either: so this test reads bytes.
    let server = Transport::Plain.serve(Router::new().websocket("/{code}", close_with)).await;
    let mut socket = server.open("/1014").await;
    assert_eq!(socket.frame().await.close_code(), (1014, "as told".into()));
}

#[tokio::test]
async fn a_long_reason_is_cut_on_a_character_boundary() {
    async fn explain(Path(letters): Path<usize>, ws: WebSocketConnection) -> Result<Response> {
        ws.close(Some(CloseFrame { code: 1000, reason: "x".repeat(letters) + "\u{1f980} and more" })).await?;
        Ok(Response::ok())
    }
    let client = client(Router::new().websocket("/{letters}", explain));
    for (letters, crab) in [(119, "\u{1f980}"), (120, ""), (122, ""), (123, ""), (124, "")] {
        let reason = client.connect(&format!("/{letters}")).await.expect_close(1000).await.reason;
        assert_eq!(reason, "x".repeat(letters.min(123)) + crab);
    }
}

/// The peer does not know yet that we have closed.
#[tokio::test]
async fn recv_goes_on_until_the_close_of_the_peer() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
        let report = report.clone();
        async move {
            let first = ws.recv().await;
            ws.close(Some(CloseFrame { code: 4000, reason: "enough".into() })).await.unwrap();
            report.send(first).unwrap();
            loop {
                let message = ws.recv().await;
                let over = message.is_none();
                report.send(message).unwrap();
                if over {
                    break;
                }
            }
            let cause = ws.closed().await;
            assert_eq!((cause.kind, cause.clean), (CloseKind::Local, true));
            Response::ok()
        }
    });
    let mut socket = client(router).connect("/ws").await;
    socket.send_text("received before").await;
    socket.send_text("received already").await;
    assert_eq!(next(&mut reports).await, Some(Message::from("received before")));
    assert_eq!(next(&mut reports).await, Some(Message::from("received already")));
    socket.send_text("still arriving").await;
    assert_eq!(next(&mut reports).await, Some(Message::from("still arriving")));
    let frame = socket.expect_close(4000).await;
    socket.expect_end().await;
    assert_eq!(next(&mut reports).await, Some(Message::Close(Some(frame))));
    assert_eq!(next(&mut reports).await, None);
}

/// A client answers a close frame whether or not it reads on.
#[tokio::test(start_paused = true)]
async fn an_answered_close_ends_the_connection_at_once() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| {
        let report = report.clone();
        async move {
            ws.close(None).await.unwrap();
            report.send(ws.closed().await).unwrap();
            Response::ok()
        }
    });
    let mut socket = client(router).connect("/ws").await;
    let started = tokio::time::Instant::now();
    socket.expect_close(1005).await;
    let cause = next(&mut reports).await;
    assert!(cause.clean, "{cause}");
    assert_eq!(started.elapsed().as_millis(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_close_ends_the_connection_after_close_timeout() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
        let report = report.clone();
        async move {
            ws.close(None).await.unwrap();
            assert_eq!(ws.recv().await, None);
            report.send(ws.closed().await).unwrap();
            Response::ok()
        }
    });
    let _silent = client(router).connect("/ws").await;
    let started = tokio::time::Instant::now();
    let cause =
        tokio::time::timeout(std::time::Duration::from_secs(60), reports.recv()).await.unwrap().unwrap();
    assert_eq!((cause.kind, cause.clean), (CloseKind::Local, false));
    assert_eq!(started.elapsed().as_secs(), 5);
}
