//! User code that fails inside rooms, and unusual names of rooms and members.

mod messages;
mod presences;
mod recorders;
mod unusual;

const ON_PURPOSE: &str = "on purpose";
