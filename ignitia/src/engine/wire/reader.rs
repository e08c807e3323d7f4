use std::str;

use bytes::{Buf, Bytes};

/// Error for bytes that do not have the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct MalformedBytes;

/// Reader of encoded values. Lengths are four bytes, numbers are big-endian.
#[derive(Debug)]
pub(super) struct Reader(pub(super) Bytes);

impl Reader {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn u8(&mut self) -> Result<u8, MalformedBytes> {
        self.0.try_get_u8().map_err(|_| MalformedBytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, MalformedBytes> {
        self.0.try_get_u16().map_err(|_| MalformedBytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, MalformedBytes> {
        self.0.try_get_u32().map_err(|_| MalformedBytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, MalformedBytes> {
        self.0.try_get_u64().map_err(|_| MalformedBytes)
    }

    /// Reads bytes with their length in front. They are not copied.
    pub(super) fn bytes(&mut self) -> Result<Bytes, MalformedBytes> {
        let length = self.u32()? as usize;
        if length > self.0.len() { Err(MalformedBytes) } else { Ok(self.0.split_to(length)) }
    }

    pub(super) fn text(&mut self) -> Result<String, MalformedBytes> {
        let bytes = self.bytes()?;
        str::from_utf8(&bytes).map(str::to_owned).map_err(|_| MalformedBytes)
    }
}
