//! Tests of rooms on several nodes, with Redis or Valkey servers that the tests start and break.
//!
//! `cargo test -p tests --features servers --test engine` runs them; `REDIS_SERVER` names another
//! program than `redis-server`.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected shall fail")]

mod connecting;
mod delivering;
mod losing;
mod outages;
mod presence;
mod queueing;
mod returning;
mod sharing;
mod storm;
mod support;
