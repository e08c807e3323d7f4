//! The end of a connection, frame by frame over real sockets.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{
    CLOSE, End, Frame, PING, TEXT, Transport, close, echo, echoes, everywhere, frame, next, text, within,
};

#[tokio::test]
async fn a_close_is_answered_although_the_handler_breaks_on_it() {
    async fn breaks(mut ws: WebSocketConnection) -> Result<Response> {
        while let Some(message) = ws.recv().await {
            match message {
                Message::Text(text) => ws.send_text(text).await?,
                Message::Close(_) => break,
                _ => {}
            }
        }
        Ok(Response::ok())
    }
    everywhere(
        || Router::new().websocket("/ws", breaks),
        async |server| {
            let mut socket = server.open("/ws").await;
            socket.send(&text("hi")).await;
            socket.expect_text("hi").await;
            socket.send(&close(1001, "the page is left")).await;
            socket.expect_close(1001).await;
            assert_eq!(socket.end().await, End::Eof);
        },
    )
    .await;
}

async fn ends(Path(how): Path<String>, ws: WebSocketConnection) -> Result<Response> {
    ws.accept().await?;
    let refuse = |status: u16| (StatusCode::from_u16(status).unwrap(), "secret or not").into_response();
    Ok(match &how[..] {
        "text" => "all done".into_response(),
        "json" => Json(json!({ "all": "done" })).into_response(),
        "frame" => CloseFrame { code: 4001, reason: "bye".into() }.into_response(),
        "illegal-frame" => CloseFrame { code: 1006, reason: "bye".into() }.into_response(),
        "error" => return Err("no address".parse::<std::net::SocketAddr>().unwrap_err().into()),
        "panic" => panic!("as the test wants it"),
        status => refuse(status.parse().unwrap()),
    })
}

#[tokio::test]
async fn the_end_of_a_handler_is_a_close_frame_with_the_code_of_its_outcome() {
    let router = || Router::new().websocket("/ends/{how}", ends).websocket("/ws", echo);
    everywhere(router, async |server| {
        let mut sibling = server.open("/ws").await;
        for (how, code, reason) in [
            ("200", 1000, ""),
            ("204", 1000, ""),
            ("302", 1000, ""),
            ("text", 1000, ""),
            ("json", 1000, ""),
            ("400", 1008, "secret or not"),
            ("401", 3000, "secret or not"),
            ("403", 3003, "secret or not"),
            ("404", 1008, "secret or not"),
            ("408", 3008, "secret or not"),
            ("413", 1009, "secret or not"),
            ("415", 1003, "secret or not"),
            ("429", 1008, "secret or not"),
            ("500", 1011, ""),
            ("502", 1011, ""),
            ("503", 1013, ""),
            ("frame", 4001, "bye"),
            ("illegal-frame", 1011, ""),
            ("error", 1011, ""),
            ("panic", 1011, ""),
        ] {
            println!("{how}");
            let mut socket = server.open(&format!("/ends/{how}")).await;
            assert_eq!(socket.expect_close(code).await, reason);
            socket.send(&close(code, "")).await;
            assert_eq!(socket.end().await, End::Eof);
        }
        sibling.send(&text("still there")).await;
        sibling.expect_text("still there").await;
    })
    .await;
}

#[tokio::test]
async fn a_close_reason_over_123_bytes_is_cut_between_characters() {
    async fn verbose(Path(how): Path<String>, ws: WebSocketConnection) -> Result<Response> {
        ws.accept().await?;
        // 123 is odd, and every character has two bytes: a cut at 123 would break the last one.
        let reason = "é".repeat(100);
        match &how[..] {
            "close" => ws.close(Some(CloseFrame { code: 4000, reason })).await?,
            "frame" => return Ok(CloseFrame { code: 4000, reason }.into_response()),
            _ => return Ok(Response::bad_request(reason)),
        }
        Ok(Response::ok())
    }
    everywhere(
        || Router::new().websocket("/{how}", verbose),
        async |server| {
            for (how, code) in [("close", 4000), ("frame", 4000), ("refuse", 1008)] {
                let mut socket = server.open(&format!("/{how}")).await;
                assert_eq!(socket.expect_close(code).await, "é".repeat(61), "{how}");
            }
        },
    )
    .await;
}

#[tokio::test]
async fn the_connection_ends_with_its_handler_although_a_clone_was_spawned() {
    let (log, mut reports) = unbounded_channel();
    let router = || {
        let log = log.clone();
        Router::new().websocket("/ws", move |ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                let kept = ws.clone();
                tokio::spawn(async move {
                    let cause = kept.closed().await;
                    let _ = log.send((cause, kept.send_text("late").await, kept.is_closed()));
                });
                ws.send_text("bye").await?;
                Ok::<_, Error>(Response::ok())
            }
        })
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        socket.expect_text("bye").await;
        socket.expect_close(1000).await;
        socket.send(&close(1000, "")).await;
        assert_eq!(socket.end().await, End::Eof);
        let (cause, late, is_closed) = next(&mut reports).await;
        assert_eq!((cause.kind, cause.clean, cause.unsent), (CloseKind::Local, true, 0));
        assert!(late.unwrap_err().is_closed() && is_closed);
    })
    .await;
}

#[tokio::test]
async fn the_close_reply_goes_out_behind_the_answers() {
    async fn slow_echo(mut ws: WebSocketConnection) -> Result<Response> {
        while let Some(message) = ws.recv().await {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            if message.is_data() {
                ws.send(message).await?;
            }
        }
        Ok(Response::ok())
    }
    let router = || Router::new().websocket("/ws", echo).websocket("/slow", slow_echo);
    everywhere(router, async |server| {
        for path in ["/ws", "/slow"] {
            let mut socket = server.open(path).await;
            socket.send(&[text("one"), text("two"), close(1000, "")].concat()).await;
            socket.expect_text("one").await;
            socket.expect_text("two").await;
            socket.expect_close(1000).await;
            assert_eq!(socket.end().await, End::Eof);
        }
    })
    .await;
}

/// RFC 6455, section 7.1.1: the server closes TCP first. This client only waits, whichever side
/// began the closing handshake.
#[tokio::test]
async fn the_server_closes_tcp_first() {
    let router = || Router::new().websocket("/ws", echo).websocket("/ends/{how}", ends);
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        socket.send(&close(1000, "")).await;
        socket.expect_close(1000).await;
        assert_eq!(socket.end().await, End::Eof);

        let mut socket = server.open("/ends/200").await;
        socket.expect_close(1000).await;
        socket.send(&frame(0x80 | CLOSE, b"")).await;
        assert_eq!(socket.end().await, End::Eof);
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_never_answers_the_close_is_disconnected() {
    let config = WebSocketConfig::default().close_timeout(Duration::from_millis(100));
    let router = || Router::new().websocket("/ends/{how}", ends).websocket_config(config.clone());
    everywhere(router, async |server| {
        let mut socket = server.open("/ends/frame").await;
        socket.expect_close(4001).await;
        assert_eq!(socket.end().await, End::Eof);
    })
    .await;
}

/// A message that waits for a busy handler delays the reply, but only for `close_timeout`.
#[tokio::test]
async fn a_close_is_answered_in_time_although_the_handler_is_busy() {
    let config = WebSocketConfig::default().close_timeout(Duration::from_millis(100));
    async fn busy(ws: WebSocketConnection) -> Result<Response> {
        ws.accept().await?;
        std::future::pending().await
    }
    let router = || Router::new().websocket_with("/ws", busy, config.clone());
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        socket.send(&[text("never taken"), close(1000, "")].concat()).await;
        socket.expect_close(1000).await;
        assert_eq!(socket.end().await, End::Eof);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_behind_the_close_frame() {
    let router = || {
        Router::new().websocket("/ws", |mut ws: WebSocketConnection| async move {
            ws.send_text("first").await?;
            ws.close(Some(CloseFrame { code: 4000, reason: "enough".into() })).await?;
            assert!(ws.send_text("second").await.unwrap_err().is_closed());
            while let Some(message) = ws.recv().await {
                assert!(ws.send(message).await.is_err() || ws.is_closed());
            }
            Ok::<_, Error>(Response::unauthorized("too late to say so"))
        })
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        assert_eq!(socket.frame().await, Frame::whole(TEXT, "first"));
        assert_eq!(socket.expect_close(4000).await, "enough");
        socket.send(&[text("crossed on the way"), close(4000, "")].concat()).await;
        assert_eq!(socket.end().await, End::Eof);
    })
    .await;
}

#[tokio::test]
async fn frames_behind_the_peers_close_are_ignored() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let mut socket = server.open("/ws").await;
            socket.send(&[close(1000, ""), text("late"), frame(0xff, b"broken")].concat()).await;
            socket.expect_close(1000).await;
            assert_eq!(socket.end().await, End::Eof);
        },
    )
    .await;
}

/// The kernel answers bytes that come to a closed socket with a reset. While a connection lingers,
/// they are read and dropped.
#[tokio::test]
async fn tcp_is_closed_at_once_unless_more_may_come_behind_the_peers_close() {
    for transport in [Transport::Plain, Transport::Axum] {
        let config = WebSocketConfig::default().linger(Duration::from_secs(600));
        let server = transport.serve(echoes(config)).await;
        let (mut complete, mut answered) = (server.open("/ws").await, server.open("/ws").await);
        complete.send(&close(1000, "")).await;
        answered.send(&[text("first"), close(1000, "")].concat()).await;
        answered.expect_text("first").await;
        for socket in [&mut complete, &mut answered] {
            socket.expect_close(1000).await;
            assert_eq!(socket.end().await, End::Eof);
            within("a reset", async { while socket.try_send(b"x").await.is_ok() {} }).await;
        }
        let mut behind = server.open("/ws").await;
        behind.send(&[close(1000, ""), text("late")].concat()).await;
        behind.expect_close(1000).await;
        assert_eq!(behind.end().await, End::Eof);
        for _ in 0..100 {
            behind.send(&[b'x'; 64 << 10]).await;
        }
    }
}

/// A peer that has sent its close frame answers pings until it has ours (RFC 6455, section 5.5.2).
#[tokio::test]
async fn pongs_behind_the_peers_close_destroy_nothing() {
    async fn pings(mut ws: WebSocketConnection) -> Result<Response> {
        ws.send_ping("1").await?;
        while ws.recv().await.is_some() {}
        Ok(Response::ok())
    }
    for transport in [Transport::Plain, Transport::Axum] {
        let config = WebSocketConfig::default().linger(Duration::from_secs(600));
        let router = Router::new().websocket("/ws", pings).websocket_config(config);
        let server = transport.serve(router).await;
        let mut socket = server.open("/ws").await;
        assert_eq!(socket.frame().await, Frame::whole(PING, "1"));
        socket.send(&close(1000, "")).await;
        socket.expect_close(1000).await;
        assert_eq!(socket.end().await, End::Eof);
        for _ in 0..100 {
            socket.send(&frame(0x8a, b"1").repeat(1_000)).await;
        }
    }
}
