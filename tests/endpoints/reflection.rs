//! Constants that describe an endpoint, and the paths that it builds.

use ignitia::prelude::*;

use crate::support::client;

#[websocket("/rooms/<room>/<rest..>")]
async fn room(
    room: String,
    State(_): State<Vec<u8>>,
    rest: String,
    Query(_): Query<std::collections::HashMap<String, String>>,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(format!("{room}|{rest}")).await?;
    Ok(Response::ok())
}

#[websocket("/")]
async fn root(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("root").await?;
    Ok(Response::ok())
}

#[test]
fn constants_reflect_the_declaration() {
    assert_eq!(room::PATH, "/rooms/<room>/<rest..>");
    assert_eq!(room::METHOD, "GET");
    assert_eq!(room::PARAMETERS, ["room", "rest"]);
    assert_eq!(room::EXTRACTORS, ["State<Vec<u8>>", "Query<std::collections::HashMap<String, String>>"]);
    assert_eq!((root::PATH, root::uri()), ("/", "/".to_owned()));
}

/// A built path arrives unchanged, whatever its parameters contain.
#[tokio::test]
async fn a_built_path_arrives_with_its_parameters() {
    let client = client(Router::new().mount(root).state(vec![0_u8]).mount(room));
    for (name, rest) in [("lobby", "a"), ("a b/c?d#e%2F", "x/y z/ü"), ("ä&=+;", "..."), ("<>{}\"", "1/2/3")]
    {
        let mut socket = client.connect(&room::uri(name, rest)).await;
        assert_eq!(socket.recv_text().await, format!("{name}|{rest}"));
    }
    assert_eq!(client.connect(&root::uri()).await.recv_text().await, "root");
}
