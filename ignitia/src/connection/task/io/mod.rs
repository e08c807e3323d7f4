//! The transport with what stands before and behind it: bytes in → decoder → inbound, outbox → frames → bytes out.

mod connection_io;
mod deadlines;
mod lag;
mod peek;
mod poll;
mod read;
mod write;

pub(super) use self::{connection_io::ConnectionIo, poll::IoProgress};
