//! A reference decoder for RFC 6455, section 5, and RFC 7692, section 6.2. It has the whole input,
//! and prefers simplicity to speed.

use super::input::FrameLimits;
use crate::deflate::{Inflated, Refusal, inflate};

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
    /// Message that is too big, and that is not what it should be at nearly the same place: code
    /// 1007 or 1009.
    TooBigAndInvalid,
    /// Compressed message that is broken before its end. That may be noticed a little later: only
    /// once a table is complete, for example. So what follows may count as well.
    BrokenBeforeItsEnd,
    /// End of the bytes without a close frame.
    Missing,
}

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;

/// Bit of the first frame of a compressed message.
const COMPRESSED: u8 = 0x40;

/// Compression that was agreed on.
#[derive(Debug, Clone, Copy)]
pub struct ClientCompression {
    /// Bits of the window of the messages before, if a message may refer to them.
    pub context: Option<u8>,
}

/// A message whose last fragment is missing.
struct PartialMessage {
    opcode: u8,
    /// As it has arrived.
    payload: Vec<u8>,
    is_compressed: bool,
    declared: u64,
    fragments: usize,
}

/// Decoder at some place of the bytes.
struct ClientDecoder {
    limits: FrameLimits,
    compression: Option<ClientCompression>,
    /// Compressed messages so far, as far as the next one may refer to them.
    context: Vec<u8>,
    partial: Option<PartialMessage>,
    transcript: ClientTranscript,
}

pub fn decode_client(
    mut bytes: &[u8],
    limits: FrameLimits,
    compression: Option<ClientCompression>,
) -> ClientTranscript {
    let (context, partial, transcript) = Default::default();
    let mut decoder = ClientDecoder { limits, compression, context, partial, transcript };
    loop {
        if let Err(end) = frame(&mut bytes, &mut decoder) {
            decoder.transcript.end = Some(end);
            return decoder.transcript;
        }
    }
}

fn frame(bytes: &mut &[u8], decoder: &mut ClientDecoder) -> Result<(), ClientEnd> {
    let ClientDecoder { limits, compression, partial, transcript, .. } = decoder;
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
    let is_compressed = reserved == COMPRESSED && compression.is_some() && matches!(opcode, TEXT | BINARY);
    if reserved != 0 && !is_compressed || !is_known || !is_masked || !is_shortest || !is_control_good {
        return Err(ClientEnd::Violation(1002));
    }
    let mask: [u8; 4] = take(bytes)?;
    if !is_control {
        match (opcode, &partial) {
            (0, None) | (1.., Some(_)) => return Err(ClientEnd::Violation(1002)),
            (0, Some(_)) => {}
            _ => {
                let payload = Vec::new();
                let message = PartialMessage { opcode, payload, is_compressed, declared: 0, fragments: 0 };
                *partial = Some(message);
            }
        }
        if let Some(partial) = partial {
            partial.declared = partial.declared.saturating_add(length);
            partial.fragments += 1;
            let slack = if partial.is_compressed { limits.message / 8 + 64 } else { 0 };
            if partial.declared > (limits.message + slack) as u64 {
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
    let content = decoder.content(&message, is_over)?;
    if !is_whole {
        return Err(ClientEnd::Missing);
    }
    if !is_final {
        decoder.partial = Some(message);
        return Ok(());
    }
    if message.is_compressed {
        decoder.remember(&content);
    }
    decoder.transcript.data.push((message.opcode, content));
    Ok(())
}

impl ClientDecoder {
    /// Returns what has arrived of a message, decompressed.
    fn content(&self, message: &PartialMessage, is_over: bool) -> Result<Vec<u8>, ClientEnd> {
        let Inflated { bytes, refusal } = if message.is_compressed {
            inflate(&self.context, &message.payload, is_over, self.limits.message)
        } else {
            Inflated { bytes: message.payload.clone(), refusal: None }
        };
        // A character may go on in the next fragment.
        let is_end = is_over && refusal.is_none();
        let is_invalid = message.opcode == TEXT
            && str::from_utf8(&bytes).is_err_and(|error| is_end || error.error_len().is_some());
        match refusal {
            Some(Refusal::TooBig) if !is_invalid => Err(ClientEnd::Violation(1009)),
            Some(Refusal::TooBig | Refusal::BrokenAndTooBig) => Err(ClientEnd::TooBigAndInvalid),
            Some(Refusal::Broken) if !is_over => Err(ClientEnd::BrokenBeforeItsEnd),
            Some(Refusal::Broken) => Err(ClientEnd::Violation(1007)),
            None if is_invalid => Err(ClientEnd::Violation(1007)),
            None => Ok(bytes),
        }
    }

    /// Appends a compressed message to what the next one may refer to.
    fn remember(&mut self, content: &[u8]) {
        if let Some(bits) = self.compression.and_then(|compression| compression.context) {
            self.context.extend_from_slice(content);
            self.context.drain(..self.context.len().saturating_sub(1 << bits));
        }
    }
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
