//! I/O of a connection: bytes in → decoder → receive queue, and send queue → send buffer → bytes
//! out.

mod connection_io;
mod deadlines;
mod lag;
mod peek;
mod poll;
mod probing;
mod read;
mod silence;
mod write;

pub(super) use self::{connection_io::ConnectionIo, poll::IoProgress};
