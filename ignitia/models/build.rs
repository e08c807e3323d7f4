//! Compiles the sources of `ignitia` for the scheduler of the models.

fn main() {
    println!("cargo::rustc-cfg=shuttle");
    println!("cargo::rerun-if-changed=build.rs");
}
