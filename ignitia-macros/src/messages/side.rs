//! The sender of messages.

/// Who sends the messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

impl Side {
    /// How serde's attributes call the direction.
    pub(super) fn serde_direction(self) -> &'static str {
        match self {
            Self::Client => "deserialize",
            Self::Server => "serialize",
        }
    }

    /// serde's attributes that leave something out in this direction.
    pub(super) fn skip_attributes(self) -> [&'static str; 2] {
        match self {
            Self::Client => ["skip", "skip_deserializing"],
            Self::Server => ["skip", "skip_serializing"],
        }
    }

    /// serde's attributes that put another type on the wire.
    pub(super) fn replacement_attributes(self) -> &'static [&'static str] {
        match self {
            Self::Client => &["from", "try_from"],
            Self::Server => &["into"],
        }
    }

    /// serde's attributes that give the form of something to a function.
    pub(super) fn custom_attributes(self) -> [&'static str; 2] {
        match self {
            Self::Client => ["with", "deserialize_with"],
            Self::Server => ["with", "serialize_with"],
        }
    }
}
