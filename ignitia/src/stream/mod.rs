//! Byte streams between hyper and the network: hyper reads and writes them while a connection
//! speaks HTTP, and an upgraded connection takes them over.

mod observed_stream;
mod read_ahead;
mod read_closed;
mod stream_reset;
mod upgradable_stream;
mod upgrade_signal;

pub(crate) use self::{
    observed_stream::{ObservedStream, StreamObserver},
    read_closed::ReadClosed,
    stream_reset::StreamReset,
    upgradable_stream::UpgradableStream,
    upgrade_signal::UpgradeSignal,
};
