//! Handlers: functions that are accepted, and what their return values mean.

mod batch_by_timeout;
mod batch_handler;
mod errors;
mod functions;
mod message_handler;
mod outcome_after;
mod outcome_before;
