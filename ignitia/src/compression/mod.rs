//! Compression of messages: permessage-deflate ([RFC
//! 7692](https://www.rfc-editor.org/rfc/rfc7692)), without frames and without I/O.
//!
//! Compressors and decompressors belong to threads, not to connections: what a connection keeps
//! between two messages is a window of the text before, if context takeover was agreed on, and
//! nothing otherwise.
//!
//! Without the feature the types of a connection have no value: what handles them is no code.

#[cfg(not(feature = "compression"))]
mod disabled;
#[cfg(feature = "compression")]
mod enabled;
mod output;

#[cfg(not(feature = "compression"))]
pub(crate) use self::disabled::{
    Compression, CompressionRule, Compressor, Decompressor, Inflater, NegotiatedCompression,
};
#[cfg(feature = "compression")]
pub use self::enabled::{Compression, CompressionContext, NegotiatedCompression};
#[cfg(feature = "compression")]
pub(crate) use self::enabled::{
    CompressionRule, Compressor, Decompressor, DeflateOffer, Inflater, PERMESSAGE_DEFLATE,
    compress_broadcast, needed_bits,
};
pub(crate) use self::output::Output;
