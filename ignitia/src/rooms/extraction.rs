//! Rooms as an extractor, where they are a part of a router's state.

use std::convert::Infallible;

use axum::extract::FromRef;
use axum_core::extract::FromRequestParts;
use http::request::Parts;

use super::rooms::Rooms;

impl<S, T, P> FromRequestParts<S> for Rooms<T, P>
where
    Self: FromRef<S>,
    S: Sync,
    T: 'static,
    P: Send + Sync + 'static,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::from_ref(state))
    }
}
