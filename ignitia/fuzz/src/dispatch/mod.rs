//! Comparison of typed messages with plain serde.

mod compare;
mod error_reply;
mod messages;

pub use self::{compare::compare_all, error_reply::check_error_reply};
