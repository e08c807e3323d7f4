//! `#[websocket("/path")]` on async functions that take the connection.

mod arguments;
mod calls;
mod encoding;
mod forms;
mod mounting;
mod reflection;
