//! Servers, credentials and rights.

mod access_rights;
mod closing;
mod credentials;
mod databases;
mod encryption;
mod refused_servers;
mod sentinels;
