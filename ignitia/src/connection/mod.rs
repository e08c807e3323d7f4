//! The connection: the handle that users hold, the state that it shares with its task, and the
//! task.

mod close_codes;
mod compressed_forms;
mod config;
mod crate_methods;
mod expiry;
mod frame_checks;
mod handle;
mod id;
mod receiving;
mod recorder;
mod sending;
mod state;
mod task;
mod wait;

#[cfg(shuttle)]
pub(crate) use self::task::{Pipe, Served, Transport};
pub use self::{
    close_codes::CloseCodes,
    config::{RateExceeded, WebSocketConfig},
    expiry::Expiry,
    handle::WebSocketConnection,
    id::ConnectionId,
    recorder::ConnectionClosed,
    sending::Sending,
};
pub(crate) use self::{
    compressed_forms::{CompressedForms, CompressedPrefix, FormDemand, WantedForms},
    frame_checks::check_close,
    recorder::{ConnectionRecorder, OnClose},
    state::{
        AfterUnlock, Delivery, HandlerProgress, LeaveRoom, OverflowAction, Probe, ProbeReader, ReceiveMode,
        RoomLink, Shared, SharedFrame,
    },
    task::{ConnectionTask, Ending, HandlerFuture, RunningHandler, is_refusal, sendable, take_failure},
};
