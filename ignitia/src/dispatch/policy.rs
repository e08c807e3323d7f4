//! Options of a typed endpoint.

/// Reaction to input that is no message.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMalformed {
    Reply,
    Close,
    Ignore,
}

/// Options of an endpoint for its messages.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub on_malformed: OnMalformed,
    /// Name of the correlation id.
    pub id: Option<&'static str>,
    /// True if binary messages are handled.
    pub takes_binary: bool,
}
