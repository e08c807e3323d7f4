#!/usr/bin/env bash
# schemars leaves the tag of a tagged struct out of its schema; with deny_unknown_fields no message fits it.
#
# Installed: schemars 1.2.3, serde 1.0.229, serde_json 1.0.154, jsonschema 0.61.2 (built with the cargo that is there).
# Done: a struct with `#[serde(tag = "type")]`, and the same with `deny_unknown_fields`, is written by serde, and what it
#   wrote is checked by the schema that schemars derives for serialization. The same is done with an enum of one variant.
# Expected: schemars follows the attributes of serde: the schema has `type`, as a constant, and requires it. It does so for
#   the enum.
# Seen: the struct's schema has no `type`, in neither contract. With `deny_unknown_fields` it forbids the tag, so that
#   everything that serde writes is invalid.
# It matters to clients generated from the schema: they do not know the field by which messages are told apart, or refuse
#   every message of the server.
set -euo pipefail
source "$(dirname "$0")/common.bash"
mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"

[dependencies]
jsonschema = { version = "=0.61.2", default-features = false }
schemars = "=1.2.3"
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"

[workspace]
TOML
cat >probe/src/main.rs <<'RUST'
use schemars::{generate::SchemaSettings, JsonSchema};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
struct Moved { x: i32 }

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
struct Strict { x: i32 }

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", deny_unknown_fields)]
enum Message { Moved { x: i32 } }

fn check<T: Serialize + JsonSchema>(name: &str, value: T) -> (bool, bool) {
    let schema = |settings: SchemaSettings| settings.into_generator().into_root_schema_for::<T>().to_value();
    let (reading, writing) = (schema(SchemaSettings::default()), schema(SchemaSettings::default().for_serialize()));
    let written = serde_json::to_value(value).unwrap();
    let fits = jsonschema::is_valid(&writing, &written);
    let names_tag = [&reading, &writing].iter().any(|schema| schema.to_string().contains("\"type\":{\"const\""));
    println!("{name}: {written}: valid: {fits}; the schema has the tag: {names_tag}; {writing}");
    (fits, names_tag)
}

fn main() {
    let seen = [
        check("struct", Moved { x: 1 }),
        check("struct, deny_unknown_fields", Strict { x: 1 }),
        check("enum, deny_unknown_fields", Message::Moved { x: 1 }),
    ];
    std::process::exit((seen != [(true, false), (false, false), (true, true)]).into());
}
RUST
cargo build -q --manifest-path probe/Cargo.toml --target-dir target
cargo tree -q --manifest-path probe/Cargo.toml --depth 1 --prefix none | sed 1d
target/debug/probe || changed "the tag was expected in the enum's schema only"
