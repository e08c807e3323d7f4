//! Byte streams between hyper and the network: hyper is handed them, and an upgraded connection takes them back.

mod read_closed;
mod reset;
mod tap;
mod upgrade_stream;

pub(crate) use self::{
    read_closed::ReadClosed,
    reset::StreamReset,
    tap::{StreamObserver, Tap},
    upgrade_stream::{UpgradeProgress, UpgradeStream},
};
