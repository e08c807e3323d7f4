//! The cases that must compile do so in edition 2021 too. Here they are modules of one program: building each by itself
//! once more would take minutes.

// What a case calls `::web`.
extern crate ignitia as web;

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

#[test]
fn all_cases_compile_and_run() {
    run_all();
}
