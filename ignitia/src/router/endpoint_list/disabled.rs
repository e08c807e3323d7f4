use std::sync::Arc;

use crate::{
    connection::WebSocketConfig,
    endpoint::{Endpoint, SessionEndpoint},
};

/// No endpoints.
#[derive(Debug, Clone, Default)]
pub(in crate::router) struct EndpointList;

impl EndpointList {
    pub(in crate::router) fn add_function<E: Endpoint<S, Via>, S, Via>(
        &mut self,
        _: Option<&WebSocketConfig>,
    ) {
    }

    pub(in crate::router) fn add_session<T: SessionEndpoint<S>, S>(&mut self, _: Option<&WebSocketConfig>) {}

    pub(in crate::router) fn extend(&mut self, _: Self, _: impl Fn(&str) -> String) {}

    pub(in crate::router) fn set_config(&mut self, _: &Arc<WebSocketConfig>) {}
}
