//! Parts that test binaries and the programs beside them share.

#[cfg(feature = "servers")]
pub mod engine_app;
