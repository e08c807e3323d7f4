//! RFC 6455 without I/O: frames in and out, the keepalive, the closing handshake. Time is an
//! argument.

mod close_handshake;
mod decoder;
mod encoder;
mod frame;
mod keepalive;
mod text_batch;
mod violation;

#[cfg(feature = "compression")]
pub(crate) use self::encoder::encode_compressed;
pub(crate) use self::{
    close_handshake::CloseHandshake,
    decoder::{BatchLimit, Decoder, MessageLimits},
    encoder::{encode, frame_lengths, is_text, push_compressed_header, push_header},
    frame::{BINARY, COMPRESSED, MAX_CONTROL_PAYLOAD, PING, PONG, TEXT},
    keepalive::{Keepalive, KeepaliveAction, KeepaliveTimes},
    text_batch::{ShortTexts, TextBatch},
    violation::{NOT_UTF_8, ProtocolViolation},
};
