//! Typed messages against plain serde.

mod compare;
mod envelope;
mod messages;

pub use self::{compare::compare_all, envelope::check};
