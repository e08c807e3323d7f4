//! Conversion of an input to the bytes of a client.

use arbitrary::{Arbitrary, Unstructured};

/// First part of an input: limits, the way in which the bytes arrive, and the form of the rest.
#[derive(Debug, Arbitrary)]
pub struct FramesInput {
    size: u8,
    fragments: u8,
    /// Sizes of the pieces in which the bytes arrive.
    pub piece_sizes: [u8; 3],
    /// Number of bytes that arrive together with the request.
    pub early: u8,
    /// Maximum size of one write.
    pub width: u8,
    /// True if the rest describes frames. Otherwise it is the bytes themselves.
    is_described: bool,
}

/// Limits of the server.
#[derive(Debug, Clone, Copy)]
pub struct FrameLimits {
    pub message: usize,
    pub fragments: usize,
}

impl FramesInput {
    pub fn limits(&self) -> FrameLimits {
        let message = [1 << 20, 125, 300, 0, 70_000, 200_000][usize::from(self.size % 6)];
        let fragments = [131_072, 1, 3, 0][usize::from(self.fragments % 4)];
        FrameLimits { message, fragments }
    }
}

/// Returns the bytes that the client sends.
pub fn client_bytes(input: &FramesInput, mut rest: Unstructured<'_>) -> Vec<u8> {
    if !input.is_described {
        return rest.take_rest().to_vec();
    }
    let mut bytes = Vec::new();
    while !rest.is_empty() && bytes.len() < 1 << 20 {
        if frame(&mut rest, &mut bytes).is_err() {
            break;
        }
    }
    bytes
}

fn frame(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> arbitrary::Result<()> {
    let (first, kind) = (u.arbitrary::<u8>()?, u.arbitrary::<u8>()?);
    let payload = match kind % 8 {
        0..=3 => {
            let length = u.arbitrary::<u8>()?;
            u.bytes(usize::from(length).min(u.len()))?.to_vec()
        }
        4 => repeated(u, |u| u.arbitrary::<u8>().map(u32::from))?,
        5 => repeated(u, |u| u.arbitrary::<u16>().map(u32::from))?,
        6 => repeated(u, |u| u.arbitrary())?,
        // An arbitrary header, without a payload.
        _ => {
            let length = usize::from(u.arbitrary::<u8>()?) % 15;
            bytes.push(first);
            bytes.extend_from_slice(u.bytes(length.min(u.len()))?);
            return Ok(());
        }
    };
    let mask: [u8; 4] = u.arbitrary()?;
    bytes.push(first);
    match payload.len() {
        n @ 0..=125 => bytes.push(0x80 | n as u8),
        n @ 126..=0xffff => {
            bytes.push(0xfe);
            bytes.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            bytes.push(0xff);
            bytes.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    Ok(())
}

/// Repeats up to four bytes, so that a short input gives a large payload.
fn repeated(
    u: &mut Unstructured<'_>,
    times: impl FnOnce(&mut Unstructured<'_>) -> arbitrary::Result<u32>,
) -> arbitrary::Result<Vec<u8>> {
    let length = usize::from(u.arbitrary::<u8>()?) % 4 + 1;
    let pattern = u.bytes(length.min(u.len()))?;
    let times = times(u)? as usize % 100_000;
    Ok(pattern.repeat(times))
}
