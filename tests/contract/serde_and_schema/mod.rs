//! The schemas of a contract against serde: what serde writes is valid by the schema of what the
//! server sends, and what the schema of what it receives allows is read.

mod attributes;
mod differences;
mod flattening;
mod library_messages;
mod nested;
mod payloads;
mod rare_types;
mod schemas;
mod shapes;
mod values;

use std::collections::BTreeSet;

use ignitia::prelude::*;
use serde::Serialize;
use serde_json::Value;

use self::{
    schemas::{MessageSchema, Schemas},
    values::{Values, written},
};
use crate::support::{Dice, client};

/// Number of generated messages of each kind.
const MESSAGES: usize = 200;

/// Declares a test for each enum of messages, with an endpoint that sends all back. The values in
/// brackets are messages that are hard to guess.
macro_rules! agree {
    ($($name:ident: $message:ty $(, id = $id:literal)?, [$($value:expr),* $(,)?];)*) => {$(
        #[tokio::test]
        async fn $name() {
            use ignitia::prelude::*;

            #[websocket("/", on_message $(, id = $id)?)]
            async fn echo(message: $message) -> $message {
                message
            }

            let router = Router::new().mount(echo);
            $crate::contract::serde_and_schema::agreement::<$message>(router, &[$($value),*]).await;
        }
    )*};
}
use agree;

/// Declares an enum of messages in each of serde's representations, and a test for each.
macro_rules! in_all_representations {
    ($($name:ident $(#[$attribute:meta])* { $($variants:tt)* } [$($value:expr),* $(,)?])*) => {$(
        mod $name {
            $crate::contract::serde_and_schema::in_all_representations! {
                @internal id = "#", #[serde(tag = "type")]
                $(#[$attribute])* { $($variants)* } [$($value),*]
            }
            $crate::contract::serde_and_schema::in_all_representations! {
                @adjacent #[serde(tag = "type", content = "data")]
                $(#[$attribute])* { $($variants)* } [$($value),*]
            }
            $crate::contract::serde_and_schema::in_all_representations! {
                @external $(#[$attribute])* { $($variants)* } [$($value),*]
            }
        }
    )*};
    (
        @$representation:ident $(id = $id:literal,)? $(#[$attribute:meta])*
        { $($variants:tt)* } [$($value:expr),*]
    ) => {
        mod $representation {
            #[allow(unused_imports, reason = "some need no types of their own")]
            use super::super::*;

            #[derive(
                ::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema,
                ::ignitia::ClientMessage, ::ignitia::ServerMessage,
            )]
            $(#[$attribute])*
            enum Messages { $($variants)* }

            $crate::contract::serde_and_schema::agree! {
                agrees: Messages $(, id = $id)?, [$($value),*];
            }
        }
    };
}
use in_all_representations;

/// Asserts that serde and the schemas agree on the endpoint at `/`, which sends back what it
/// receives, and on more messages that it might send.
async fn agreement<T: Serialize>(router: Router, values: &[T]) {
    let schemas = Schemas::of(&router.contract());
    let mut sent = BTreeSet::new();
    for value in values {
        let text = serde_json::to_string(value).unwrap();
        sent.insert(kind(&schemas.sent, &text));
    }
    let mut socket = client(router).connect("/").await;
    let mut dice = Dice(19);
    for schema in &schemas.received {
        for _ in 0..MESSAGES {
            let message = message(schema, &mut dice);
            let text = written(&message, &mut dice);
            socket.send_text(&*text).await;
            let reply = socket.recv_text().await;
            assert!(!reply.contains("\"$error\""), "{} allows {text}\nbut {reply}", schema.name);
            sent.insert(kind(&schemas.sent, &reply));
        }
    }
    let all: BTreeSet<&str> = schemas.sent.iter().map(|schema| &*schema.name).collect();
    assert_eq!(sent, all, "some kinds of messages were never sent");
}

/// Returns a message that a schema allows.
fn message(schema: &MessageSchema, dice: &mut Dice) -> Value {
    let mut last = Value::Null;
    for _ in 0..20 {
        last = Values { document: &schema.schema, dice }.value(&schema.schema, 0);
        if schema.allows(&last) {
            return last;
        }
    }
    panic!("{} does not allow {last}: {:#?}", schema.name, schema.mistakes(&last));
}

/// Returns the only kind of messages that a text is of.
#[track_caller]
fn kind<'a>(schemas: &'a [MessageSchema], text: &str) -> &'a str {
    let message: Value = serde_json::from_str(text).unwrap();
    let kinds: Vec<&MessageSchema> = schemas.iter().filter(|schema| schema.allows(&message)).collect();
    let mistakes =
        || schemas.iter().map(|schema| (&schema.name, schema.mistakes(&message))).collect::<Vec<_>>();
    let [kind] = kinds[..] else {
        panic!("{text} is {} kinds of messages: {:#?}", kinds.len(), mistakes());
    };
    &kind.name
}
