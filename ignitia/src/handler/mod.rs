//! Functions as handlers: their arguments, their outcomes, and how often they are called.

mod accept_arguments;
mod arity;
mod body_as_parameter;
mod extraction_marker;
mod extracts;
mod function_handler;
mod message_handler;
mod outcome;
mod per_batch;
mod per_message;
mod websocket_handler;

pub use self::{
    accept_arguments::{AcceptArgument, ExtractsHead},
    extracts::{Extracts, HeadArgument, LastArgument},
    message_handler::MessageHandler,
    outcome::Outcome,
    per_batch::websocket_batch_handler,
    per_message::websocket_message_handler,
    websocket_handler::WebSocketHandler,
};
pub(crate) use self::{body_as_parameter::body_as_parameter_error, function_handler::FunctionHandler};
