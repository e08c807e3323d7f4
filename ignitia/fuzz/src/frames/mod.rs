//! Frames: what a client may send, what it says, and what it has to be answered.

mod client;
mod reference;
mod server;

pub use self::{
    client::{Limits, Plan, wire},
    reference::{End, Said, listen},
    server::{Answers, answers},
};
