//! Parameters of the path, as arguments.

use std::str::FromStr;

use axum::extract::RawPathParams;
use axum_core::{
    extract::{FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::StatusCode;

/// A type that a parameter of the path can be parsed to: every type that is [`FromStr`], so
/// `String`, numbers, `bool`, `IpAddr`, and types of your own.
///
/// A segment that cannot be parsed is a 404. It is percent-decoded before: it may be `..`, and may
/// hold a slash (`%2F`); the tail of a path may have `..` between its slashes. Check it before it
/// becomes part of a file's path or of another URL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be parsed from a segment of the path",
    label = "a parameter of the path needs `FromStr`",
    note = "implement `std::str::FromStr` for a type of your own; otherwise take a `String`, and parse it"
)]
pub trait PathParam: Sized {
    /// Parses a percent-decoded segment; `None` if it is no value of this type.
    fn from_param(segment: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> PathParam for T {
    fn from_param(segment: &str) -> Option<Self> {
        segment.parse().ok()
    }
}

/// Parameters of the path, percent-decoded.
#[doc(hidden)]
#[derive(Debug)]
pub struct PathParams(RawPathParams);

/// Takes all parameters of the path out of the request.
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
    /// Parses one of them.
    ///
    /// # Errors
    ///
    /// 404 if it cannot be parsed: there is no such resource.
    #[allow(clippy::result_large_err, reason = "it is sent at once")]
    pub fn get<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, Response> {
        let value = self.0.iter().find_map(|(candidate, value)| (candidate == name).then_some(value));
        value.and_then(parse).ok_or_else(|| StatusCode::NOT_FOUND.into_response())
    }
}
