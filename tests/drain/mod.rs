//! Graceful shutdown: the notice, the close frames, the deadline and the report.

mod aborts;
mod graceful_shutdown;
mod many_connections;
mod message_in_progress;
mod notice;
mod over_sockets;
mod phases;
