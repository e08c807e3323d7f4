//! Broadcasts while the engine is away, or does not keep up.

mod limits;
mod policies;
