//! Backpressure: bounded queues in both directions, and peers that read slowly or not at all.

mod over_sockets;
mod send_queue;
mod sending;
mod slow_readers;
mod unread_messages;
mod write_stall;
