//! Shared parts of the fuzz targets: a connection in memory, and reference implementations of the
//! rules that the server must follow.

mod requests;
mod scripted_stream;
mod simulation;

pub mod compression;
pub mod deflate;
pub mod dispatch;
pub mod frames;
pub mod handshake;
pub mod paths;

pub use self::{
    requests::{HANDSHAKE, text_frame},
    scripted_stream::{Piece, ScriptedStream, split},
    simulation::{serve, simulate},
};
