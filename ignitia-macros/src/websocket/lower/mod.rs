//! From syntax without faults to decisions.

mod function;
mod options;
mod request_arguments;
mod session;

pub(super) use self::{
    function::{endpoint, half_typed, stub},
    session::{misplaced, session, session_stub},
};
