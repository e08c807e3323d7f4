//! The sources are `ignitia`'s; this says what they are compiled for.

fn main() {
    println!("cargo::rustc-cfg=shuttle");
    println!("cargo::rerun-if-changed=build.rs");
}
