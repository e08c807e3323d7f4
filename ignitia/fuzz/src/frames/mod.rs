//! Frames: bytes of a client, a reference decoder for them, and a decoder for the server's answer.

mod input;
mod reference;
mod transcript;

pub use self::{
    input::{FrameLimits, FramesInput, client_bytes},
    reference::{ClientEnd, ClientTranscript, decode_client},
    transcript::{ServerTranscript, decode_server},
};
