use std::sync::Arc;

use crate::{
    connection::WebSocketConfig,
    contract::MountedEndpoint,
    endpoint::{Endpoint, SessionEndpoint},
};

/// Endpoints of a router.
#[derive(Debug, Clone, Default)]
pub(in crate::router) struct EndpointList(Vec<MountedEndpoint>);

impl EndpointList {
    /// Adds a function.
    pub(in crate::router) fn add_function<E: Endpoint<S, Via>, S, Via>(
        &mut self,
        config: Option<&WebSocketConfig>,
    ) {
        self.0.push(MountedEndpoint::new(E::ROUTE, E::describe, config));
    }

    /// Adds a session.
    pub(in crate::router) fn add_session<T: SessionEndpoint<S>, S>(
        &mut self,
        config: Option<&WebSocketConfig>,
    ) {
        self.0.push(MountedEndpoint::new(T::ROUTE, T::describe, config));
    }

    /// Adds the endpoints of another router.
    pub(in crate::router) fn extend(&mut self, other: Self, rename: impl Fn(&str) -> String) {
        self.0.extend(other.0.into_iter().map(|mut endpoint| {
            endpoint.path = rename(&endpoint.path);
            endpoint
        }));
    }

    /// Sets the configuration of the endpoints that have none of their own.
    pub(in crate::router) fn set_config(&mut self, config: &Arc<WebSocketConfig>) {
        for endpoint in &mut self.0 {
            endpoint.config.get_or_insert_with(|| config.clone());
        }
    }

    /// Returns the endpoints in the order in which they were added.
    pub(in crate::router) fn endpoints(&self) -> &[MountedEndpoint] {
        &self.0
    }
}
