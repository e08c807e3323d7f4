//! Extractors of ours, beside axum's. Those that read the request are tuple structs to take apart in the argument list.

mod cookies;
mod headers;
mod peer;
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
    request_head::{join_cookies, unify},
    request_id::RequestIdCell,
    response_headers::PendingAnswer,
};
