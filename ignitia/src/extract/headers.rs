use std::{convert::Infallible, ops::Deref};

use axum_core::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};

/// All headers of the request.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn private(headers: Headers, mut ws: WebSocketConnection) -> Response {
///     if headers.get("authorization").is_none() {
///         return Response::unauthorized("Send an Authorization header"); // a 401: nothing is upgraded yet
///     }
///     while ws.recv().await.is_some() {}
///     Response::ok()
/// }
/// # let _ = Router::new().websocket("/private", private);
/// ```
#[derive(Debug, Clone)]
pub struct Headers(pub HeaderMap);

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Headers {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.clone()))
    }
}
