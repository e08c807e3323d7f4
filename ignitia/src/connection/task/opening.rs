//! Opening of a connection, once there is a transport.

use bytes::Bytes;
use hyper::upgrade::OnUpgrade;

use super::{ConnectionTask, driver::TaskStage, transport::Transport};
use crate::{
    stream::AcceptedStream,
    time::{Instant, now},
};

impl ConnectionTask {
    /// Waits for the transport of this upgrade.
    pub(crate) fn await_upgrade(&mut self, upgrade: OnUpgrade) {
        if let TaskStage::Switching(awaited, ..) = &mut self.driver.stage {
            *awaited = Some(upgrade);
        }
    }

    /// Returns the time until which the connection has to be open.
    pub(crate) fn open_deadline(&self) -> Instant {
        if let TaskStage::Switching(_, until, _) = self.driver.stage { until } else { now() }
    }

    /// Opens the connection over a stream, of which these bytes were read already.
    pub(crate) fn open(&mut self, stream: AcceptedStream, early: Bytes) {
        let (transport, direct_writer) = Transport::over_stream(stream);
        self.driver.open(transport, direct_writer, early, now());
        // The next poll is for all parts of the task, as one after every change of the stage.
        self.driver.shared.yield_now();
    }
}
