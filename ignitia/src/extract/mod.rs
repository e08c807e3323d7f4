//! Extractors of ours, beside axum's. Every one is a tuple struct to take apart in the argument list.

mod cookies;
mod headers;
mod request_head;
mod request_id;

pub use self::{
    cookies::{CookieMap, Cookies},
    headers::Headers,
    request_id::RequestId,
};
pub(crate) use self::{
    request_head::{join_cookies, unify},
    request_id::RequestIdCell,
};
