//! The end of a connection: the closing handshake, lost peers, and what handlers learn of both.

mod causes;
mod close_call;
mod closing_handshake;
mod dropped_handles;
mod end_of_connection;
mod expiry;
mod halves;
mod lost_peers;
mod on_the_wire;
