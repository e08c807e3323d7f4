//! RFC 6455 without I/O: frames in and out, the keepalive, the closing handshake. Time is an
//! argument.

mod close_handshake;
mod decoder;
mod encoder;
mod frame;
mod incoming;
mod keepalive;
mod violation;

pub(crate) use self::{
    close_handshake::CloseHandshake,
    decoder::{Decoder, MessageLimits},
    encoder::{EncodedHeader, encode},
    frame::{BINARY, MAX_CONTROL_PAYLOAD, PING, PONG, TEXT},
    incoming::{Incoming, ReceivedText},
    keepalive::{Keepalive, KeepaliveAction},
    violation::ProtocolViolation,
};
