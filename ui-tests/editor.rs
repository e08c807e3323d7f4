//! How many errors an editor shows for what must not compile.
//!
//! An editor runs `cargo check` with incremental compilation, and shows what comes in the stream of JSON. There rustc
//! does not drop an error that it has reported before, as it does in the runs behind the `.stderr` files; and warnings
//! about what the macros have written are shown too. So every case of `ui.rs` is compiled once more, that way, and has
//! to come to one error for each mistake and no warning.
//!
//! A `fail` case holds one mistake, or as many as a line `// Mistakes: 3` in it says. Where rustc repeats itself and nothing that
//! we found keeps it from that, `// Errors: 2` says how often, so that it does not become more. `// Warnings: 1` is for what
//! serde's derives have to say as well, and for what nobody uses.
//!
//! ```text
//! cargo test -p ui-tests --test editor                            # all of them
//! cargo test -p ui-tests --test editor -- editor trybuild=state   # those with this in their path, as in `ui.rs`
//! EDITOR_CASES=/tmp/programs cargo test -p ui-tests --test editor # the `.rs` files of another directory
//! ```
//!
//! The last one prints what there is of each, whatever it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

#[test]
fn editor() {
    let (cases, is_suite) = match env::var_os("EDITOR_CASES") {
        Some(directory) => (sources(Path::new(&directory)), false),
        None => (suite(), true),
    };
    let cases = chosen(cases);
    let seen = check("editor", &manifest(&cases), &cases);
    hold(&cases, &seen, is_suite);
}

/// Programs that have `ignitia` from another crate.
#[test]
fn reexported() {
    let cases = of_kind(&Path::new(env!("CARGO_MANIFEST_DIR")).join("reexported"));
    let facade = root().join("target/tests/reexported/facade");
    fs::create_dir_all(facade.join("src")).expect("a directory for the other crate");
    fs::write(facade.join("src/lib.rs"), "pub use {ignitia, serde};").expect("the other crate");
    fs::write(facade.join("Cargo.toml"), package("facade")).expect("its manifest");
    let manifest = "[workspace]\nexclude = [\"facade\"]\n[package]\nname = \"reexported\"\nedition = \"2024\"\n\
                    [dependencies]\nfacade = { path = \"facade\" }\n";
    let seen = check("reexported", &(manifest.to_owned() + &targets(&cases)), &cases);
    hold(&cases, &seen, true);
}

fn hold(cases: &[Case], seen: &BTreeMap<String, Vec<Shown>>, is_suite: bool) {
    let mut faulty = 0;
    for case in cases {
        let shown = seen.get(&case.name).map(Vec::as_slice).unwrap_or_default();
        if is_suite && case.is_met_by(shown) {
            continue;
        }
        faulty += 1;
        let errors = shown.iter().filter(|message| message.is_error()).count();
        println!(
            "{} for {}, {} warnings: {}",
            errors,
            case.mistakes,
            shown.len() - errors,
            case.path.display()
        );
        for Shown { level, text, line } in shown {
            println!("    line {line}: {level}: {}", text.replace('\n', "\n        "));
        }
    }
    assert!(!is_suite || faulty == 0, "{faulty} of {} cases are not one error for each mistake", cases.len());
}

struct Case {
    /// Of the target.
    name: String,
    path: PathBuf,
    mistakes: usize,
    warnings: usize,
    /// What `ui.rs` expects.
    expected: Option<String>,
}

/// A message of rustc at a place in a case.
struct Shown {
    level: String,
    text: String,
    line: u64,
}

impl Shown {
    fn is_error(&self) -> bool {
        self.level == "error"
    }
}

impl Case {
    fn of(path: PathBuf) -> Self {
        let source = fs::read_to_string(&path).expect("the case can be read");
        let said = |what| {
            let number = source.lines().find_map(|line| line.strip_prefix(what))?;
            Some(number.parse().expect("a number"))
        };
        let usual = if path.iter().any(|part| part == "pass") { 0 } else { 1 };
        let mistakes = said("// Errors: ").or_else(|| said("// Mistakes: ")).unwrap_or(usual);
        let warnings = said("// Warnings: ").unwrap_or_default();
        let parts: Vec<_> =
            path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let name = parts[parts.len().saturating_sub(3)..].join("-");
        Self {
            name,
            mistakes,
            warnings,
            expected: fs::read_to_string(path.with_extension("stderr")).ok(),
            path,
        }
    }

    /// One error for each mistake, and what was expected.
    fn is_met_by(&self, shown: &[Shown]) -> bool {
        let is_expected = |text: &str| match (&self.expected, text.lines().next()) {
            (Some(expected), Some(first)) => {
                expected.lines().any(|line| words(line).ends_with(&words(first)))
            }
            _ => false,
        };
        let (errors, warnings): (Vec<_>, Vec<_>) = shown.iter().partition(|message| message.is_error());
        errors.len() == self.mistakes
            && warnings.len() == self.warnings
            && errors.iter().all(|message| is_expected(&message.text))
    }
}

/// The text without what stands in backticks: types are written in more than one way.
fn words(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

/// All cases of `ui.rs`.
fn suite() -> Vec<Case> {
    let kinds = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")).expect("there are cases");
    let mut cases: Vec<_> = kinds.flat_map(|kind| of_kind(&kind.expect("a directory").path())).collect();
    cases.sort_by(|a, b| a.path.cmp(&b.path));
    cases
}

fn of_kind(directory: &Path) -> Vec<Case> {
    ["fail", "pass"].iter().flat_map(|end| sources(&directory.join(end))).collect()
}

fn sources(directory: &Path) -> Vec<Case> {
    let entries = fs::read_dir(directory).expect("a directory of programs");
    let paths = entries.map(|entry| entry.expect("a program").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).map(Case::of).collect()
}

/// Those that `trybuild=..` asks for, or all.
fn chosen(mut cases: Vec<Case>) -> Vec<Case> {
    let wanted: Vec<_> =
        env::args().filter_map(|argument| argument.strip_prefix("trybuild=").map(str::to_owned)).collect();
    cases.retain(|case| {
        wanted.is_empty() || wanted.iter().any(|part| case.path.to_string_lossy().contains(part))
    });
    cases
}

/// What `cargo check` has to say about each, in the order in which it says it.
fn check(project: &str, manifest: &str, cases: &[Case]) -> BTreeMap<String, Vec<Shown>> {
    let projects = root().join("target/tests");
    let project = projects.join(project);
    fs::create_dir_all(&project).expect("a directory for the project");
    fs::write(project.join("Cargo.toml"), manifest).expect("a manifest");
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).expect("the lock file");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--bins", "--keep-going", "--message-format=json"])
        .current_dir(&project)
        .env("CARGO_INCREMENTAL", "1")
        .env("CARGO_TARGET_DIR", projects.join("editor/target"))
        .output()
        .expect("cargo runs");

    let mut seen: BTreeMap<String, Vec<Shown>> =
        cases.iter().map(|case| (case.name.clone(), Vec::new())).collect();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let target = line["target"]["name"].as_str().unwrap_or_default();
        let Some(shown) = seen.get_mut(target) else { continue };
        shown.extend(message(&line["message"]));
    }
    if seen.values().all(Vec::is_empty) {
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    seen
}

/// The message, unless it is one that only sums up the others.
fn message(message: &Value) -> Option<Shown> {
    let spans = message["spans"].as_array()?;
    if spans.is_empty() && message["code"].is_null() {
        return None;
    }
    let line = spans.iter().find(|span| span["is_primary"] == true).map_or(0, line_of);
    Some(Shown {
        level: message["level"].as_str()?.to_owned(),
        text: message["message"].as_str()?.to_owned(),
        line,
    })
}

/// The line in the program itself, also of what is inside a macro.
fn line_of(span: &Value) -> u64 {
    let outer = &span["expansion"]["span"];
    match outer.is_null() {
        true => span["line_start"].as_u64().unwrap_or_default(),
        false => line_of(outer),
    }
}

/// A package of its own, with the dependencies of this one, in the workspace's versions, and a program for each case.
fn manifest(cases: &[Case]) -> String {
    package("editor-cases") + &targets(cases)
}

fn package(name: &str) -> String {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a manifest");
    let (workspace, package) = (read("Cargo.toml"), read("ui-tests/Cargo.toml"));
    let versions = section(&workspace, "workspace.dependencies");
    let versions = versions.replace("path = \"", &format!("path = \"{}/", root().display()));
    let dependencies = section(&package, "dev-dependencies");
    format!(
        "[workspace]\n[workspace.dependencies]\n{versions}[package]\nname = {name:?}\nedition = \"2024\"\n\
         [dependencies]\n{dependencies}"
    )
}

fn targets(cases: &[Case]) -> String {
    cases
        .iter()
        .map(|Case { name, path, .. }| format!("[[bin]]\nname = {name:?}\npath = {path:?}\n"))
        .collect()
}

/// What stands below a heading of a manifest.
fn section<'a>(manifest: &'a str, name: &str) -> &'a str {
    let heading = format!("[{name}]\n");
    let start = manifest.find(&heading).expect("the section is there") + heading.len();
    let rest = &manifest[start..];
    &rest[..rest.find("\n[").map_or(rest.len(), |end| end + 1)]
}
