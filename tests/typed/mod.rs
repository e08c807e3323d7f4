//! Typed messages: derives, decoding, replies, malformed input.

mod attributes;
mod error_budget;
mod errors;
mod ids;
mod later_replies;
mod malformed;
mod mangler;
mod order;
mod policies;
mod replies;
mod representations;
mod serde_equivalence;
mod typed_connection;
