//! TLS: its configuration, and certificates that are replaced while the server runs.

mod config;
mod file_watcher;
mod files;
mod pem;
mod reloader;
mod server_tls;
mod session_cache;
mod version;

pub(super) use self::server_tls::ServerTls;
pub use self::{config::TlsConfig, files::TlsFiles, reloader::TlsReloader, version::TlsVersion};
