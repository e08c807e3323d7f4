//! The opening handshake: requests, and what they have to be answered.

mod accept;
mod head;
mod rules;

pub use self::{
    accept::accept_key,
    head::{Head, Plan, head},
    rules::{Route, Seen, Verdict, judge},
};
