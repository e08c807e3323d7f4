//! Metrics with the feature on: handed to the recorder through the `metrics` facade.

mod close_code;
mod connection_metrics;
mod describe;
mod handler_timer;
mod route_handles;
mod route_metrics;

pub use self::describe::describe;
pub(crate) use self::{
    connection_metrics::ConnectionMetrics, handler_timer::HandlerTimer, route_metrics::Metrics,
};
