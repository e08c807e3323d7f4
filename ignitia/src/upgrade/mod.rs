//! A request on its way from axum to the connection task: checks, extraction, the handler's decision, the answer.

mod body;
mod decision;
mod report;
mod route;
mod service;

pub use self::report::{UpgradeFailed, UpgradeFailure};
pub(crate) use self::{
    report::OnUpgradeFailed,
    route::{Route, RouterConfig, methods},
    service::{RouteContext, Serve},
};
