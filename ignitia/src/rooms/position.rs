//! Position in a room's history.

use std::{fmt, str::FromStr};

/// Position in a room's history: the number of a message, within one life of the room.
///
/// On the wire it is a string, `epoch.offset`, in the field `$at` of every message of a room with
/// history. A client that comes back shows the last position that it saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Its upper half tells apart the lives of a room, the lower one the messages that had the same
    /// number in one life.
    pub(super) epoch: u64,
    pub(super) offset: u64,
}

impl Position {
    /// Returns the number of the room's life. All positions of one life share it.
    pub(super) fn life(self) -> u32 {
        (self.epoch >> 32) as u32
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.epoch, self.offset)
    }
}

/// Error for a text that is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParsePositionError;

impl fmt::Display for ParsePositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a position in a room's history")
    }
}

impl std::error::Error for ParsePositionError {}

impl FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, ParsePositionError> {
        let (epoch, offset) = text.split_once('.').ok_or(ParsePositionError)?;
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'.') {
            return Err(ParsePositionError);
        }
        let epoch = u64::from_str_radix(epoch, 16).map_err(|_| ParsePositionError)?;
        Ok(Self { epoch, offset: offset.parse().map_err(|_| ParsePositionError)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_text_and_back() {
        for position in [Position { epoch: 0, offset: 0 }, Position { epoch: u64::MAX, offset: u64::MAX }] {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        for text in
            ["", ".", "1", "1.", ".1", "g.1", "1.x", "1.-1", "1.+1", "+1.1", "11111111111111111.1", "1.1.1"]
        {
            assert_eq!(text.parse::<Position>(), Err(ParsePositionError), "{text}");
        }
    }
}
