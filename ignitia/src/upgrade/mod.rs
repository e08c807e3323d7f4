//! Upgrade requests, from axum to the connection task: checks, extraction, the handler's decision,
//! and the response.

mod body;
mod decision;
mod extraction;
mod failed_upgrade;
mod handshake_answer;
mod handshake_failure;
mod report;
mod route;
mod route_context;
mod serve;

pub use self::handshake_failure::{HandshakeFailed, HandshakeFailure};
pub(crate) use self::{
    report::OnHandshakeFailed,
    route::{Route, method_filter},
    route_context::{RouteContext, RouterConfig},
    serve::Serve,
};
