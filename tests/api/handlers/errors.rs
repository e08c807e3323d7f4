//! Errors: counted by a handler until it has had enough, and passed on with `?`.

use std::error::Error as StdError;

use ignitia::prelude::*;

use crate::support::client;

const MAX_ERRORS: usize = 5;

async fn robust(mut ws: WebSocketConnection) -> Response {
    let mut error_count = 0;
    while let Some(message) = ws.recv().await {
        match process(&mut ws, message).await {
            Ok(()) => error_count = 0,
            Err(error) => {
                error_count += 1;
                if error_count >= MAX_ERRORS {
                    let frame = CloseFrame { code: 1011, reason: "Too many errors".into() };
                    ws.close(Some(frame)).await.ok();
                    return Response::internal_error();
                }
                ws.send_text(format!("Error: {error}")).await.ok();
            }
        }
    }
    Response::ok()
}

async fn process(
    ws: &mut WebSocketConnection,
    message: Message,
) -> Result<(), Box<dyn StdError + Send + Sync>> {
    if let Message::Text(text) = message {
        let number: i64 = text.parse()?;
        let half = halve(number).await?;
        ws.send_text(half.to_string()).await?;
        ws.send_json(&half).await?;
        ws.flush().await?;
    }
    Ok(())
}

async fn halve(number: i64) -> Result<i64, Box<dyn StdError + Send + Sync>> {
    tokio::task::yield_now().await;
    if number % 2 == 0 { Ok(number / 2) } else { Err(format!("{number} is odd").into()) }
}

#[tokio::test]
async fn a_few_errors_are_answered_and_too_many_close_with_1011() {
    let mut socket = client(Router::new().websocket("/ws", robust)).connect("/ws").await;
    for odd in [1, 3, 5, 7] {
        socket.send_text(odd.to_string()).await;
        assert_eq!(socket.recv_text().await, format!("Error: {odd} is odd"));
    }
    socket.send_text("8").await;
    assert_eq!([socket.recv_text().await, socket.recv_text().await], ["4", "4"]);
    for _ in 1..MAX_ERRORS {
        socket.send_text("x").await;
        assert_eq!(socket.recv_text().await, "Error: invalid digit found in string");
    }
    socket.send_text("9").await;
    // This is the frame that the handler has sent, not the one of its outcome.
    assert_eq!(socket.expect_close(1011).await.reason, "Too many errors");
    socket.expect_end().await;
}

/// An error may be held across an await of a handler that is spawned.
#[tokio::test]
async fn errors_of_many_types_become_one_outcome() {
    async fn fails(Path(how): Path<String>, mut ws: WebSocketConnection) -> Result<Response> {
        ws.recv().await;
        match how.as_str() {
            "io" => Err(std::io::Error::other("no disk"))?,
            "address" => drop("nowhere".parse::<std::net::SocketAddr>()?),
            "json" => drop(serde_json::from_str::<u8>("{}")?),
            "send" => {
                ws.close(Some(CloseFrame { code: 4000, reason: "first".into() })).await?;
                ws.send_text("late").await?;
            }
            _ => {}
        }
        Ok(Response::ok())
    }
    let client = client(Router::new().websocket("/{how}", fails));
    for (how, code) in [("io", 1011), ("address", 1011), ("json", 1011), ("send", 4000), ("none", 1000)] {
        let mut socket = client.connect(&format!("/{how}")).await;
        socket.send_text("go").await;
        let frame = socket.expect_close(code).await;
        assert!(frame.reason.is_empty() || code == 4000, "{frame}");
    }
}

#[tokio::test]
async fn our_error_becomes_a_boxed_error() {
    async fn boxed(ws: WebSocketConnection) -> Result<Response, StatusCode> {
        let sent: Result<(), Box<dyn StdError + Send + Sync>> = async {
            ws.close(None).await?;
            ws.send_text("late").await?;
            Ok(())
        }
        .await;
        let error = sent.expect_err("the connection is closed");
        tokio::task::yield_now().await;
        assert!(error.downcast_ref::<Error>().is_some_and(Error::is_closed), "{error}");
        Err(StatusCode::BAD_GATEWAY)
    }
    let mut socket = client(Router::new().websocket("/ws", boxed)).connect("/ws").await;
    socket.expect_close(1005).await;
}

/// The error type belongs to the program, as in any HTTP handler.
#[tokio::test]
async fn a_custom_error_determines_how_the_connection_ends() {
    enum Failure {
        NoSeat,
        Broken(serde_json::Error),
    }

    impl From<serde_json::Error> for Failure {
        fn from(error: serde_json::Error) -> Self {
            Self::Broken(error)
        }
    }

    impl IntoResponse for Failure {
        fn into_response(self) -> Response {
            match self {
                Self::NoSeat => CloseFrame { code: 4004, reason: "no seat left".into() }.into_response(),
                Self::Broken(error) => Response::bad_request(error.to_string()),
            }
        }
    }

    async fn book(mut ws: WebSocketConnection) -> Result<Response, Failure> {
        while let Some(Message::Text(text)) = ws.recv().await {
            let seat: u8 = serde_json::from_str(&text)?;
            if seat > 9 {
                return Err(Failure::NoSeat);
            }
        }
        Ok(Response::ok())
    }

    let client = client(Router::new().websocket("/ws", book));
    for (seat, code, reason) in
        [("10", 4004, "no seat left"), ("x", 1008, "expected value at line 1 column 1")]
    {
        let mut socket = client.connect("/ws").await;
        socket.send_text("9").await;
        socket.send_text(seat).await;
        assert_eq!(socket.expect_close(code).await.reason, reason);
    }
}
