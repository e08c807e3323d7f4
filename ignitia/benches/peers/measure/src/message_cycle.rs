//! JSON messages, each different from the others, and their compressed frames.

use flate2::{Compress, Compression, FlushCompress};

use crate::{compression_mode::CompressionMode, frames::masked};

/// Bytes of a message.
const SIZE: usize = 1 << 10;

/// Number of messages. Together they are twice as long as the largest window of a compressor.
const LENGTH: usize = 64;

/// Level of the client's compressor.
const LEVEL: u32 = 6;

const NAMES: [&str; 12] = [
    "Amara Okafor",
    "Bjarne Holm",
    "Chen Wei",
    "Dina Haddad",
    "Elif Yilmaz",
    "Felipe Souza",
    "Grace Kim",
    "Hugo Martin",
    "Ines Duarte",
    "Jonas Weber",
    "Kavya Rao",
    "Liam Byrne",
];
const STATUSES: [&str; 4] = ["idle", "driving", "loading", "paused"];
const WORDS: [&str; 12] =
    ["delayed", "near", "the", "bridge", "customer", "waits", "at", "gate", "two", "new", "stop", "added"];

/// Messages of one client, which it sends in turns, again and again.
pub struct MessageCycle {
    texts: Vec<String>,
    /// Frames of two cycles. A message of the first one may not refer to messages before it, which
    /// do not exist.
    frames: Vec<Vec<u8>>,
}

impl MessageCycle {
    pub fn new(mode: CompressionMode, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let texts: Vec<String> = (0..LENGTH).map(|_| json(&mut random)).collect();
        let mut compress = Compress::new_with_window_bits(Compression::new(LEVEL), false, mode.window_bits());
        let mut frame = |text: &String| match mode {
            CompressionMode::Off => masked(mode.first_byte(), text.as_bytes()),
            _ => masked(mode.first_byte(), &compressed(&mut compress, mode, text)),
        };
        let frames = texts.iter().chain(&texts).map(&mut frame).collect();
        Self { texts, frames }
    }

    /// Returns the frame of a message, by the number of messages before it.
    pub fn frame(&self, index: usize) -> &[u8] {
        &self.frames[if index < LENGTH { index } else { LENGTH + index % LENGTH }]
    }

    pub fn text(&self, index: usize) -> &str {
        &self.texts[index % LENGTH]
    }
}

/// Returns positions of vehicles, as a server of a map would send them.
fn json(random: &mut fastrand::Rng) -> String {
    let mut pick = |list: &'static [&str]| list[random.usize(..list.len())];
    let names: Vec<&str> = (0..SIZE / 80).map(|_| pick(&NAMES)).collect();
    let statuses: Vec<&str> = (0..SIZE / 80).map(|_| pick(&STATUSES)).collect();
    let words: Vec<&str> = (0..SIZE / 4).map(|_| pick(&WORDS)).collect();
    let mut text = format!(r#"{{"type":"positions","area":{},"vehicles":["#, random.u32(1..1_000));
    for (name, status) in names.iter().zip(statuses) {
        let vehicle = format!(
            r#"{{"id":"van-{}","driver":"{name}","latitude":{:.2},"longitude":{:.2},"speed":{},"status":"{status}"}},"#,
            random.u32(100..1_000),
            52.0 + random.f64(),
            13.0 + random.f64(),
            random.u32(..130),
        );
        if text.len() + vehicle.len() > SIZE - 12 {
            break;
        }
        text += &vehicle;
    }
    text.pop();
    text += r#"],"note":""#;
    text += &words.join(" ")[..SIZE - 2 - text.len()];
    text += r#""}"#;
    text
}

/// Compresses a message as RFC 7692 says: without the last four bytes of the flush.
fn compressed(compress: &mut Compress, mode: CompressionMode, text: &str) -> Vec<u8> {
    let mut output = Vec::with_capacity(2 * SIZE);
    let before = compress.total_in();
    compress.compress_vec(text.as_bytes(), &mut output, FlushCompress::Sync).expect("valid options");
    assert_eq!(compress.total_in() - before, text.len() as u64, "there is room for the output");
    assert!(output.ends_with(&[0, 0, 0xff, 0xff]), "a flush ends the output");
    output.truncate(output.len() - 4);
    if mode == CompressionMode::Shared {
        compress.reset();
    }
    output
}
