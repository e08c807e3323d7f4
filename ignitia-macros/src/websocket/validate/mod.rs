//! Everything that can be wrong with an input, all of it found.

mod arguments;
mod function;
mod options;
mod session;

pub(super) use self::{
    arguments::{is_connection, takes_parameters},
    function::{function, is_unit},
    session::session,
};
