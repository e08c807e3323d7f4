//! The tools of these tests, against each other and the examples of the RFC.

use super::{
    blocks::{Blocks, Symbols::*},
    inspection::{Inspection, inspect},
    peer::{PeerDeflater, PeerInflater, compress},
};
use crate::support::Dice;

/// Examples of RFC 7692, section 7.2.3: sections 7.2.3.1, 7.2.3.3 and 7.2.3.5.
#[test]
fn blocks_by_hand_are_those_of_the_rfc() {
    let hello = Blocks::new().fixed(&[Literals(b"Hello")]);
    assert_eq!(hello.message(), [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    let stored = Blocks::new().stored(b"Hello").message();
    assert_eq!(stored, [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]);
    let last = Blocks::new().last(&[Literals(b"Hello")]).align().message();
    assert_eq!(last, [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]);
    let (first, second) = (&[Literals(b"He")][..], &[Literals(b"llo")][..]);
    let two = Blocks::new().fixed(first).stored(b"").fixed(second).message();
    let expected = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(two, expected);
    assert_eq!(Blocks::new().message(), [0x00]);
}

#[test]
fn all_three_implementations_agree() {
    let mut dice = Dice(7);
    let (mut deflater, mut inflater) = (PeerDeflater::new(true), PeerInflater::new(true));
    let mut context = Vec::new();
    for round in 0..60 {
        let letters = 1 + dice.roll(200);
        let message: Vec<u8> = (0..dice.roll(3_000)).map(|_| dice.roll(letters) as u8).collect();
        assert_eq!(inspect(b"", &compress(&message)).text, message, "round {round}");
        let compressed = deflater.compress(&message);
        assert_eq!(inspect(&context, &compressed).text, message, "round {round}");
        assert_eq!(inflater.inflate(&compressed), message, "round {round}");
        context.extend_from_slice(&message);
    }
}

#[test]
fn distances_are_found() {
    for distance in [1, 4, 5, 257, 4_095, 4_096, 4_097, 32_767, 32_768] {
        let context: Vec<u8> = (0..40_000_u32).map(|n| (n / 7 % 251) as u8).collect();
        let message = Blocks::new().fixed(&[Literals(b"abc"), Copy { length: 258, distance }]).message();
        let Inspection { text, farthest, context: used } = inspect(&context, &message);
        assert_eq!((text.len(), farthest, used), (261, distance, distance.saturating_sub(3)));
        let mut inflater = PeerInflater::new(true);
        inflater.inflate(&compress(&context));
        assert_eq!(inflater.inflate(&message), text);
    }
}
