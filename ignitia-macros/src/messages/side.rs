//! The side that sends the messages.

/// The side that sends the messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

impl Side {
    /// Returns the name of the direction in Serde's attributes.
    pub(super) fn serde_direction(self) -> &'static str {
        match self {
            Self::Client => "deserialize",
            Self::Server => "serialize",
        }
    }

    /// Returns Serde's attributes that skip something in this direction.
    pub(super) fn skip_attributes(self) -> [&'static str; 2] {
        match self {
            Self::Client => ["skip", "skip_deserializing"],
            Self::Server => ["skip", "skip_serializing"],
        }
    }

    /// Returns Serde's attributes that put another type on the wire.
    pub(super) fn replacement_attributes(self) -> &'static [&'static str] {
        match self {
            Self::Client => &["from", "try_from"],
            Self::Server => &["into"],
        }
    }

    /// Returns Serde's attributes that leave the format of a field or variant to a function.
    pub(super) fn custom_attributes(self) -> [&'static str; 2] {
        match self {
            Self::Client => ["with", "deserialize_with"],
            Self::Server => ["with", "serialize_with"],
        }
    }
}
