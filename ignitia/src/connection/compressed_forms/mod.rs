//! Compressed forms of a broadcast: made once, for all connections that agreed on the same
//! parameters.

#[cfg(not(feature = "compression"))]
mod disabled;
#[cfg(feature = "compression")]
mod enabled;

#[cfg(not(feature = "compression"))]
pub(crate) use self::disabled::{CompressedForms, CompressedPrefix, FormDemand, WantedForms};
#[cfg(feature = "compression")]
pub(crate) use self::enabled::{CompressedForms, CompressedPrefix, FormDemand, WantedForms};
