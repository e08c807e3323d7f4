#!/usr/bin/env bash
# serde writes a map with number keys inside an internally tagged enum, and cannot read what it wrote.
#
# Installed: serde 1.0.229, serde_json 1.0.154, schemars 1.2.3 (built with the cargo that is there).
# Done: a message with a field `BTreeMap<u32, i64>` is written as JSON and read again: in a struct, in an adjacently tagged
#   enum (`tag` and `content`), in an internally tagged one (`tag` alone); an `i128` in the latter too.
# Expected: what is derived for both directions reads what it writes, as it does in the first two.
# Seen: internally tagged: "invalid type: string "1", expected u32", and "i128 is not supported", for every value. What is
#   read is kept in a form in between, where a key is a string and 128 bits have no place. schemars describes the type as
#   if nothing were wrong.
# It matters because that is the usual form of WebSocket messages: the code compiles, the schema that is published allows the
#   message, and the first client that sends it is refused.
set -euo pipefail
source "$(dirname "$0")/common.bash"
mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"

[dependencies]
schemars = "=1.2.3"
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"

[workspace]
TOML
cat >probe/src/main.rs <<'RUST'
use schemars::{schema_for, JsonSchema};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct Plain { rounds: BTreeMap<u32, i64> }

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
enum Adjacent { Score { rounds: BTreeMap<u32, i64> } }

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
enum Internal { Score { rounds: BTreeMap<u32, i64> } }

#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
enum Wide { Score { total: i128 } }

fn again<T: Serialize + DeserializeOwned>(name: &str, value: T) -> bool {
    let text = serde_json::to_string(&value).unwrap();
    let read = serde_json::from_str::<T>(&text);
    println!("{name}: {text}: {}", read.as_ref().map_or_else(|error| error.to_string(), |_| "read".into()));
    read.is_ok()
}

fn main() {
    let rounds = BTreeMap::from([(1, 5)]);
    let read = [
        again("struct", Plain { rounds: rounds.clone() }),
        again("adjacently tagged", Adjacent::Score { rounds: rounds.clone() }),
        again("internally tagged", Internal::Score { rounds }),
        again("internally tagged, i128", Wide::Score { total: 5 }),
    ];
    println!("schema of the third: {}", schema_for!(Internal).as_value()["oneOf"][0]["properties"]["rounds"]);
    std::process::exit((read != [true, true, false, false]).into());
}
RUST
cargo build -q --manifest-path probe/Cargo.toml --target-dir target
cargo tree -q --manifest-path probe/Cargo.toml --depth 1 --prefix none | sed 1d
target/debug/probe || changed "the first two were expected to be read, the last two not"
