//! Frames: bytes of a client, a reference decoder for them, and a decoder for the server's answer.

mod input;
mod reference;
mod transcript;

pub use self::{
    input::{FrameLimits, FramesInput, client_bytes},
    reference::{ClientCompression, ClientEnd, ClientTranscript, decode_client},
    transcript::{ServerFrame, ServerTranscript, close_code, decode_server, server_frames},
};
