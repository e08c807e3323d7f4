//! Fields whose types have their own `Deserialize`, by whatever path they are named.

#![deny(warnings)]

use std::{collections::HashMap, time::Duration};

use ignitia::prelude::*;
use serde::Deserialize;

#[derive(Deserialize, Clone, Copy, PartialEq, Debug)]
pub struct Position {
    pub x: f32,
}

mod inner {
    #[derive(serde::Deserialize, PartialEq, Debug)]
    pub enum Kind {
        Pawn,
        Queen,
    }
}

#[derive(Deserialize, PartialEq, Debug)]
pub struct Pair<T> {
    pub both: [T; 2],
}

#[derive(Deserialize, ClientMessage, PartialEq, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMsg {
    Move { to: Position, kind: inner::Kind, path: Vec<Position>, by: Option<Position>, all: HashMap<String, Position> },
    Jump(Position),
    Both(Pair<Vec<Position>>),
    Later { after: Duration, what: Vec<ClientMsg>, #[serde(default)] kind: Option<inner::Kind> },
}

fn main() {
    let kind = [inner::Kind::Pawn, inner::Kind::Queen];
    let what = vec![ClientMsg::Jump(Position { x: 1.0 })];
    assert_ne!(ClientMsg::Later { after: Duration::ZERO, what, kind: None }, ClientMsg::Jump(Position { x: 1.0 }));
    assert_eq!(kind.len(), 2);
}
