//! State of a connection that its handles and its task share, under one lock.

mod after_unlock;
mod backlog;
mod close_progress;
mod closing;
mod connection_state;
mod delivery;
mod direct_write;
#[cfg(not(shuttle))]
mod direct_writer;
#[cfg(shuttle)]
#[path = "../../../models/src/direct_writer.rs"]
mod direct_writer;
mod frame_tally;
mod handle_operations;
mod handler_progress;
mod input;
mod lazy_queue;
mod message_kind;
mod probe;
mod recv_queue;
mod room_link;
mod send_buffer;
mod send_queue;
mod shared;
mod shared_frame;
mod waiters;
mod wakers;
mod wakeups;
mod write_task;

#[cfg(not(shuttle))]
pub(crate) use self::send_buffer::SLICES;
pub(crate) use self::{
    after_unlock::AfterUnlock,
    backlog::OverflowAction,
    close_progress::PendingCloseDeadlines,
    connection_state::ConnectionState,
    delivery::Delivery,
    direct_writer::DirectWriter,
    frame_tally::Written,
    handle_operations::NotQueued,
    handler_progress::{HandlerProgress, ReceiveMode},
    message_kind::MessageKind,
    probe::{Probe, ProbeReader},
    recv_queue::EndOfInput,
    room_link::{LeaveRoom, RoomLink},
    send_buffer::{SendBuffer, UNCOPIED},
    shared::Shared,
    shared_frame::SharedFrame,
    waiters::WaitKey,
    wakers::IoWaker,
    wakeups::Interest,
};
