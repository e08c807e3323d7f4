use axum_core::response::Response;
use http::{HeaderMap, Request, StatusCode, Uri, header::CONNECTION, uri::PathAndQuery};
use hyper::server::conn::{http1, http2};

use super::config::ServerConfig;
use crate::{
    extract::{add_host, join_cookies},
    path::normalised,
};

/// Minimum size of hyper's buffers.
const MIN_BYTES: usize = 8 << 10;

/// Number of headers up to which hyper needs no allocation of its own for them.
const HYPER_MAX_HEADERS: usize = 100;

/// Limits of the head of a request, over both versions of HTTP.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadLimits {
    bytes: usize,
    pub(super) headers: usize,
}

impl From<&ServerConfig> for HeadLimits {
    fn from(config: &ServerConfig) -> Self {
        Self { bytes: config.max_head_bytes.max(MIN_BYTES), headers: config.max_headers }
    }
}

impl HeadLimits {
    /// Sets hyper's limits. They are sizes of its buffers, which may hold other data beside a head,
    /// so they are not exact: [`check`](Self::check) is.
    pub(super) fn configure_http1(self, builder: &mut http1::Builder) {
        builder.max_buf_size(self.bytes);
        if self.headers > HYPER_MAX_HEADERS {
            builder.max_headers(self.headers);
        }
    }

    /// Sets hyper's limits for HTTP/2: see [`configure_http1`](Self::configure_http1).
    pub(super) fn configure_http2<E>(self, builder: &mut http2::Builder<E>) {
        builder.max_header_list_size(u32::try_from(self.bytes).unwrap_or(u32::MAX));
    }

    /// Normalizes the head of a request: the same over both versions of HTTP, and the same path for
    /// each of its encodings. Returns the response to one that is too large.
    pub(super) fn check<B>(self, request: &mut Request<B>) -> Option<Response> {
        join_cookies(request.headers_mut());
        let uri = request.uri().clone();
        let line = request.method().as_str().len() + length(&uri) + "  HTTP/1.1\r\n".len();
        let bytes = line + size(request.headers()) + "\r\n".len();
        if request.headers().len() <= self.headers && bytes <= self.bytes {
            add_host(request.version(), &uri, request.headers_mut());
            if let Some(normal) = normalised(uri.path()).and_then(|path| with_path(uri, &path)) {
                *request.uri_mut() = normal;
            }
            return None;
        }
        let mut refusal = Response::default();
        *refusal.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        if request.version() < http::Version::HTTP_2 {
            // As hyper does for its own limits.
            refusal.headers_mut().insert(CONNECTION, http::HeaderValue::from_static("close"));
        }
        Some(refusal)
    }
}

/// Replaces the path of a request target.
fn with_path(uri: Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.into_parts();
    let query = parts.path_and_query.as_ref().and_then(PathAndQuery::query);
    let target = query.map_or(path.to_owned(), |query| format!("{path}?{query}"));
    parts.path_and_query = Some(target.try_into().ok()?);
    Uri::from_parts(parts).ok()
}

/// Returns the length of a request target as it is written.
fn length(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + "://".len());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    scheme + authority + uri.path_and_query().map_or(0, |rest| rest.as_str().len())
}

/// Returns the size of header lines as HTTP/1.1 writes them.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}
