//! Everything that can be wrong with an input, all of it found.

mod arguments;
mod function;
mod hooks;
mod options;
mod session;

pub(super) use self::{
    arguments::{is_connection, is_events, is_reply_to, takes_parameters},
    function::{function, is_unit},
    session::session,
};
