//! A decoder for a server's bytes: the answer to the handshake, and frames.

/// The frames of a server, in order within each kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ServerTranscript {
    pub data: Vec<(u8, Vec<u8>)>,
    pub pongs: Vec<Vec<u8>>,
    /// Code of the close frame, or 1005 if it has none.
    pub close: u16,
}

/// Frame of a server.
#[derive(Debug)]
pub struct ServerFrame {
    pub opcode: u8,
    pub is_compressed: bool,
    pub payload: Vec<u8>,
}

/// Decodes all frames after the 101.
///
/// # Panics
///
/// If a frame violates the protocol, or if the last frame is not a close frame.
pub fn decode_server(sent: &[u8]) -> ServerTranscript {
    let mut transcript = ServerTranscript::default();
    for ServerFrame { opcode, is_compressed, payload } in server_frames(sent) {
        assert!(!is_compressed, "a compressed frame");
        match opcode {
            1 | 2 => transcript.data.push((opcode, payload)),
            10 => transcript.pongs.push(payload),
            _ => transcript.close = close_code(&payload),
        }
    }
    transcript
}

/// Returns all frames after the 101. Only the last one is a close frame.
///
/// # Panics
///
/// As [`decode_server`].
pub fn server_frames(sent: &[u8]) -> Vec<ServerFrame> {
    let head = sent.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer to the handshake");
    assert!(sent.starts_with(b"HTTP/1.1 101 "), "a valid handshake is refused");
    let mut rest = &sent[head + 4..];
    let mut frames = Vec::new();
    loop {
        let frame = frame(&mut rest);
        let is_last = frame.opcode == 8;
        assert!(matches!(frame.opcode, 1 | 2 | 8 | 10), "a frame with opcode {}", frame.opcode);
        frames.push(frame);
        if is_last {
            break;
        }
    }
    assert!(rest.is_empty(), "something follows the close frame");
    frames
}

/// Returns the code of a close frame, or 1005 if it has none.
///
/// # Panics
///
/// If its payload is malformed.
pub fn close_code(payload: &[u8]) -> u16 {
    match *payload {
        [] => 1005,
        [high, low, ref reason @ ..] => {
            assert!(str::from_utf8(reason).is_ok(), "a reason that is not UTF-8");
            u16::from_be_bytes([high, low])
        }
        _ => panic!("half a close code"),
    }
}

fn frame(bytes: &mut &[u8]) -> ServerFrame {
    let [first, second, rest @ ..] = bytes else { panic!("no close frame at the end") };
    let first = first.checked_sub(0x80).expect("messages go out in one frame");
    let (opcode, is_compressed) = (first & !0x40, first & 0x40 != 0);
    assert!(opcode < 16 && (opcode < 8 || !is_compressed), "reserved bits: {first:x}");
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
    ServerFrame { opcode, is_compressed, payload: payload.to_vec() }
}
