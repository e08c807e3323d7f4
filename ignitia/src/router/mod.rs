//! Router: axum's, with a state that is checked at compile time, and with errors instead of panics
//! for mistakes in routes.

mod add_extensions;
mod composition;
mod ext;
mod fallbacks;
mod http_handler;
mod into_router;
mod path_router;
mod path_syntax;
mod route_conflict;
mod route_layer;
mod route_methods;
mod route_set;
mod route_table;
#[expect(clippy::module_inception, reason = "a file has the name of its type")]
mod router;
mod settings;

pub use self::{ext::RouterExt, http_handler::HttpHandler, into_router::IntoRouter, router::Router};
