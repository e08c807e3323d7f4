//! Clients that return, to any node.

mod forgotten_positions;
mod herds;
mod other_nodes;
