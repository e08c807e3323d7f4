//! Byte streams between hyper and the network: hyper reads and writes them while a connection
//! speaks HTTP, and an upgraded connection takes them over.

mod accepted_stream;
mod observed_stream;
mod read_ahead;
mod read_closed;
mod stream_reset;
mod upgradable_stream;
mod upgrade_signal;

#[cfg(feature = "testing")]
pub(crate) use self::read_closed::ReadClosed;
pub(crate) use self::{
    accepted_stream::AcceptedStream,
    observed_stream::{ObservedStream, StreamObserver},
    stream_reset::StreamReset,
    upgradable_stream::UpgradableStream,
    upgrade_signal::UpgradeSignal,
};
