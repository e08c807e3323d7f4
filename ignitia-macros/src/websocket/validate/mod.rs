//! Everything that can be wrong with an input, all of it found.

mod alias;
mod arguments;
mod function;
mod hooks;
mod options;
mod session;

pub(super) use self::{
    alias::is_usual_alias,
    arguments::{is_connection, is_events, is_reply_to, takes_parameters},
    function::{function, is_unit},
    session::session,
};
