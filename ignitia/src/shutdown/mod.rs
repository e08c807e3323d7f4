//! Graceful shutdown: notice, drain, abort.
//!
//! | phase | starts with | effect |
//! |---|---|---|
//! | notice | [`Shutdown::notice`] | `readyz` answers 503, new upgrades are refused |
//! | drain | [`Shutdown::drain`] | every connection is closed behind the messages queued for it |
//! | abort | [`Shutdown::abort`], or the timeout of the drain | the rest is cut off |
//!
//! Connections, their tasks and the server's own hold handles to one shared state. A drain is over
//! when the last of the tasks that the state tracks has ended.

mod config;
mod continuation;
mod handle;
mod report;
mod state;
mod watch;

pub use self::{config::DrainConfig, handle::Shutdown, report::DrainReport};
pub(crate) use self::{
    continuation::Continuation, report::DrainOutcome, state::ShutdownPhase, watch::ShutdownWatch,
};
