//! Values that handlers receive, and messages that they send, over real sockets.

use ignitia::{
    prelude::*,
    websocket::{websocket_batch_handler, websocket_message_handler},
};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{End, Frame, TEXT, close, everywhere, frame, next, text};

#[derive(serde::Deserialize)]
struct Join {
    user_id: String,
    name: String,
    page: Option<u32>,
}

async fn joins(Query(join): Query<Join>, ws: WebSocketConnection) -> Result<Response> {
    let Join { user_id, name, page } = join;
    ws.send_text(format!("{user_id}|{name}|{page:?}")).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn digits_may_be_a_string_and_queries_are_decoded() {
    everywhere(
        || Router::new().websocket("/join", joins),
        async |server| {
            for (query, expected) in [
                ("user_id=7&name=Ada", "7|Ada|None"),
                ("user_id=007&name=&page=3", "007||Some(3)"),
                ("user_id=true&name=J%C3%BCrgen+M%26M&ignored", "true|Jürgen M&M|None"),
                ("name=a%3Db%20c&user_id=%37", "7|a=b c|None"),
            ] {
                let mut socket = server.open(&format!("/join?{query}")).await;
                socket.expect_text(expected).await;
            }
        },
    )
    .await;
}

#[tokio::test]
async fn parameters_of_a_route_match_and_are_decoded() {
    async fn room(Path((room, seat)): Path<(String, u8)>, ws: WebSocketConnection) -> Result<Response> {
        ws.send_text(format!("{room}|{seat}")).await?;
        Ok(Response::ok())
    }
    async fn tail(Path(rest): Path<String>, ws: WebSocketConnection) -> Result<Response> {
        ws.send_text(rest).await?;
        Ok(Response::ok())
    }
    let router = || Router::new().websocket("/rooms/{room}/{seat}", room).websocket("/files/{*rest}", tail);
    everywhere(router, async |server| {
        for (path, expected) in [
            ("/rooms/lobby/7", "lobby|7"),
            ("/rooms/Caf%C3%A9%20%2F/7", "Café /|7"),
            ("/files/a/b%20c", "a/b c"),
        ] {
            let mut socket = server.open(path).await;
            socket.expect_text(expected).await;
        }
    })
    .await;
}

#[tokio::test]
async fn json_is_sent_as_text() {
    #[derive(serde::Serialize)]
    struct Said<'a> {
        from: u64,
        text: &'a str,
    }
    let router = || {
        Router::new().websocket("/ws", |ws: WebSocketConnection| async move {
            ws.send_json(&Said { from: 7, text: "é" }).await?;
            ws.send_json("only text").await?;
            Ok::<_, Error>(Response::ok())
        })
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        assert_eq!(socket.frame().await, Frame::whole(TEXT, r#"{"from":7,"text":"é"}"#));
        assert_eq!(socket.frame().await, Frame::whole(TEXT, r#""only text""#));
        socket.expect_close(1000).await;
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_handed_over_at_its_timeout_and_at_its_size() {
    let (log, mut batches) = unbounded_channel();
    let router = || {
        let log = log.clone();
        let handler = websocket_batch_handler(
            move |_, batch| {
                log.send(batch).unwrap();
                async { Response::ok() }
            },
            3,
            20,
        );
        Router::new().websocket("/ws", handler)
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        // The batch is complete by its age: nothing more comes.
        socket.send(&text("one")).await;
        assert_eq!(next(&mut batches).await, ["one".into()]);
        // The batch is complete by its size; the rest is delivered when the peer closes.
        socket
            .send(&[text("1"), text("2"), text("3"), frame(0x89, b""), text("4"), close(1000, "")].concat())
            .await;
        assert_eq!(next(&mut batches).await, ["1", "2", "3"].map(Message::from));
        let frame = CloseFrame { code: 1000, reason: String::new() };
        assert_eq!(next(&mut batches).await, ["4".into(), Message::Close(Some(frame))]);
        socket.frame().await;
        socket.expect_close(1000).await;
        assert_eq!(socket.end().await, End::Eof);
        assert!(batches.is_empty());
    })
    .await;
}

#[tokio::test]
async fn only_a_refusal_of_a_message_handler_ends_the_connection() {
    let router = || {
        let handler = websocket_message_handler(|ws, message| async move {
            match message {
                Message::Text(text) if text == "enough" => Ok(Response::unauthorized("and out")),
                Message::Text(text) if text == "panic" => panic!("as the test wants it"),
                Message::Text(text) => {
                    ws.send_text(text).await?;
                    Ok::<_, Error>("this is not sent".into_response())
                }
                _ => Ok(Response::ok()),
            }
        });
        Router::new().websocket("/ws", handler)
    };
    everywhere(router, async |server| {
        for (last, code, reason) in [("enough", 3000, "and out"), ("panic", 1011, "")] {
            let mut socket = server.open("/ws").await;
            socket.send(&[text("one"), text("two"), text(last), text("three")].concat()).await;
            socket.expect_text("one").await;
            socket.expect_text("two").await;
            assert_eq!(socket.expect_close(code).await, reason);
            socket.send(&close(code, "")).await;
            assert_eq!(socket.end().await, End::Eof);
        }
    })
    .await;
}
