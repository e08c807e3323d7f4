//! A decoder for a server's bytes: the answer to the handshake, and frames.

/// The frames of a server, in order within each kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ServerTranscript {
    pub data: Vec<(u8, Vec<u8>)>,
    pub pongs: Vec<Vec<u8>>,
    /// Code of the close frame, or 1005 if it has none.
    pub close: u16,
}

/// Decodes all frames after the 101.
///
/// # Panics
///
/// If a frame violates the protocol, or if the last frame is not a close frame.
pub fn decode_server(sent: &[u8]) -> ServerTranscript {
    let head = sent.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer to the handshake");
    assert!(sent.starts_with(b"HTTP/1.1 101 "), "a valid handshake is refused");
    let mut rest = &sent[head + 4..];
    let mut transcript = ServerTranscript::default();
    while transcript.close == 0 {
        let (opcode, payload) = frame(&mut rest);
        match opcode {
            1 | 2 => transcript.data.push((opcode, payload)),
            10 => transcript.pongs.push(payload),
            8 => {
                transcript.close = match payload[..] {
                    [] => 1005,
                    [high, low, ref reason @ ..] => {
                        assert!(str::from_utf8(reason).is_ok(), "a reason that is not UTF-8");
                        u16::from_be_bytes([high, low])
                    }
                    _ => panic!("half a close code"),
                };
            }
            opcode => panic!("a frame with opcode {opcode}"),
        }
    }
    assert!(rest.is_empty(), "something follows the close frame");
    transcript
}

fn frame(bytes: &mut &[u8]) -> (u8, Vec<u8>) {
    let [first, second, rest @ ..] = bytes else { panic!("no close frame at the end") };
    let opcode = first.checked_sub(0x80).expect("messages go out in one frame");
    let (length, rest) = match second {
        0..=125 => (u64::from(*second), rest),
        126 => {
            let (length, rest) = rest.split_first_chunk().expect("a whole header");
            (u16::from_be_bytes(*length).into(), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk().expect("a whole header");
            (u64::from_be_bytes(*length), rest)
        }
        _ => panic!("a server's frame is masked"),
    };
    assert!(opcode < 8 || length <= 125, "a control frame of {length} bytes");
    let (payload, rest) = rest.split_at(usize::try_from(length).expect("a length"));
    *bytes = rest;
    (opcode, payload.to_vec())
}
