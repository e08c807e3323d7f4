//! TLS: what it is set up with, and certificates that are replaced while it runs.

mod config;
mod files;
mod pem;
mod reload;
mod sessions;

pub(super) use self::config::Tls;
pub use self::{
    config::{TlsConfig, TlsVersion},
    files::TlsFiles,
    reload::TlsReloader,
};
