//! Extractors of our own, beside axum's. Those that read the request are tuple structs, to be
//! destructured in the argument list.

mod cookies;
mod headers;
mod peer;
mod pending_response;
mod request_head;
mod request_id;
mod response_headers;

pub use self::{
    cookies::{CookieMap, Cookies},
    headers::Headers,
    peer::Peer,
    request_id::RequestId,
    response_headers::ResponseHeaders,
};
pub(crate) use self::{
    pending_response::PendingResponse,
    request_head::{add_host, join_cookies, normalize_headers},
};
