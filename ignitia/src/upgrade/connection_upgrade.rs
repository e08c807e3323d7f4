use axum_core::response::{IntoResponse, Response};
use http::Extensions;
use hyper::upgrade::OnUpgrade;
use tracing::instrument::Instrumented;

use super::{bare_response::bare_101, direct_upgrade::DirectUpgrade, server_connection::ServerConnection};
use crate::{connection::ConnectionTask, handshake::Accepted, shutdown::Shutdown};

/// Upgrade of the connection of a request.
#[derive(Debug)]
pub(crate) enum ConnectionUpgrade {
    Direct(DirectUpgrade),
    Hyper(OnUpgrade),
}

impl ConnectionUpgrade {
    /// Takes the upgrade out of the extensions of a request; `None` if its server cannot upgrade
    /// connections.
    pub(super) fn take(extensions: &mut Extensions) -> Option<Self> {
        let direct = extensions.get_mut().and_then(|server: &mut ServerConnection| server.upgrade.take());
        direct.map(Self::Direct).or_else(|| extensions.remove().map(Self::Hyper))
    }

    /// Starts a connection task whose handler has decided. Returns the response.
    pub(super) fn start(
        self,
        mut task: Box<Instrumented<ConnectionTask>>,
        accepted: Accepted,
        shutdown: &Shutdown,
    ) -> Response {
        let started = match self {
            Self::Direct(direct) => direct.start(task, accepted),
            Self::Hyper(upgrade) => {
                task.inner_mut().await_upgrade(upgrade);
                Some((task, accepted))
            }
        };
        let Some((task, accepted)) = started else { return bare_101() };
        shutdown.continue_or_spawn(Box::into_pin(task));
        accepted.into_response()
    }
}
