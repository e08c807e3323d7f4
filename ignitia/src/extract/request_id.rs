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

/// The longest id that is taken from a request.
const MAX: usize = 128;

/// The id of the request: its `x-request-id` header if that is 1 to 128 visible ASCII characters, else a new UUID.
///
/// A WebSocket route echoes it in the same header of its answer, refusals included: the client's always, a new one if
/// it was extracted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id that the client has chosen, if it is a decent one.
    fn given(headers: &HeaderMap) -> Option<Self> {
        let id = headers.get(NAME)?.to_str().ok()?;
        let is_decent = (1..=MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        is_decent.then(|| Self(id.to_owned()))
    }

    fn new(headers: &HeaderMap) -> Self {
        Self::given(headers).unwrap_or_else(|| Self(Uuid::new_v4().to_string()))
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

/// One request's id: the client's, or one that was made when something asked for it. It travels in the request's
/// extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestIdCell(Arc<OnceLock<RequestId>>);

impl RequestIdCell {
    /// The cell of this request, with the client's id if it has chosen one.
    pub(crate) fn of(request: &mut Request) -> Self {
        let given = RequestId::given(request.headers());
        let cell = request.extensions_mut().get_or_insert_default::<Self>();
        if let Some(given) = given {
            cell.0.get_or_init(|| given);
        }
        cell.clone()
    }

    /// Puts the id into the answer, if there is one.
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
