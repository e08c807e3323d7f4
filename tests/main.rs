//! Black-box tests of Ignitia: one binary, a folder per subject, a file per behaviour.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected shall fail")]

mod api;
mod backpressure;
mod closing;
mod compression;
mod contract;
mod deadlines;
mod drain;
mod endpoints;
mod floods;
mod frames;
mod handshake;
mod http2;
mod keepalive;
mod layout;
mod limits;
mod observability;
mod rooms;
mod serving;
mod sessions;
mod support;
mod tasks;
mod tls;
mod typed;
