//! rustc, as an editor has it run: it checks one program at a time, with incremental compilation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::{env, fs, thread};

use serde_json::Value;

use crate::{
    cases::{Case, package},
    message::Message,
};

/// A compiler with the crates that programs may use.
pub(crate) struct Compiler {
    rustc: PathBuf,
    /// Crates with the file of each, by the package that programs belong to.
    crates: BTreeMap<String, PathBuf>,
    project: PathBuf,
}

impl Compiler {
    /// Checks the crates once, for all programs, with what is left of the run of cargo that has
    /// built this program.
    pub(crate) fn new() -> Self {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let project = temporary.join("ui");
        write_project(&project);
        let output = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet", "--workspace", "--message-format=json"])
            .current_dir(&project)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TARGET_DIR", temporary.parent().expect("the target directory"))
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let crates = json_lines(&output.stdout).filter_map(|line| {
            let mut files = line["filenames"].as_array()?.iter().filter_map(Value::as_str);
            let metadata = files.find(|file| file.ends_with(".rmeta"))?;
            Some((line["target"]["name"].as_str()?.to_owned(), PathBuf::from(metadata)))
        });
        Self { rustc: rustc(), crates: crates.collect(), project: project.clone() }
    }

    /// Returns the messages about each program of a package, in the order of the programs.
    pub(crate) fn messages(&self, of: &str, cases: &[Case]) -> Vec<Vec<Message>> {
        let threads = thread::available_parallelism().map_or(1, Into::into);
        let left = Mutex::new(cases.iter().enumerate());
        let next = || left.lock().expect("no thread has panicked").next();
        let mut all: Vec<_> = thread::scope(|scope| {
            let work = || std::iter::from_fn(next).map(|(at, case)| (at, self.check(of, case))).collect();
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| -> Vec<_> { thread.join().expect("rustc runs") }).collect()
        });
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, messages)| messages).collect()
    }

    fn check(&self, of: &str, case: &Case) -> Vec<Message> {
        let scratch = self.project.join("scratch").join(case.name());
        // What is left there would be taken for what has not changed.
        let _ = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch).expect("a directory for what rustc writes");
        let mut command = Command::new(&self.rustc);
        command.arg(package().join(&case.path));
        command.args(["--crate-name=case", "--crate-type=bin", "--edition=2024", "--emit=metadata"]);
        command.args(["--check-cfg=cfg(docsrs,test)", "--check-cfg=cfg(feature, values())"]);
        command.args(["--error-format=json", "--diagnostic-width=140", "--verbose"]);
        command.arg("--out-dir").arg(&scratch).arg(format!("-Cincremental={}", scratch.display()));
        let names = match of {
            "reexported" => &["facade"][..],
            _ => &["axum", "ignitia", "serde", "serde_json"],
        };
        for name in names {
            let file = &self.crates[*name];
            command.arg("--extern").arg(format!("{name}={}", file.display()));
            command.arg(format!("-Ldependency={}", file.parent().expect("a directory").display()));
        }
        command.env("CARGO_MANIFEST_DIR", self.project.join(of));
        let Output { stderr, .. } = command.output().expect("rustc runs");
        fs::remove_dir_all(&scratch).expect("the directory is there");
        json_lines(&stderr).filter_map(|message| Message::from_json(&message)).collect()
    }
}

fn json_lines(output: &[u8]) -> impl Iterator<Item = Value> {
    output.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// Finds the compiler itself: rustup's stand-in takes its time to do so, once for each program.
fn rustc() -> PathBuf {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc runs");
    Path::new(String::from_utf8_lossy(&output.stdout).trim()).join("bin/rustc")
}

/// Writes a workspace with the dependencies of this one, in its versions. The macros look for
/// `ignitia` in the manifest of a case: that of `cases` has it, that of `reexported` only `facade`.
fn write_project(directory: &Path) {
    let root = package().parent().expect("a workspace");
    let read = |path: &Path| fs::read_to_string(path).expect("a manifest");
    let (workspace, dependencies) = (read(&root.join("Cargo.toml")), read(&package().join("Cargo.toml")));
    let versions = section(&workspace, "workspace.dependencies");
    let versions = versions.replace("path = \"", &format!("path = \"{}/", root.display()));
    let dependencies = section(&dependencies, "dev-dependencies");
    // With another profile cargo would share nothing.
    let profile = section(&workspace, "profile.dev");
    let crates = format!("[dependencies]\n{dependencies}");
    write_package(directory, "cases", &crates, "");
    write_package(directory, "facade", &crates, "pub use {ignitia, serde};");
    write_package(directory, "reexported", "[dependencies]\nfacade = { path = \"../facade\" }\n", "");
    let workspace = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"cases\", \"facade\", \"reexported\"]\n\
         [profile.dev]\n{profile}[workspace.dependencies]\n{versions}"
    );
    write(&directory.join("Cargo.toml"), &workspace);
    fs::copy(root.join("Cargo.lock"), directory.join("Cargo.lock")).expect("the lock file");
}

fn write_package(directory: &Path, name: &str, dependencies: &str, source: &str) {
    let directory = directory.join(name);
    fs::create_dir_all(&directory).expect("a directory for a package");
    let package = format!("[package]\nname = {name:?}\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n");
    write(&directory.join("Cargo.toml"), &(package + dependencies));
    write(&directory.join("lib.rs"), source);
}

/// Writes a file unless it has that text: cargo compiles what is newer.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return;
    }
    fs::write(path, text).expect("a file of the project");
}

/// Returns the lines below a heading of a manifest.
fn section<'a>(manifest: &'a str, name: &str) -> &'a str {
    let heading = format!("[{name}]\n");
    let start = manifest.find(&heading).expect("the section is there") + heading.len();
    let rest = &manifest[start..];
    &rest[..rest.find("\n[").map_or(rest.len(), |end| end + 1)]
}
