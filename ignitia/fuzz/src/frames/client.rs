//! From an input to the bytes of a client.

use arbitrary::{Arbitrary, Unstructured};

/// How the bytes behind it come in: as they stand, or made of descriptions of frames.
#[derive(Debug, Arbitrary)]
pub struct Plan {
    size: u8,
    fragments: u8,
    /// The sizes of the pieces in which the bytes arrive.
    pub cuts: [u8; 3],
    /// So many come with the request.
    pub early: u8,
    /// What one write takes.
    pub width: u8,
    described: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub message: usize,
    pub fragments: usize,
}

impl Plan {
    pub fn limits(&self) -> Limits {
        let message = [1 << 20, 125, 300, 0, 70_000, 200_000][usize::from(self.size % 6)];
        let fragments = [131_072, 1, 3, 0][usize::from(self.fragments % 4)];
        Limits { message, fragments }
    }
}

/// The bytes that the client sends.
pub fn wire(plan: &Plan, mut rest: Unstructured<'_>) -> Vec<u8> {
    if !plan.described {
        return rest.take_rest().to_vec();
    }
    let mut wire = Vec::new();
    while !rest.is_empty() && wire.len() < 1 << 20 {
        if frame(&mut rest, &mut wire).is_err() {
            break;
        }
    }
    wire
}

fn frame(u: &mut Unstructured<'_>, wire: &mut Vec<u8>) -> arbitrary::Result<()> {
    let (first, kind) = (u.arbitrary::<u8>()?, u.arbitrary::<u8>()?);
    let payload = match kind % 8 {
        0..=3 => {
            let length = u.arbitrary::<u8>()?;
            u.bytes(usize::from(length).min(u.len()))?.to_vec()
        }
        4 => repeated(u, |u| u.arbitrary::<u8>().map(u32::from))?,
        5 => repeated(u, |u| u.arbitrary::<u16>().map(u32::from))?,
        6 => repeated(u, |u| u.arbitrary())?,
        // Whatever a header may be, and nothing behind it.
        _ => {
            let length = usize::from(u.arbitrary::<u8>()?) % 15;
            wire.push(first);
            wire.extend_from_slice(u.bytes(length.min(u.len()))?);
            return Ok(());
        }
    };
    let mask: [u8; 4] = u.arbitrary()?;
    wire.push(first);
    match payload.len() {
        n @ 0..=125 => wire.push(0x80 | n as u8),
        n @ 126..=0xffff => {
            wire.push(0xfe);
            wire.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            wire.push(0xff);
            wire.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    wire.extend_from_slice(&mask);
    wire.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    Ok(())
}

/// Up to four bytes, over and over: little input for a large payload.
fn repeated(
    u: &mut Unstructured<'_>,
    times: impl FnOnce(&mut Unstructured<'_>) -> arbitrary::Result<u32>,
) -> arbitrary::Result<Vec<u8>> {
    let length = usize::from(u.arbitrary::<u8>()?) % 4 + 1;
    let pattern = u.bytes(length.min(u.len()))?;
    let times = times(u)? as usize % 100_000;
    Ok(pattern.repeat(times))
}
