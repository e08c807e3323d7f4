//! Names and bounds that programs rely on. Most of them are tested by compiling.

use std::error::Error as StdError;

use ignitia::prelude::*;

/// Uses the prelude for a whole program: this module imports nothing else of the crate.
#[test]
fn the_prelude_has_the_names_of_most_programs() {
    fn program() -> Result<()> {
        async fn page(_: Query<Vec<(String, String)>>, _: State<u8>) -> Result<Json<u8>> {
            Ok(Json(7))
        }
        async fn ws(
            _: Path<String>,
            _: Headers,
            _: Cookies,
            _: RequestId,
            _: Extension<u8>,
            mut ws: WebSocketConnection,
        ) -> impl IntoResponse {
            match ws.recv().await {
                Some(Message::Text(_)) => CloseFrame { code: 1000, reason: "".into() }.into_response(),
                Some(_) => StatusCode::BAD_REQUEST.into_response(),
                None => Response::ok(),
            }
        }
        let router = Router::new().state(7_u8).get("/", page).websocket("/{room}", ws);
        let config = ServerConfig {
            tls: Some(TlsConfig { cert: vec![], key: vec![], ..Default::default() }),
            ..Default::default()
        };
        let _ = Server::new(router, "127.0.0.1:0".parse()?).with_server_config(config);
        let _ = json!({ "a": 1 });
        Err(std::io::Error::other("as any error").into())
    }
    let error: Error = program().expect_err("it returns one");
    assert!(error.is_io());
}

#[test]
fn the_module_has_everything_about_websockets() {
    use ignitia::websocket::{
        CloseCode, CloseFrame, Message, WebSocketConnection, websocket_batch_handler,
        websocket_message_handler,
    };
    let _ = websocket_message_handler(async |_: WebSocketConnection, _: Message| Response::ok());
    let _ = websocket_batch_handler(async |_: WebSocketConnection, _: Vec<Message>| Response::ok(), 1, 1);
    let frame = CloseFrame { code: CloseCode::GOING_AWAY, reason: "bye".into() };
    let CloseFrame { code, reason } = frame;
    assert_eq!((code, reason.as_str()), (1001_u16, "bye"));
}

#[test]
fn close_codes_have_the_names_of_the_registry() {
    use ignitia::websocket::CloseCode;
    let codes = [
        CloseCode::NORMAL,
        CloseCode::GOING_AWAY,
        CloseCode::PROTOCOL,
        CloseCode::UNSUPPORTED,
        CloseCode::INVALID_DATA,
        CloseCode::POLICY,
        CloseCode::TOO_BIG,
        CloseCode::EXTENSION_REQUIRED,
        CloseCode::INTERNAL_ERROR,
        CloseCode::RESTART,
        CloseCode::TRY_AGAIN_LATER,
        CloseCode::BAD_GATEWAY,
        CloseCode::UNAUTHORIZED,
        CloseCode::FORBIDDEN,
        CloseCode::TIMEOUT,
    ];
    let numbers: [u16; 15] =
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3003, 3008];
    assert_eq!(codes, numbers);
}

#[test]
fn the_error_type_is_a_standard_error() {
    fn error<T: StdError + Send + Sync + IntoResponse + 'static>(
        error: T,
    ) -> Box<dyn StdError + Send + Sync> {
        error.into()
    }
    let ours: Error = std::io::Error::other("no disk").into();
    assert!(ours.source().is_some_and(|source| source.to_string() == "no disk"));
    assert!(error(ours).to_string().contains("no disk"));
    let address: Error = "nowhere".parse::<std::net::SocketAddr>().unwrap_err().into();
    assert!(address.is_address() && !address.is_io());
    let json: Error = serde_json::from_str::<u8>("x").unwrap_err().into();
    assert!(json.is_json() && !json.is_address());
    let with_another_error: Result<u8, String> = Err("ours takes one or two parameters".into());
    assert!(with_another_error.is_err());
}

#[test]
fn messages_and_frames_can_be_compared_cloned_and_shown() {
    let message = Message::Close(Some(CloseFrame { code: 4000, reason: "x".into() }));
    assert_eq!(message, message.clone());
    assert_ne!(message, Message::Close(None));
    assert!(format!("{message:?}").contains("4000"));
}
