//! Errors of rustc about what must not compile, and none about what must.
//!
//! A case is one file, `cases/<what>/{fail,pass}/<cause>.rs`. `<what>` is `router` for handlers
//! registered by hand, else the macro. A `fail` case holds one mistake of a newcomer; the `.stderr`
//! beside it is the promise: one error, at the place of the mistake, saying what to write instead.
//! `pass_cases.rs` builds and runs the `pass` cases.
//!
//! The cases are checked as an editor does it, with incremental compilation. Then rustc does not
//! drop an error that it has reported before, and an editor shows it twice. Every case has to come
//! to one error for each mistake and no warning, there too, also not about what the macros have
//! written. The `.stderr` holds each message once.
//!
//! A `fail` case holds one mistake, or as many as a line `// Mistakes: 3` in it says. Where rustc
//! repeats itself and nothing known keeps it from that, `// Errors: 2` says how often, so that it
//! does not become more. `// Warnings: 1` is for what serde's derives have to say as well, and for
//! what is never used.
//!
//! ```text
//! cargo test -p ui-tests                            # all of them
//! UI_CASES=state_missing cargo test -p ui-tests     # those with this in their path
//! UI_OVERWRITE=1 cargo test -p ui-tests             # write the messages anew; then read the diff
//! UI_PROGRAMS=programs cargo test -p ui-tests       # print its text for a folder of programs
//! ```

mod cases;
mod compiler;
mod message;
mod portable;

use std::path::Path;
use std::sync::LazyLock;
use std::{env, io, io::Write};

use cases::Case;
use compiler::Compiler;
use message::Message;

static COMPILER: LazyLock<Compiler> = LazyLock::new(Compiler::new);

/// The cases of the suite with what rustc says about each.
static SUITE: LazyLock<Vec<(Case, Vec<Message>)>> = LazyLock::new(|| compiled("cases", cases::suite()));

fn compiled(package: &str, cases: Vec<Case>) -> Vec<(Case, Vec<Message>)> {
    let messages = COMPILER.messages(package, &cases);
    cases.into_iter().zip(messages).collect()
}

/// Fails with all that is wrong.
fn hold(cases: &[(Case, Vec<Message>)], check: impl Fn(&Case, &[Message]) -> Result<(), String>) {
    let mut faulty = 0;
    for (case, messages) in cases {
        if let Err(fault) = check(case, messages) {
            faulty += 1;
            println!("{}\n{fault}", case.path.display());
        }
    }
    assert!(faulty == 0, "{faulty} of {} cases", cases.len());
}

fn says_what_is_expected(case: &Case, messages: &[Message]) -> Result<(), String> {
    let told = messages.iter().filter(|message| !message.warns_of_dead_code());
    case.check_text(&portable::text(told.map(|message| message.rendered.as_str())))
}

fn has_one_error_for_each_mistake(case: &Case, messages: &[Message]) -> Result<(), String> {
    case.check_count(messages)
}

#[test]
fn what_must_not_compile_says_what_is_expected() {
    hold(&SUITE, says_what_is_expected);
}

#[test]
fn an_editor_shows_one_error_for_each_mistake_and_no_warning() {
    hold(&SUITE, has_one_error_for_each_mistake);
}

/// Programs that have `ignitia` from another crate.
#[test]
fn the_same_holds_where_another_crate_reexports_ignitia() {
    let cases = compiled("reexported", cases::reexported());
    hold(&cases, says_what_is_expected);
    hold(&cases, has_one_error_for_each_mistake);
}

/// Prints whatever rustc says about the programs of another directory.
#[test]
fn programs_outside_of_the_suite_are_shown() {
    let Some(directory) = env::var_os("UI_PROGRAMS") else { return };
    for (case, messages) in compiled("cases", cases::programs(Path::new(&directory))) {
        let mut out = io::stderr().lock();
        writeln!(out, "{}", case.path.display()).expect("stderr is open");
        for message in messages {
            writeln!(out, "{}", message.rendered).expect("stderr is open");
        }
    }
}
