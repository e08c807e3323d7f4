//! Subprotocols: offered by the client, selected by the server.

use ignitia::{prelude::*, websocket::WebSocketConfig};

use crate::support::client;

async fn speaks(ws: WebSocketConnection) -> Result<Response> {
    ws.send_json(&ws.subprotocol()).await?;
    Ok(Response::ok())
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default().subprotocols(["chat.v2", "chat.v1"])
}

#[tokio::test]
async fn the_first_of_the_servers_subprotocols_that_was_offered_is_selected() {
    let client = client(Router::new().websocket_with("/ws", speaks, config()));
    for (offered, selected) in [
        (&["chat.v1", "chat.v2"][..], Some("chat.v2")),
        (&["chat.v1"], Some("chat.v1")),
        (&["soap", "chat.v1"], Some("chat.v1")),
        (&["soap"], None),
        (&["CHAT.V1"], None),
        (&[], None),
    ] {
        for lines in [offered.iter().map(|name| name.to_string()).collect(), vec![offered.join(", ")]] {
            let mut request = client.request("/ws");
            for line in lines.iter().filter(|line| !line.is_empty()) {
                request = request.subprotocol(line);
            }
            let mut socket = request.connect().await;
            assert_eq!(socket.subprotocol(), selected, "{offered:?}");
            assert_eq!(socket.recv_json::<Option<String>>().await.as_deref(), selected, "{offered:?}");
        }
    }
}

#[tokio::test]
async fn a_server_without_subprotocols_selects_none() {
    let mut socket =
        client(Router::new().websocket("/ws", speaks)).request("/ws").subprotocol("chat.v1").connect().await;
    assert_eq!(socket.subprotocol(), None);
    assert_eq!(socket.recv_json::<Option<String>>().await, None);
}

#[tokio::test]
async fn the_subprotocols_of_a_route_override_those_of_the_router() {
    let router = Router::new()
        .websocket("/router", speaks)
        .websocket_with("/route", speaks, WebSocketConfig::default())
        .websocket_config(config());
    let client = client(router);
    for (path, selected) in [("/router", Some("chat.v1")), ("/route", None)] {
        let socket = client.request(path).subprotocol("chat.v1").connect().await;
        assert_eq!(socket.subprotocol(), selected, "{path}");
    }
}
