//! Lowers a valid input to the model of its expansion. Cannot fail.

mod function;
mod options;
mod request_arguments;
mod session;

pub(super) use self::{
    function::{endpoint, function_placeholder, unparsable_function},
    session::{misplaced_type, session, session_placeholder},
};
