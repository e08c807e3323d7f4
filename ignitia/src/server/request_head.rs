use axum_core::response::Response;
use http::{HeaderMap, Request, StatusCode, Uri, header::CONNECTION, uri::PathAndQuery};
use hyper_util::server::conn::auto;

use super::{ServerConfig, http2::Tracked};
use crate::{
    extract::{join_cookies, unify},
    path::normalised,
};

/// The least that hyper's buffers can be told.
const LEAST_BYTES: usize = 8 << 10;

/// As many as hyper reads without memory of its own for them.
const HYPERS_HEADERS: usize = 100;

/// What the head of a request may be, over both versions of HTTP.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadLimits {
    bytes: usize,
    headers: usize,
}

impl From<&ServerConfig> for HeadLimits {
    fn from(config: &ServerConfig) -> Self {
        Self { bytes: config.max_head_bytes.max(LEAST_BYTES), headers: config.max_headers }
    }
}

impl HeadLimits {
    /// Bounds what hyper reads. Its bounds are those of its buffers: it depends on the pieces in which a head comes what else
    /// fits into them.
    pub(super) fn configure(self, builder: &mut auto::Builder<Tracked>) {
        builder.http1().max_buf_size(self.bytes);
        if self.headers > HYPERS_HEADERS {
            builder.http1().max_headers(self.headers);
        }
        builder.http2().max_header_list_size(u32::try_from(self.bytes).unwrap_or(u32::MAX));
    }

    /// Makes the head of a request the same over both versions of HTTP, and its path the same however it is encoded; gives the answer to
    /// one that is too large.
    pub(super) fn check<B>(self, request: &mut Request<B>) -> Option<Response> {
        join_cookies(request.headers_mut());
        let uri = request.uri().clone();
        let line = request.method().as_str().len() + length(&uri) + "  HTTP/1.1\r\n".len();
        let bytes = line + size(request.headers()) + "\r\n".len();
        if request.headers().len() <= self.headers && bytes <= self.bytes {
            unify(request.version(), &uri, request.headers_mut());
            if let Some(normal) = normalised(uri.path()).and_then(|path| with_path(uri, &path)) {
                *request.uri_mut() = normal;
            }
            return None;
        }
        let mut refusal = Response::default();
        *refusal.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        if request.version() < http::Version::HTTP_2 {
            // As hyper does.
            refusal.headers_mut().insert(CONNECTION, http::HeaderValue::from_static("close"));
        }
        Some(refusal)
    }
}

/// The same target with another path.
fn with_path(uri: Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.into_parts();
    let query = parts.path_and_query.as_ref().and_then(PathAndQuery::query);
    let target = query.map_or(path.to_owned(), |query| format!("{path}?{query}"));
    parts.path_and_query = Some(target.try_into().ok()?);
    Uri::from_parts(parts).ok()
}

/// The length of a target as it is written.
fn length(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + "://".len());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    scheme + authority + uri.path_and_query().map_or(0, |rest| rest.as_str().len())
}

/// The size of header lines as HTTP/1.1 writes them.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}
