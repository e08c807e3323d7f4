use std::{
    sync::Arc,
    task::{Context, Poll},
};

use axum_core::extract::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::extension_set::ExtensionSet;

/// Layer that adds values to the extensions of every request.
#[derive(Debug, Clone)]
pub(super) struct AddExtensions(Arc<ExtensionSet>);

impl AddExtensions {
    pub(super) fn new(extensions: ExtensionSet) -> Self {
        Self(Arc::new(extensions))
    }
}

impl<T> Layer<T> for AddExtensions {
    type Service = AddExtensionsService<T>;

    fn layer(&self, inner: T) -> Self::Service {
        AddExtensionsService { inner, extensions: self.0.clone() }
    }
}

/// Service of [`AddExtensions`].
#[derive(Debug, Clone)]
pub(super) struct AddExtensionsService<T> {
    inner: T,
    extensions: Arc<ExtensionSet>,
}

impl<T> Service<Request> for AddExtensionsService<T>
where
    T: Service<Request>,
{
    type Response = T::Response;
    type Error = T::Error;
    type Future = T::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> T::Future {
        self.extensions.add_to(request.extensions_mut());
        self.inner.call(request)
    }
}
