//! serde's attributes hold for messages of ours.

#![allow(dead_code, reason = "what is decoded is looked at by `Debug` only")]

mod fields;
mod names;
mod types;

use ignitia::{ServerMessage, prelude::*};
use serde::Serialize;
use serde_json::Value;

use crate::support::{ask, client};

/// The answer: the message as it was understood.
#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "SCREAMING_SNAKE_CASE")]
enum Understood {
    AsDebug { as_text: String },
}

fn understood(message: &impl std::fmt::Debug) -> Understood {
    Understood::AsDebug { as_text: format!("{message:?}") }
}

/// Expects for each text the `Debug` form of the message, or the code of an error.
async fn check(router: Router, path: &str, cases: &[(&str, &str)]) {
    let mut socket = client(router).connect(path).await;
    for (text, expected) in cases {
        let answer = ask(&mut socket, *text).await;
        let found = match answer["type"].as_str() {
            Some("asDebug") => &answer["AS_TEXT"],
            _ => &answer["code"],
        };
        assert_eq!(found, &Value::from(*expected), "{text}: {answer}");
    }
}
