//! What must not compile, and what rustc says about it; and what must.
//!
//! A case is one file, `cases/<what>/{fail,pass}/<cause>.rs`. `<what>` is `router` for handlers registered by hand,
//! else the macro. A `fail` case holds one mistake, as somebody makes it who is new here; the `.stderr` beside it is
//! the promise: one error, at the place of the mistake, saying what to write instead. A `pass` case is built and run.
//!
//! ```text
//! cargo test -p ui-tests                                  # all of them
//! cargo test -p ui-tests -- ui trybuild=state_missing     # those with this in their path
//! TRYBUILD=overwrite cargo test -p ui-tests               # write the messages anew; then read the diff
//! ```

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("cases/*/fail/*.rs");
    cases.pass("cases/*/pass/*.rs");
}
