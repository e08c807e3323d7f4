//! Upgrade requests, from axum to the connection task: checks, extraction, the handler's decision,
//! and the response.

mod bare_response;
mod body;
mod connection_upgrade;
mod decision;
mod direct_upgrade;
mod extraction;
mod failed_upgrade;
mod handshake_answer;
mod handshake_failure;
mod report;
mod route;
mod route_context;
mod serve;
mod server_connection;

pub use self::handshake_failure::{HandshakeFailed, HandshakeFailure};
pub(crate) use self::{
    direct_upgrade::{DirectUpgrade, WaitingTask},
    report::OnHandshakeFailed,
    route::{Route, method_filter},
    route_context::{RouteContext, RouterConfig},
    serve::Serve,
    server_connection::ServerConnection,
};
