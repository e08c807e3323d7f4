//! Extractors: values that a handler takes from the request and from the router.

mod body;
mod extension;
mod path;
mod query;
mod request_head;
mod several;
mod state;
