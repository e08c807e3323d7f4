//! Router: axum's, with a state that is checked at compile time, and with errors instead of panics
//! for mistakes in routes.

mod add_extensions;
#[cfg(feature = "contract")]
mod contract;
mod conversions;
mod endpoint_list;
mod ext;
mod extension_set;
mod fallbacks;
mod http_handler;
mod page_methods;
mod path_router;
mod path_syntax;
mod registration;
mod route_conflict;
mod route_layer;
mod route_paths;
mod route_set;
mod route_table;
#[expect(clippy::module_inception, reason = "a file has the name of its type")]
mod router;
mod served_router;
mod settings;
mod upgrade_paths;

#[cfg(feature = "console")]
pub(crate) use self::route_conflict::OwnPage;
pub use self::{
    ext::RouterExt,
    http_handler::HttpHandler,
    router::{IntoRouter, Router},
};
pub(crate) use self::{served_router::ServedRouter, upgrade_paths::UpgradePaths};
