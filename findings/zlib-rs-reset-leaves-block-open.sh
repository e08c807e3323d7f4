#!/usr/bin/env bash
# A compressor of the Rust crate zlib-rs that is reset before it has written everything makes broken data of what comes next.
#
# Installed: zlib-rs 0.6.8 (crates.io), built with the cargo that is there.
# Done: a compressor gets 128 KiB of noise and room for 64. It is reset, and gets a text and room enough, with a sync
#   flush. Python's zlib decompresses the result. This is done with level 1, with level 6, and with level 1 without the noise.
# Expected: its documentation: `reset` prepares the instance for a new stream.
# Seen: after noise and level 1 the text cannot be decompressed. Level 1 has a flag of its own for a block that is open, which
#   is not reset: the text goes on in a block that the new stream does not begin. In the other two cases it comes back.
# It matters to whoever compresses into limited room to see if it is worth it, and keeps the compressor: after the first input
#   that is not, the next one is broken, and nothing tells until somebody else cannot read it.
set -euo pipefail
source "$(dirname "$0")/common.bash"

mkdir -p deflate/src
cat >deflate/Cargo.toml <<'TOML'
[package]
name = "deflate"
version = "0.0.0"
edition = "2021"

[dependencies]
zlib-rs = { version = "=0.6.8", default-features = false, features = ["std"] }

[workspace]
TOML
cat >deflate/src/main.rs <<'RUST'
use zlib_rs::{Deflate, DeflateFlush};

fn main() {
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(128 << 10)
    .collect();
    let text = "a text that repeats itself, ".repeat(20);
    for (level, before) in [(1, &noise[..]), (6, &noise[..]), (1, b"")] {
        let mut deflate = Deflate::new(level, false, 15);
        if !before.is_empty() {
            let status = deflate.compress(before, &mut [0; 64], DeflateFlush::SyncFlush).unwrap();
            assert_eq!(deflate.total_out(), 64, "{status:?}");
            deflate.reset();
        }
        let mut output = [0; 1024];
        deflate.compress(text.as_bytes(), &mut output, DeflateFlush::SyncFlush).unwrap();
        let hex: String = output[..deflate.total_out() as usize].iter().map(|byte| format!("{byte:02x}")).collect();
        println!("level {level} {} {hex}", if before.is_empty() { "alone" } else { "after-noise" });
    }
}
RUST
cargo build -q --manifest-path deflate/Cargo.toml --target-dir target
cargo tree -q --manifest-path deflate/Cargo.toml --depth 1 --prefix none | sed -n 's/^zlib-rs/crate &/p'
target/debug/deflate >compressed

cat >probe.py <<'PY'
import sys, zlib

seen = []
for line in open("compressed"):
    _, level, before, data = line.split()
    decompressor = zlib.decompressobj(wbits=-15)
    try:
        text = decompressor.decompress(bytes.fromhex(data)).decode()
        seen.append("comes back" if text == "a text that repeats itself, " * 20 else "is another text")
    except (zlib.error, UnicodeDecodeError) as error:
        seen.append(f"is broken: {error}")
    print(f"level {level}, {before}: the text {seen[-1]}")
sys.exit(seen[0] == "comes back" or seen[1:] != ["comes back", "comes back"])
PY
python3 probe.py || changed "another result than stated"
