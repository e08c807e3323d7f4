//! What a server has sent: an answer to the handshake, and frames.

/// The frames of a server, in order within each kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answers {
    pub data: Vec<(u8, Vec<u8>)>,
    pub pongs: Vec<Vec<u8>>,
    /// The code of the close frame; 1005 stands for none.
    pub close: u16,
}

/// Reads everything behind the 101.
///
/// # Panics
///
/// If a server must not send such a thing, or if there is no close frame at the end.
pub fn answers(sent: &[u8]) -> Answers {
    let head = sent.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer to the handshake");
    assert!(sent.starts_with(b"HTTP/1.1 101 "), "a valid handshake is refused");
    let mut rest = &sent[head + 4..];
    let mut answers = Answers::default();
    while answers.close == 0 {
        let (opcode, payload) = frame(&mut rest);
        match opcode {
            1 | 2 => answers.data.push((opcode, payload)),
            10 => answers.pongs.push(payload),
            8 => {
                answers.close = match payload[..] {
                    [] => 1005,
                    [high, low, ref reason @ ..] => {
                        assert!(str::from_utf8(reason).is_ok(), "a reason that is no text");
                        u16::from_be_bytes([high, low])
                    }
                    _ => panic!("half a close code"),
                };
            }
            opcode => panic!("a frame with opcode {opcode}"),
        }
    }
    assert!(rest.is_empty(), "something follows the close frame");
    answers
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
