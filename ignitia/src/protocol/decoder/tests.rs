use super::*;

const LIMITS: MessageLimits = MessageLimits {
    max_message_size: 1 << 20,
    max_fragments: 131_072,
    reassembly_exceeded: CloseCode::TRY_AGAIN_LATER,
};

const MASK: [u8; 4] = [0xa1, 0x02, 0x3b, 0xff];

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        n @ 0..=125 => bytes.push(0x80 | n as u8),
        n @ 126..=65_535 => {
            bytes.push(0xfe);
            bytes.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            bytes.push(0xff);
            bytes.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// Messages, and the violation behind them.
type Decoded = (Vec<Message>, Option<ProtocolViolation>);

/// Decodes `bytes` that arrive in pieces of `step`.
fn decode(limits: MessageLimits, bytes: &[u8], step: usize) -> Decoded {
    let decoded = decode_by(limits, bytes, step, |_, _, _| None);
    let with_short_texts = decode_by(limits, bytes, step, short_texts);
    assert!(decoded == with_short_texts, "short texts are decoded differently in pieces of {step}");
    decoded
}

/// Decodes `bytes` that arrive in pieces of `step`. `first` decodes the messages that it is for.
fn decode_by(
    limits: MessageLimits,
    bytes: &[u8],
    step: usize,
    first: impl Fn(&mut Decoder, &mut &mut [u8], &mut Vec<Message>) -> Option<ProtocolViolation>,
) -> Decoded {
    let mut decoder = Decoder::new(limits, None, None);
    let mut decoded = Vec::new();
    for mut piece in bytes.to_vec().chunks_mut(step) {
        loop {
            if let Some(violation) = first(&mut decoder, &mut piece, &mut decoded) {
                return (decoded, Some(violation));
            }
            match decoder.decode(&mut piece) {
                Ok(Some(message)) => decoded.push(message),
                Ok(None) => break,
                Err(violation) => return (decoded, Some(violation)),
            }
            decoder.shrink();
        }
        assert!(piece.is_empty(), "bytes are left over");
    }
    (decoded, None)
}

/// Decodes the short texts in front, alone or as a batch.
fn short_texts(
    decoder: &mut Decoder,
    piece: &mut &mut [u8],
    decoded: &mut Vec<Message>,
) -> Option<ProtocolViolation> {
    match decoder.decode_lone_text(piece) {
        Some(Ok(text)) => decoded.push(Message::Text(text.to_owned())),
        Some(Err(violation)) => return Some(violation),
        None => {}
    }
    let batch = decoder.decode_short_texts(piece, BatchLimit { messages: 3, bytes: 1 << 10 });
    let (texts, is_valid) = batch.validate();
    let mut rest = texts.joined;
    for length in texts.lengths {
        let (text, behind) = rest.split_at((*length).into());
        decoded.push(Message::Text(text.to_owned()));
        rest = behind;
    }
    (!is_valid).then_some(NOT_UTF_8)
}

fn refused(limits: MessageLimits, bytes: &[u8]) -> u16 {
    let codes = [1, bytes.len()].map(|step| decode(limits, bytes, step).1.expect("a violation").code);
    assert_eq!(codes[0], codes[1], "the verdict depends on how the bytes arrive");
    codes[0]
}

#[test]
fn every_kind_in_pieces_of_every_size() {
    let long = "ü".repeat(40_000);
    let mut bytes = frame(0x81, b"one");
    bytes.extend(frame(0x01, "tw\u{f6}".as_bytes()));
    bytes.extend(frame(0x89, b"ping"));
    bytes.extend(frame(0x00, b""));
    bytes.extend(frame(0x80, b"!"));
    bytes.extend(frame(0x82, &[7; 300]));
    bytes.extend(frame(0x8a, b""));
    bytes.extend(frame(0x81, long.as_bytes()));
    bytes.extend(frame(0x81, b""));
    bytes.extend(frame(0x88, b"\x03\xe8bye"));
    let text = |text: &str| Message::Text(text.to_owned());
    let expected = [
        text("one"),
        Message::Ping("ping".into()),
        text("tw\u{f6}!"),
        Message::Binary(vec![7; 300].into()),
        Message::Pong("".into()),
        text(&long),
        text(""),
        Message::Close(Some(CloseFrame { code: 1000, reason: "bye".into() })),
    ];
    for step in [1, 2, 3, 5, 7, 13, 14, 15, 100, 1_023, 4_096, bytes.len()] {
        let (decoded, violation) = decode(LIMITS, &bytes, step);
        assert_eq!(violation, None, "pieces of {step}");
        assert!(decoded == expected, "pieces of {step}");
    }
}

/// Covers whole and partial frames, the short way and tungstenite's: every length up to several
/// words, every position of a bad byte.
#[test]
fn how_a_frame_arrives_makes_no_difference() {
    let limits = LIMITS;
    for length in 0..40 {
        let binary = frame(0x82, &(0..length).collect::<Vec<u8>>());
        let text = frame(0x81, &vec![b'x'; length.into()]);
        for bytes in [&binary, &text] {
            assert_eq!(decode(limits, bytes, bytes.len()), decode(limits, bytes, 1));
            assert_eq!(decode(limits, bytes, bytes.len()).0.len(), 1);
        }
        for position in 6..text.len() {
            let mut broken = text.clone();
            broken[position] ^= 0x80;
            assert_eq!(refused(limits, &broken), 1007);
        }
    }
}

#[test]
fn headers_that_are_refused() {
    let limits = MessageLimits { max_message_size: 1_000, max_fragments: 3, ..LIMITS };
    let unmasked = [0x81, 0x01, b'x'];
    let not_shortest = [0x81, 0xfe, 0, 5, 0, 0, 0, 0];
    let top_bit = [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let declared = [0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    for (name, bytes, code) in [
        ("reserved bit", frame(0xc1, b"x"), 1002),
        ("reserved data opcode", frame(0x83, b"x"), 1002),
        ("reserved control opcode", frame(0x8b, b"x"), 1002),
        ("unmasked", unmasked.to_vec(), 1002),
        ("length not in its shortest form", not_shortest.to_vec(), 1002),
        ("length with its top bit", top_bit.to_vec(), 1002),
        ("fragmented ping", frame(0x09, b"x"), 1002),
        ("ping of 126", frame(0x89, &[0; 126])[..8].to_vec(), 1002),
        ("continuation of nothing", frame(0x80, b"x"), 1002),
        ("text in the middle", [frame(0x01, b"x"), frame(0x81, b"y")].concat(), 1002),
        ("16 MiB declared", declared.to_vec(), 1009),
        ("1001 bytes declared", frame(0x82, &[0; 1_001])[..8].to_vec(), 1009),
        ("too big in sum", [frame(0x02, &[0; 600]), frame(0x80, &[0; 401])[..8].to_vec()].concat(), 1009),
        ("four fragments", [frame(0x01, b""), frame(0, b""), frame(0, b""), frame(0, b"")].concat(), 1008),
        ("not UTF-8", frame(0x81, b"\xff"), 1007),
        ("UTF-8 broken by the end", frame(0x81, b"\xc3"), 1007),
        ("close of one byte", frame(0x88, b"\x03"), 1002),
        ("close with 1005", frame(0x88, b"\x03\xed"), 1002),
        ("close with 999", frame(0x88, b"\x03\xe7"), 1002),
        ("close reason not UTF-8", frame(0x88, b"\x03\xe8\xff"), 1007),
    ] {
        assert_eq!(refused(limits, &bytes), code, "{name}");
    }
}

#[test]
fn limits_are_inclusive() {
    let limits = MessageLimits { max_message_size: 1_000, max_fragments: 3, ..LIMITS };
    let exact = [frame(0x02, &[0; 600]), frame(0x00, &[0; 400]), frame(0x80, b"")].concat();
    assert_eq!(decode(limits, &exact, 64).0.len(), 1);
}

#[test]
fn broken_text_is_noticed_before_its_frame_is_complete() {
    let mut bytes = frame(0x81, "κόσμε\u{10ffff}edited".as_bytes());
    let end = bytes.len();
    bytes[end - 8] ^= 0xff;
    let mut decoder = Decoder::new(LIMITS, None, None);
    let mut seen = 0;
    let violation = bytes[..end - 4].iter().find_map(|byte| {
        seen += 1;
        decoder.decode(&mut &mut [*byte][..]).err()
    });
    assert_eq!(violation.map(|violation| violation.code), Some(1007));
    assert!(seen < end - 4);
}
