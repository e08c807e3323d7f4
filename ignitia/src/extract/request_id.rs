use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, OnceLock},
};

use axum_core::{
    extract::{FromRequestParts, Request},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use uuid::Uuid;

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

impl RequestId {
    /// Returns the client's id, if it is valid.
    fn from_client(headers: &HeaderMap) -> Option<Self> {
        let id = headers.get(NAME)?.to_str().ok()?;
        let is_valid = (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then(|| Self(id.to_owned()))
    }

    fn new(headers: &HeaderMap) -> Self {
        Self::from_client(headers).unwrap_or_else(|| Self(Uuid::new_v4().to_string()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let cell = parts.extensions.get_or_insert_default::<RequestIdCell>();
        Ok(cell.0.get_or_init(|| RequestId::new(&parts.headers)).clone())
    }
}

/// Cell for the id of one request, in its extensions: the client's, or one that is generated on
/// demand.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestIdCell(Arc<OnceLock<RequestId>>);

impl RequestIdCell {
    /// Returns the cell of this request, with the client's id if there is a valid one.
    pub(crate) fn of(request: &mut Request) -> Self {
        let id = RequestId::from_client(request.headers());
        let cell = request.extensions_mut().get_or_insert_default::<Self>();
        if let Some(id) = id {
            cell.0.get_or_init(|| id);
        }
        cell.clone()
    }

    /// Puts the id into the response, if there is one.
    pub(crate) fn echo(&self, response: &mut Response) {
        let id = self.0.get().and_then(|id| HeaderValue::from_str(&id.0).ok());
        if let Some(id) = id {
            response.headers_mut().insert(NAME, id);
        }
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
            RequestId::new(&headers).0
        };
        assert_eq!(id("abc-1"), "abc-1");
        for bad in ["", "a b", &"x".repeat(129), "tab\there"] {
            assert!(Uuid::parse_str(&id(bad)).is_ok(), "{bad}");
        }
    }
}
