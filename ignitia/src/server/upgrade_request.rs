//! Upgrade requests that our own server reads, without hyper.

use std::mem::MaybeUninit;

use axum::extract::Request;
use axum_core::body::Body;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING, UPGRADE},
};

use crate::router::UpgradePaths;

/// Most headers of such a request. hyper reads those with more.
const MAX_HEADERS: usize = 32;

/// Reads a request for a WebSocket on one of these paths, which has no body and came as a whole.
/// Returns it, and the bytes behind it. Everything else is hyper's to read, and to refuse.
pub(super) fn upgrade_request(bytes: &Bytes, paths: &UpgradePaths) -> Option<(Request, Bytes)> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut []);
    let length = match head.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) | Err(_) => return None,
    };
    let target = head.path?;
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    // A path with escapes has to be normalized first.
    let is_ours = !path.contains('%') && paths.contains(path);
    if head.method != Some("GET") || head.version != Some(1) || !is_ours {
        return None;
    }
    let mut map = HeaderMap::with_capacity(head.headers.len());
    let mut is_websocket = false;
    for header in head.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        let value = HeaderValue::from_maybe_shared(bytes.slice_ref(header.value)).ok()?;
        match name {
            CONTENT_LENGTH | TRANSFER_ENCODING | EXPECT => return None,
            UPGRADE => is_websocket |= header.value.eq_ignore_ascii_case(b"websocket"),
            _ => {}
        }
        map.append(name, value);
    }
    if !is_websocket {
        return None;
    }
    let mut request = Request::new(Body::empty());
    // Its method is GET and its version HTTP/1.1 by default.
    *request.uri_mut() = Uri::from_maybe_shared(bytes.slice_ref(target.as_bytes())).ok()?;
    *request.headers_mut() = map;
    Some((request, bytes.slice(length..)))
}
