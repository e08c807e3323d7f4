//! Opening of a connection, once there is a transport.

use std::time::Instant;

use bytes::Bytes;
use hyper::upgrade::OnUpgrade;

use super::{ConnectionDriver, ConnectionTask, TaskStage, io::ConnectionIo, transport::Transport};
use crate::{limits::Permit, time::now};

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

    /// Opens the connection over a transport, of which these bytes were read already.
    pub(crate) fn open(&mut self, transport: Transport, early: Bytes) {
        self.driver.open(transport, early, now());
        // The next poll is for all parts of the task, as one after every change of the stage.
        self.driver.shared.yield_now();
    }
}

impl ConnectionDriver {
    pub(super) fn open(&mut self, transport: Transport, early: Bytes, now: Instant) {
        let lease = self.permit.as_ref().and_then(Permit::reassembly_lease);
        let io = ConnectionIo::new(transport, early, &self.shared, lease, now);
        self.stage = TaskStage::Open(Box::new(io));
        self.shared.with(|state, after_unlock| state.open(after_unlock));
    }
}
