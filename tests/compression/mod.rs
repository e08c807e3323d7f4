//! Compression of messages: permessage-deflate ([RFC
//! 7692](https://www.rfc-editor.org/rfc/rfc7692)), against a second implementation.

mod blocks;
mod bombs;
mod broken;
mod budgets;
mod configuration;
mod fairness;
mod final_blocks;
mod handles;
mod history;
mod inspection;
mod memory;
mod negotiation;
mod observability;
mod order;
mod outbox;
mod overflow;
mod peer;
mod receiving;
mod rooms;
mod second_implementation;
mod sending;
mod texts;
mod threads;
mod typed;
mod windows;

use ignitia::{
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

use crate::support::{Dice, echo, echoes};

/// Returns the defaults, with this compression.
fn with(compression: Compression) -> WebSocketConfig {
    WebSocketConfig::default().compression(compression)
}

/// Returns routes with echoes: at `/shared`, at `/dedicated` with the largest window, and at `/ws`
/// without compression.
fn all_echoes() -> Router {
    echoes(WebSocketConfig::default())
        .websocket_with("/shared", echo, with(Compression::shared()))
        .websocket_with("/dedicated", echo, with(Compression::dedicated().window_bits(15)))
}

/// Returns a text of this length that compresses well, and is another for each seed.
fn prose(seed: usize, length: usize) -> String {
    let words = (seed..).map(|n| format!("{{\"n\":{n},\"of\":\"{}\"}},", n * n % 97));
    let mut text = String::new();
    words
        .take_while(|word| {
            text.push_str(word);
            text.len() < length
        })
        .for_each(drop);
    text.truncate(length);
    text
}

/// Returns bytes that cannot be compressed.
fn noise(dice: &mut Dice, length: usize) -> Vec<u8> {
    (0..length).map(|_| dice.roll(256) as u8).collect()
}
