//! Right programs that look like mistakes.
#![allow(non_snake_case)]

use std::marker::PhantomData;

use ignitia::prelude::*;
use serde::Deserialize;

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Move {
        X: f32,
        Y: f32,
    },
    Paint {
        #[serde(skip)]
        colour: &'static str,
    },
}

// What is on the wire is another type.
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", from = "Wire<'a>")]
enum Marked<'a> {
    Mark { by: &'a str, of: PhantomData<&'a u8> },
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Wire<'a> {
    Mark { by: &'a str },
}

impl<'a> From<Wire<'a>> for Marked<'a> {
    fn from(wire: Wire<'a>) -> Self {
        let Wire::Mark { by } = wire;
        Self::Mark { by, of: PhantomData }
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Typed<'a> {
    Mark {
        #[serde(borrow)]
        of: PhantomData<&'a str>,
    },
}

struct Game;

#[websocket("/<seat>", message = ClientMsg)]
impl Game {
    // The router that this one is nested in has the other parameter.
    async fn accept(Path((room, seat)): Path<(String, u8)>) -> Self {
        let _ = (room, seat);
        Self
    }

    #[on(Move { X, Y })]
    async fn go(&mut self, X: f32, Y: f32) {
        let _ = (X, Y);
    }

    #[on(Paint { colour })]
    async fn paint(&mut self, colour: &'static str) {
        let _ = colour;
    }
}

struct Marks;

#[websocket("/marks/<any>", message = Marked<'_>)]
impl Marks {
    async fn accept(Path(()): Path<()>) -> Self {
        Self
    }

    #[on(Mark { by, of })]
    async fn mark(&mut self, by: &str, of: PhantomData<&u8>) {
        let _ = (by, of);
    }
}

struct Types;

#[websocket("/types", message = Typed<'_>)]
impl Types {
    async fn accept() -> Self {
        Self
    }

    #[on(Mark { of })]
    async fn mark(&mut self, of: PhantomData<&str>) {
        let _ = of;
    }
}

fn main() {
    let nested = Router::new().mount_session::<Game>().mount_session::<Marks>().mount_session::<Types>();
    assert!(Router::new().nest("/rooms/{room}", nested).into_axum().is_ok());
}
