//! `on_malformed = reply | close | ignore`, and binary messages.

use ignitia::{ClientMessage, ServerMessage, prelude::*};
use serde::{Deserialize, Serialize};

use crate::support::{ask, client, nothing_came};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum In {
    Fine,
    Small {
        number: u8,
    },
    Pair {
        pair: (u8, u8),
    },
    Refused {
        #[serde(deserialize_with = "refuse")]
        _value: u8,
    },
}

fn refuse<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    u8::deserialize(deserializer)?;
    Err(serde::de::Error::custom("never"))
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Fine,
}

macro_rules! endpoints {
    ($($function:ident $session:ident $path:literal $session_path:literal [$($options:tt)*];)*) => {$(
        #[websocket($path, on_message $($options)*)]
        async fn $function(message: In) -> Out {
            match message {
                In::Small { number } if number == 7 => Out::Fine,
                In::Pair { pair: (7, _) } => Out::Fine,
                In::Fine | In::Small { .. } | In::Pair { .. } | In::Refused { .. } => Out::Fine,
            }
        }

        struct $session;

        #[websocket($session_path, message = In, reply = Out $($options)*)]
        impl $session {
            async fn accept() -> Self {
                Self
            }

            #[on(Fine)]
            async fn fine(&mut self) -> Out {
                Out::Fine
            }

            #[on(Small { .. })]
            async fn small(&mut self) -> Out {
                Out::Fine
            }

            #[on(Pair { .. })]
            async fn pair(&mut self) -> Out {
                Out::Fine
            }

            #[on(Refused { .. })]
            async fn refused(&mut self) -> Out {
                Out::Fine
            }
        }
    )*};
}

endpoints! {
    by_default DefaultSession "/default/function" "/default/session" [];
    reply ReplySession "/reply/function" "/reply/session" [, on_malformed = reply];
    close CloseSession "/close/function" "/close/session" [, on_malformed = close, id = "id"];
    ignore IgnoreSession "/ignore/function" "/ignore/session" [, on_malformed = ignore, id = "id"];
}

fn router() -> Router {
    Router::new()
        .mount(by_default)
        .mount_session::<DefaultSession>()
        .mount(reply)
        .mount_session::<ReplySession>()
        .mount(close)
        .mount_session::<CloseSession>()
        .mount(ignore)
        .mount_session::<IgnoreSession>()
}

/// One text for every code that is possible without an id.
const MALFORMED: &[(&str, &str)] = &[
    ("", "invalid_json"),
    ("{", "invalid_json"),
    ("{}", "missing_tag"),
    (r#"{"type":"?"}"#, "unknown_tag"),
    (r#"{"type":"small"}"#, "missing_field"),
    (r#"{"type":"small","number":1,"letter":1}"#, "unknown_field"),
    (r#"{"type":"small","number":1,"number":1}"#, "duplicate_field"),
    (r#"{"type":"small","number":"1"}"#, "invalid_type"),
    (r#"{"type":"small","number":256}"#, "invalid_value"),
    (r#"{"type":"pair","pair":[1]}"#, "invalid_length"),
    (r#"{"type":"refused","_value":1}"#, "invalid"),
];

#[tokio::test]
async fn malformed_messages_are_answered_by_default() {
    let client = client(router());
    for path in ["/default/function", "/default/session", "/reply/function", "/reply/session"] {
        for (text, code) in MALFORMED {
            let mut socket = client.connect(path).await;
            let answer = ask(&mut socket, *text).await;
            assert_eq!(
                (&answer["type"], &answer["code"]),
                (&"$error".into(), &(*code).into()),
                "{path}: {text}"
            );
            assert_eq!(ask(&mut socket, r#"{"type":"fine"}"#).await["type"], "fine", "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn malformed_messages_close_at_once_with_close() {
    let client = client(router());
    for path in ["/close/function", "/close/session"] {
        let with_id = [(r#"{"type":"fine","id":[]}"#, "invalid_id")];
        for (text, code) in MALFORMED.iter().chain(&with_id) {
            let mut socket = client.connect(path).await;
            assert_eq!(ask(&mut socket, r#"{"type":"fine"}"#).await["type"], "fine");
            // Messages behind it are not handled.
            let both = [crate::support::text(text), crate::support::text(r#"{"type":"fine"}"#)].concat();
            socket.send_bytes(&both).await;
            let frame = socket.expect_close(1008).await;
            assert_eq!(frame.reason, format!("malformed message: {code}"), "{path}: {text}");
            socket.expect_end().await;
        }
    }
}

#[tokio::test]
async fn malformed_messages_are_ignored_with_ignore() {
    let client = client(router());
    for path in ["/ignore/function", "/ignore/session"] {
        let mut socket = client.connect(path).await;
        // More of them than any budget allows.
        for _ in 0..5 {
            for (text, _) in MALFORMED {
                socket.send_text(*text).await;
            }
            socket.send_binary(vec![0; 1_000]).await;
            socket.send_text(r#"{"type":"fine","id":{}}"#).await;
        }
        assert_eq!(ask(&mut socket, r#"{"type":"fine","id":7}"#).await, json!({"type": "fine", "id": 7}));
        nothing_came(&mut socket).await;
    }
}

#[tokio::test]
async fn binary_is_closed_with_1003_unless_ignored() {
    let client = client(router());
    for policy in ["default", "reply", "close"] {
        for shape in ["function", "session"] {
            for bytes in [&b""[..], br#"{"type":"fine"}"#, &[0; 100_000]] {
                let mut socket = client.connect(&format!("/{policy}/{shape}")).await;
                socket.send_text(r#"{"type":"fine"}"#).await;
                socket.send_binary(bytes.to_vec()).await;
                socket.recv_text().await;
                let frame = socket.expect_close(1003).await;
                assert_eq!(frame.reason, "messages are JSON text, not binary");
                socket.expect_end().await;
            }
        }
    }
}
