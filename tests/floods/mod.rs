//! Floods and abandoned connections: neither makes the memory of the server grow.

mod abandoned;
mod memory;
