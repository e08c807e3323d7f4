//! Reports the errors of an input, all of them at once.

mod accept;
mod arguments;
mod clocks;
mod connection_argument;
mod function;
mod handlers;
mod hooks;
mod message_argument;
mod methods;
mod options;
mod path_parameters;
mod reply_to;
mod session;

pub(super) use self::{function::function, session::session};
