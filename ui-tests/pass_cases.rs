//! The cases that must compile, as modules of one program: building each by itself takes minutes.
//! It is built and run in this edition, and as a package of its own in edition 2021. `main.rs`
//! checks each case as the whole program that it is.

// The cases show what compiles, not how to write. Those that deny warnings deny what is not allowed
// here.
#![allow(clippy::all, clippy::unwrap_used, missing_debug_implementations, unreachable_pub)]

// What a case calls `::web`.
extern crate ignitia as web;

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

#[test]
fn all_cases_compile_and_run() {
    run_all();
}
