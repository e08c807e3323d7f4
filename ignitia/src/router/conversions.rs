//! Conversions between routers.

use super::router::{IntoRouter, Router};
use crate::{
    error::{Error, Result},
    sealed::Sealed,
};

impl<S> IntoRouter for Router<S> {
    fn into_router(self) -> Router {
        let Self { routes, state: _, extensions, table, nested } = self;
        Router { routes, state: (), extensions, table, nested }
    }
}

impl IntoRouter for axum::Router {
    fn into_router(self) -> Router {
        self.into()
    }
}

impl<S> TryFrom<Router<S>> for axum::Router {
    type Error = Error;

    fn try_from(router: Router<S>) -> Result<Self> {
        router.into_axum()
    }
}

impl<S> Sealed for Router<S> {}
