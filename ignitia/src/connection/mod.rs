//! The connection: the handle that users hold, the state that it shares with its task, and the
//! task.

mod checks;
mod close_codes;
mod config;
mod events;
mod expiry;
mod handle;
mod id;
mod internals;
mod sending;
mod state;
mod task;
mod wait;

#[cfg(shuttle)]
pub(crate) use self::task::{Pipe, Served, Transport};
pub(crate) use self::{
    checks::check_close,
    events::{ConnectionEvents, OnClose},
    state::{
        AfterUnlock, Delivery, HandlerProgress, LeaveRoom, OverflowAction, ReceiveMode, RoomLink, Shared,
        SharedFrame,
    },
    task::{ConnectionTask, Ending, HandlerFuture, RunningHandler, refuses, sendable, take_failure},
};
pub use self::{
    close_codes::CloseCodes,
    config::{RateExceeded, WebSocketConfig},
    events::ConnectionClosed,
    expiry::Expiry,
    handle::WebSocketConnection,
    id::ConnectionId,
    sending::Sending,
};
