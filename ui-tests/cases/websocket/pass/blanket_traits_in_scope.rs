//! Traits of the program for all types, and statics, with names that the expansion may use, too.

#![allow(non_upper_case_globals)]

use std::fmt::Debug;

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Go,
}

trait Described {
    fn find(&self) -> String;
    fn kind(&self) -> String;
    fn content(&self) -> String;
    fn parts(&self) -> String;
    fn message(&self) -> String;
}

impl<T: Debug> Described for T {
    fn find(&self) -> String {
        format!("{self:?}")
    }

    fn kind(&self) -> String {
        format!("{self:?}")
    }

    fn content(&self) -> String {
        format!("{self:?}")
    }

    fn parts(&self) -> String {
        format!("{self:?}")
    }

    fn message(&self) -> String {
        format!("{self:?}")
    }
}

static reply: u8 = 1;
static message: u8 = 2;
static extractor: u8 = 3;
static description: u8 = 4;

#[websocket("/go", on_message)]
async fn go(State(number): State<u8>, ask: Ask) {
    let Ask::Go = ask;
    let _ = number;
}

fn main() {
    assert!(Router::new().state(reply + message + extractor + description).mount(go).into_axum().is_ok());
    let all = [1.find(), 1.kind(), 1.content(), 1.parts(), 1.message()];
    assert_eq!(all, ["1", "1", "1", "1", "1"]);
}
