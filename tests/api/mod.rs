//! The public interface: every way of use, as a user would write it.

mod chat;
mod echo;
mod extract;
mod handlers;
mod json;
mod messages;
mod names;
mod over_sockets;
mod responses;
mod routing;
mod test_client;
mod token;
