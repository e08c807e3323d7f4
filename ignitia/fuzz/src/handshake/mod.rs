//! The opening handshake: requests, and the statuses with which they may be refused.

mod accept_key;
mod input;
mod rules;

pub use self::{
    accept_key::accept_key,
    input::{HandshakeInput, RequestHead, request_head},
    rules::{AllowedStatuses, ObservedRequest, RouteRules, allowed_statuses},
};
