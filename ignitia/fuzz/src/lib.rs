//! What the targets share: a connection in memory, and rules that say once more, in other words, what has to come of an
//! input.

mod client;
mod serve;
mod wire;

pub mod dispatch;
pub mod frames;
pub mod handshake;
pub mod paths;

pub use self::{
    client::{HANDSHAKE, text_frame},
    serve::{serve, simulate},
    wire::{Piece, Wire, cut},
};
