//! A reference decoder for RFC 6455, section 5. It has the whole input, and prefers simplicity to
//! speed.

use super::input::FrameLimits;

/// Decoded bytes of a client.
#[derive(Debug, Default)]
pub struct ClientTranscript {
    /// Text and binary messages, as opcode and payload.
    pub data: Vec<(u8, Vec<u8>)>,
    /// Pings and pongs.
    pub controls: Vec<(u8, Vec<u8>)>,
    pub end: Option<ClientEnd>,
}

/// End of a client's frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEnd {
    /// Close frame, with the code and the reason if it has them.
    Close(Option<(u16, String)>),
    /// Protocol violation, with its close code.
    Violation(u16),
    /// End of the bytes without a close frame.
    Missing,
}

const TEXT: u8 = 1;
const CLOSE: u8 = 8;

/// A message whose last fragment is missing.
struct PartialMessage {
    opcode: u8,
    payload: Vec<u8>,
    declared: u64,
    fragments: usize,
}

pub fn decode_client(mut bytes: &[u8], limits: FrameLimits) -> ClientTranscript {
    let mut transcript = ClientTranscript::default();
    let mut partial = None;
    while transcript.end.is_none() {
        if let Err(end) = frame(&mut bytes, limits, &mut partial, &mut transcript) {
            transcript.end = Some(end);
        }
    }
    transcript
}

fn frame(
    bytes: &mut &[u8],
    limits: FrameLimits,
    partial: &mut Option<PartialMessage>,
    transcript: &mut ClientTranscript,
) -> Result<(), ClientEnd> {
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
        return Err(ClientEnd::Violation(1002));
    }
    let mask: [u8; 4] = take(bytes)?;
    if !is_control {
        match (opcode, &partial) {
            (0, None) | (1.., Some(_)) => return Err(ClientEnd::Violation(1002)),
            (0, Some(_)) => {}
            _ => *partial = Some(PartialMessage { opcode, payload: Vec::new(), declared: 0, fragments: 0 }),
        }
        if let Some(partial) = partial {
            partial.declared = partial.declared.saturating_add(length);
            partial.fragments += 1;
            if partial.declared > limits.message as u64 {
                return Err(ClientEnd::Violation(1009));
            }
            if partial.fragments > limits.fragments {
                return Err(ClientEnd::Violation(1008));
            }
        }
    }
    let available = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
    let is_whole = available as u64 == length;
    let (masked, rest) = bytes.split_at(available);
    *bytes = rest;
    let payload: Vec<u8> = masked.iter().enumerate().map(|(n, byte)| byte ^ mask[n % 4]).collect();
    if is_control {
        if !is_whole {
            return Err(ClientEnd::Missing);
        }
        if opcode == CLOSE {
            return Err(close(&payload));
        }
        transcript.controls.push((opcode, payload));
        return Ok(());
    }
    let Some(mut message) = partial.take() else { unreachable!("a message is partial here") };
    message.payload.extend_from_slice(&payload);
    let is_over = is_final && is_whole;
    if message.opcode == TEXT
        && let Err(error) = str::from_utf8(&message.payload)
        && (is_over || error.error_len().is_some())
    {
        return Err(ClientEnd::Violation(1007));
    }
    if !is_whole {
        return Err(ClientEnd::Missing);
    }
    if is_final {
        transcript.data.push((message.opcode, message.payload));
    } else {
        *partial = Some(message);
    }
    Ok(())
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], ClientEnd> {
    let Some((taken, rest)) = bytes.split_first_chunk() else { return Err(ClientEnd::Missing) };
    *bytes = rest;
    Ok(*taken)
}

fn close(payload: &[u8]) -> ClientEnd {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { ClientEnd::Close(None) } else { ClientEnd::Violation(1002) };
    };
    let code = u16::from_be_bytes([*high, *low]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return ClientEnd::Violation(1002);
    }
    match str::from_utf8(reason) {
        Ok(reason) => ClientEnd::Close(Some((code, reason.to_owned()))),
        Err(_) => ClientEnd::Violation(1007),
    }
}
