//! Limits: of connections and handshakes for all peers together, and of rates for each connection.

mod admission;
mod by_the_application;
mod message_rates;
mod peer_addresses;
