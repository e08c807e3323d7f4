//! Emits the expansion from the model.

mod answer;
mod description;
mod endpoint;
mod handler_closure;
mod hooks;
mod id_checks;
mod match_arms;
mod names;
mod option;
mod placeholder;
mod policy;
mod reflection;
mod request_arguments;
mod session;

pub(super) use self::{
    endpoint::endpoint,
    placeholder::{
        function_placeholder, function_without_runtime, session_placeholder, session_without_runtime,
        unparsable_placeholder,
    },
    session::session,
};
