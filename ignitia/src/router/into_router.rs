use super::router::Router;
use crate::{
    error::{Error, Result},
    sealed::Sealed,
};

/// Router that can be served, nested and merged: a [`Router`] of any state, or an [`axum::Router`]
/// whose state has been given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a router that can be served",
    note = "an `axum::Router<S>` needs `.with_state(..)` first"
)]
pub trait IntoRouter: Sealed {
    /// Returns the same routes in a router without state.
    fn into_router(self) -> Router;
}

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
