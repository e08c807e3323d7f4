use std::{fmt, marker::PhantomData, sync::Arc};

use axum::extract::RawPathParams;
use axum_core::{
    extract::{FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::StatusCode;

use super::{Endpoint, Prepared};
use crate::{
    connection::{HandlerFuture, WebSocketConnection},
    upgrade::{RouteContext, Serve},
};

/// The parameters of the path, percent-decoded.
#[doc(hidden)]
#[derive(Debug)]
pub struct PathParams(RawPathParams);

/// Takes the parameters of the path out of the request, all at once.
///
/// # Errors
///
/// 400 if one of them is not UTF-8.
#[doc(hidden)]
pub async fn path_params(request: &mut Request) -> Result<PathParams, Response> {
    let (mut parts, body) = std::mem::take(request).into_parts();
    let params = RawPathParams::from_request_parts(&mut parts, &()).await;
    *request = Request::from_parts(parts, body);
    params.map(PathParams).map_err(IntoResponse::into_response)
}

impl PathParams {
    /// One of them, parsed.
    ///
    /// # Errors
    ///
    /// 404 if it cannot be parsed: no such resource.
    #[allow(clippy::result_large_err, reason = "it is on its way out")]
    pub fn get<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Response> {
        let value = self.0.iter().find_map(|(candidate, value)| (candidate == name).then_some(value));
        value.and_then(parse).ok_or_else(|| StatusCode::NOT_FOUND.into_response())
    }
}

/// An endpoint on a route.
pub(crate) struct Mounted<E, Via>(PhantomData<fn() -> (E, Via)>);

impl<E, Via> Mounted<E, Via> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E, Via> fmt::Debug for Mounted<E, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mounted").finish_non_exhaustive()
    }
}

impl<E, Via, S> Serve<S> for Mounted<E, Via>
where
    E: Endpoint<S, Via>,
    Via: 'static,
{
    type Arguments = Prepared;

    fn reads_body() -> bool {
        E::reads_body()
    }

    fn extract(
        request: Request,
        state: &S,
        _: &RouteContext,
    ) -> impl Future<Output = Result<Prepared, Response>> + Send {
        E::prepare(request, state)
    }

    fn start(self: Arc<Self>, session: Prepared, ws: WebSocketConnection) -> HandlerFuture {
        session.start(ws)
    }
}
