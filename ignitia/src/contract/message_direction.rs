//! Directions of messages.

/// Direction of a message, seen from the server. serde may read another form of a type than it
/// writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum MessageDirection {
    /// Read by the server.
    Received,
    /// Written by the server.
    Sent,
}

impl MessageDirection {
    /// Returns the suffix of a definition that is another one in the other direction.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Received => "Input",
            Self::Sent => "Output",
        }
    }
}
