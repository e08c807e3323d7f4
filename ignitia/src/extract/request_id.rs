use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, OnceLock},
};

use axum_core::{extract::FromRequestParts, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use uuid::Uuid;

use super::response_headers::ResponseHeaders;

const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// Maximum length of a client's id.
const MAX_LENGTH: usize = 128;

/// Extractor of the id of the request: its `x-request-id` header if that is 1 to 128 visible ASCII
/// characters, otherwise a new UUID.
///
/// A WebSocket route echoes the id in the same header of its response, refusals included: the
/// client's always, a new one if it was extracted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(pub String);

/// Returns the client's id if it is valid, otherwise a new one.
fn id_of(headers: &HeaderMap) -> String {
    from_client(headers).unwrap_or_else(|| Uuid::new_v4().to_string())
}

/// Returns the client's id, if it is valid.
fn from_client(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(NAME)?.to_str().ok()?;
    let is_valid = (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    is_valid.then(|| id.to_owned())
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let id = || id_of(&parts.headers);
        if parts.extensions.get::<RequestIdCell>().is_none()
            && let Some(response) = parts.extensions.get::<ResponseHeaders>()
        {
            return Ok(Self(response.request_id().get_or_init(id).clone()));
        }
        let cell = parts.extensions.get_or_insert_default::<RequestIdCell>();
        Ok(Self(cell.0.get_or_init(id).clone()))
    }
}

/// Cell for the id of a request that was extracted before its route, in a layer. A WebSocket route
/// has another cell, in the [`ResponseHeaders`].
#[derive(Debug, Clone, Default)]
pub(super) struct RequestIdCell(Arc<OnceLock<String>>);

/// Notes the client's id, if there is a valid one, for the response. Returns the cell of a layer
/// that has extracted an id before.
pub(super) fn note_client_id(parts: &Parts, response: &ResponseHeaders) -> Option<RequestIdCell> {
    let earlier = parts.extensions.get::<RequestIdCell>();
    if let Some(id) = from_client(&parts.headers) {
        let cell = earlier.map_or(response.request_id(), |earlier| &*earlier.0);
        cell.get_or_init(|| id);
    }
    earlier.cloned()
}

/// Puts the id into the response, if there is one.
pub(super) fn echo(earlier: Option<&RequestIdCell>, headers: &ResponseHeaders, response: &mut Response) {
    let id = earlier.map_or(headers.request_id(), |earlier| &*earlier.0).get();
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(id).ok()) {
        response.headers_mut().insert(NAME, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_decent_id_is_taken() {
        let id = |value: &str| {
            let headers =
                HeaderMap::from_iter([(NAME, HeaderValue::from_str(value).expect("a header value"))]);
            id_of(&headers)
        };
        assert_eq!(id("abc-1"), "abc-1");
        for bad in ["", "a b", &"x".repeat(129), "tab\there"] {
            assert!(Uuid::parse_str(&id(bad)).is_ok(), "{bad}");
        }
    }
}
