//! Black-box tests of Ignitia: one binary, a file per behaviour.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected shall fail")]

mod contract;
mod dispatch;
mod endpoint;
mod handshake;
mod hostile;
mod http2;
mod layout;
mod limits;
mod mistakes;
mod observability;
mod raw;
mod rooms;
mod router;
mod semantics;
mod serving;
mod session;
mod tls;
