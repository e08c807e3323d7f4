//! Annotated functions that are called like any other.

use ignitia::{prelude::*, testing::TestClient};

#[websocket("/greet/<name>")]
async fn greet(name: String, ws: WebSocketConnection) -> Result<Response> {
    if name.is_empty() {
        return Ok(Response::bad_request("nobody"));
    }
    ws.send_text(format!("hello {name}")).await?;
    Ok(Response::ok())
}

/// A unit test calls it with any arguments.
#[tokio::test]
async fn an_annotated_function_may_be_called_directly() {
    let router = Router::new()
        .websocket("/nobody", |ws: WebSocketConnection| async { greet(String::new(), ws).await })
        .websocket("/somebody", |ws: WebSocketConnection| async { greet("you".into(), ws).await });
    let client = TestClient::new(router).unwrap();
    assert_eq!(client.request("/nobody").rejection().await.status, StatusCode::BAD_REQUEST);
    assert_eq!(client.connect("/somebody").await.recv_text().await, "hello you");
}

/// The function calls itself, too.
#[websocket("/countdown/<from>")]
async fn countdown(from: u8, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(from.to_string()).await?;
    if from == 0 { Ok(Response::ok()) } else { Box::pin(countdown(from - 1, ws)).await }
}

#[tokio::test]
async fn an_annotated_function_may_call_itself() {
    let client = TestClient::new(Router::new().mount(countdown)).unwrap();
    let mut socket = client.connect("/countdown/2").await;
    for number in ["2", "1", "0"] {
        assert_eq!(socket.recv_text().await, number);
    }
    socket.expect_close(1000).await;
}
