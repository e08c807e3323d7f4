//! RFC 6455, section 5, in the plainest words: the whole input is there, and nothing is fast.

use super::client::Limits;

/// What a client has said.
#[derive(Debug, Default)]
pub struct Said {
    /// Texts and binary messages, as opcode and payload.
    pub data: Vec<(u8, Vec<u8>)>,
    /// Pings and pongs.
    pub controls: Vec<(u8, Vec<u8>)>,
    pub end: Option<End>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its close frame: the code and the reason, or nothing.
    Close(Option<(u16, String)>),
    /// It has broken the protocol, for which this code stands.
    Violation(u16),
    /// Nothing more came.
    Missing,
}

const TEXT: u8 = 1;
const CLOSE: u8 = 8;

/// What is under way of a message.
struct Begun {
    opcode: u8,
    payload: Vec<u8>,
    announced: u64,
    fragments: usize,
}

pub fn listen(mut bytes: &[u8], limits: Limits) -> Said {
    let mut said = Said::default();
    let mut begun = None;
    while said.end.is_none() {
        if let Err(end) = frame(&mut bytes, limits, &mut begun, &mut said) {
            said.end = Some(end);
        }
    }
    said
}

fn frame(bytes: &mut &[u8], limits: Limits, begun: &mut Option<Begun>, said: &mut Said) -> Result<(), End> {
    let [first, second] = take(bytes)?;
    let (is_final, reserved, opcode) = (first & 0x80 != 0, first & 0x70, first & 0x0f);
    let (is_masked, short) = (second & 0x80 != 0, second & 0x7f);
    let is_control = opcode >= CLOSE;
    let length = match short {
        126 => u64::from(u16::from_be_bytes(take(bytes)?)),
        127 => u64::from_be_bytes(take(bytes)?),
        short => u64::from(short),
    };
    let is_shortest = match short {
        126 => length > 125,
        127 => length > 0xffff && length < 1 << 63,
        _ => true,
    };
    let is_known = matches!(opcode, 0..=2 | 8..=10);
    let is_control_good = !is_control || is_final && length <= 125;
    if reserved != 0 || !is_known || !is_masked || !is_shortest || !is_control_good {
        return Err(End::Violation(1002));
    }
    let mask: [u8; 4] = take(bytes)?;
    if !is_control {
        match (opcode, &begun) {
            (0, None) | (1.., Some(_)) => return Err(End::Violation(1002)),
            (0, Some(_)) => {}
            _ => *begun = Some(Begun { opcode, payload: Vec::new(), announced: 0, fragments: 0 }),
        }
        if let Some(begun) = begun {
            begun.announced = begun.announced.saturating_add(length);
            begun.fragments += 1;
            if begun.announced > limits.message as u64 {
                return Err(End::Violation(1009));
            }
            if begun.fragments > limits.fragments {
                return Err(End::Violation(1008));
            }
        }
    }
    let there = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
    let is_whole = there as u64 == length;
    let (masked, rest) = bytes.split_at(there);
    *bytes = rest;
    let payload: Vec<u8> = masked.iter().enumerate().map(|(n, byte)| byte ^ mask[n % 4]).collect();
    if is_control {
        if !is_whole {
            return Err(End::Missing);
        }
        if opcode == CLOSE {
            return Err(close(&payload));
        }
        said.controls.push((opcode, payload));
        return Ok(());
    }
    let Some(mut message) = begun.take() else { unreachable!("it has begun above") };
    message.payload.extend_from_slice(&payload);
    let is_over = is_final && is_whole;
    if message.opcode == TEXT
        && let Err(error) = str::from_utf8(&message.payload)
        && (is_over || error.error_len().is_some())
    {
        return Err(End::Violation(1007));
    }
    if !is_whole {
        return Err(End::Missing);
    }
    if is_final {
        said.data.push((message.opcode, message.payload));
    } else {
        *begun = Some(message);
    }
    Ok(())
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], End> {
    let Some((taken, rest)) = bytes.split_first_chunk() else { return Err(End::Missing) };
    *bytes = rest;
    Ok(*taken)
}

fn close(payload: &[u8]) -> End {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { End::Close(None) } else { End::Violation(1002) };
    };
    let code = u16::from_be_bytes([*high, *low]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return End::Violation(1002);
    }
    match str::from_utf8(reason) {
        Ok(reason) => End::Close(Some((code, reason.to_owned()))),
        Err(_) => End::Violation(1007),
    }
}
