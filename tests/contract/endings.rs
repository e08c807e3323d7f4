//! Ends of handlers and endpoints: close codes, errors, and answers without a type.

use ignitia::{
    limits::Rate,
    prelude::*,
    websocket::{RateExceeded, WebSocketConfig},
};
use serde_json::{Value, json};

use super::{
    close_codes,
    descriptions::{Ask2, Deck, News, TooMany, typed, untyped},
    document, keys,
};

/// Those that the endpoint itself may close with.
#[test]
fn close_codes_of_endpoints() {
    #[websocket("/ignoring", on_message, on_malformed = ignore)]
    async fn ignoring(ask: Ask2) {
        let _ = ask;
    }

    #[websocket("/rooms", on_message, on_malformed = close)]
    async fn in_rooms(rooms: Rooms<News>, ask: Ask2) {
        let _ = (rooms, ask);
    }

    let config = WebSocketConfig::default()
        .keepalive_interval(None)
        .message_rate(Rate::new(5, 5))
        .on_rate_exceeded(RateExceeded::Close);
    let router =
        Router::new().mount_session::<Deck>().mount(typed).mount_with(untyped, config).mount(ignoring);
    let document = document(&router.state(Rooms::<News>::new()).mount(in_rooms).state(()));
    // Of the server, and of the protocol.
    let all = [1000, 1001, 1002, 1007, 1009, 1011, 3000];
    for (endpoint, others) in [
        ("untyped", &[1008][..]),
        ("typed", &[3008]),
        ("ignoring", &[3008]),
        // It takes bytes, and has a history.
        ("deck", &[1008, 1013, 3008]),
        ("inRooms", &[1003, 1008, 1013, 3008]),
    ] {
        let mut expected = [&all, others].concat();
        expected.sort_unstable();
        assert_eq!(close_codes(&document, endpoint), expected, "{endpoint}");
    }
}

#[test]
fn a_handler_that_answers_without_a_type() {
    #[websocket("/raw", on_message)]
    async fn raw(ask: Ask2) -> Result<Message, TooMany> {
        let _ = ask;
        Err(TooMany)
    }

    let document = document(&Router::new().mount(raw));
    let operations = &document["operations"];
    assert_eq!(keys(operations), ["raw.notices", "raw.ping", "raw.receive", "raw.send"]);
    assert_eq!(operations["raw.receive"]["x-ignitia"]["mayAnswerUntyped"], true);
    let replies = json!([
        { "$ref": "#/channels/raw/messages/error" },
        { "$ref": "#/channels/raw/messages/raw" },
    ]);
    assert_eq!(operations["raw.receive"]["reply"]["messages"], replies);
}

/// An error may close, and `Infallible` never occurs.
#[test]
fn handlers_that_may_close() {
    macro_rules! handlers {
        ($($name:ident $path:literal $reply:ty;)*) => {$(
            #[websocket($path, on_message)]
            async fn $name(ask: Ask2) -> $reply {
                let _ = ask;
                unimplemented!("only its type counts")
            }
        )*};
    }
    handlers! {
        own_error "/own" Result<News, TooMany>;
        error "/error" Result<(), ignitia::Error>;
        frame "/frame" Option<CloseFrame>;
        never "/never" Result<News, std::convert::Infallible>;
    }
    let document = document(&Router::new().mount(own_error).mount(error).mount(frame).mount(never));
    let own = |name: &str| document["operations"][format!("{name}.receive")]["x-ignitia"].clone();
    for name in ["ownError", "error", "frame"] {
        assert_eq!(own(name)["mayClose"], true, "{name}");
    }
    assert_eq!(own("error")["errorCodes"], json!(["internal", "taken", "unavailable"]));
    assert_eq!(own("never"), Value::Null);
}
