//! Inspects syntax. These helpers know syn's types only, so that every stage can use them.

pub(super) mod arguments;
pub(super) mod attributes;
pub(super) mod connection;
pub(super) mod hook_names;
pub(super) mod patterns;
pub(super) mod types;
