//! Router: axum's, with a state that is checked at compile time, and with errors instead of panics
//! for mistakes in routes.

mod add_extensions;
mod conversions;
mod ext;
mod extension_set;
mod fallbacks;
mod http_handler;
mod path_router;
mod path_syntax;
mod registration;
mod route_conflict;
mod route_layer;
mod route_set;
mod route_table;
#[expect(clippy::module_inception, reason = "a file has the name of its type")]
mod router;
mod settings;

pub(crate) use self::extension_set::ExtensionSet;
pub use self::{
    ext::RouterExt,
    http_handler::HttpHandler,
    router::{IntoRouter, Router},
};
