mod broadcast;
mod compressor;
mod config;
mod decompressor;
mod deflater;
mod inflater;
mod negotiated;
mod rule;
mod window;

pub(crate) use self::{
    broadcast::{compress_broadcast, needed_bits},
    compressor::Compressor,
    decompressor::Decompressor,
    inflater::Inflater,
    negotiated::{DeflateOffer, PERMESSAGE_DEFLATE},
    rule::CompressionRule,
};
pub use self::{
    config::{Compression, CompressionContext},
    negotiated::NegotiatedCompression,
};
