//! State of a connection that its handles and its task share, under one lock.

mod backlog;
mod delivery;
mod handler_progress;
mod recv_queue;
mod send_buffer;
mod send_queue;
mod shared;
mod waiters;
mod wakeups;

#[cfg(not(shuttle))]
pub(crate) use self::send_buffer::SLICES;
pub(crate) use self::{
    backlog::{Full, SharedFrame},
    delivery::{Delivery, Farewell, Leave},
    handler_progress::{Handling, Receiver},
    recv_queue::EndOfInput,
    send_buffer::{FrameBuffer, UNCOPIED, Written},
    shared::{Courtesy, Shared, State},
    waiters::{Deferred, Place, wake},
    wakeups::Calls,
};
