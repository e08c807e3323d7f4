//! Compression: configurations, offers, and bytes of a client whose messages are compressed by the
//! second implementation, or by none.

mod input;
mod parameters;

pub use self::{
    input::{CompressionInput, Reply, client_bytes},
    parameters::NegotiatedParameters,
};
