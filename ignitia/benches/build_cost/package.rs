//! The generated package, and cargo's commands in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::program::Program;

/// A package with a binary per program.
pub(super) struct GeneratedPackage {
    root: PathBuf,
    /// Names of the programs, the only crates for which rustc's unstable options are enabled. They
    /// are needed to expand macros.
    names: String,
}

impl GeneratedPackage {
    pub(super) fn create(programs: &[Program]) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-cost");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::create_dir_all(root.join("src/bin")).unwrap();
        let manifest = format!(
            "[package]\nname = \"build-cost\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nignitia = {{ path = {:?}, default-features = false }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n",
            workspace.join("ignitia"),
        );
        fs::write(root.join("Cargo.toml"), manifest).unwrap();
        fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        let names = programs.iter().map(|program| &program.name[..]).collect::<Vec<_>>().join(",");
        let package = Self { root, names };
        programs.iter().for_each(|program| package.write(program, 0));
        package
    }

    /// Writes the source with the number of the round, so that cargo checks it again.
    pub(super) fn write(&self, program: &Program, round: usize) {
        let file = self.root.join("src/bin").join(&program.name).with_extension("rs");
        fs::write(file, format!("{}// {round}\n", program.source)).unwrap();
    }

    /// Returns the time of a check.
    pub(super) fn check(&self, program: &Program) -> Duration {
        let start = Instant::now();
        let status = self.cargo(&["check"], program, &[]).status().unwrap();
        assert!(status.success(), "{}", program.name);
        start.elapsed()
    }

    /// Returns the number of lines after macro expansion.
    pub(super) fn expanded(&self, program: &Program) -> usize {
        let mut cargo = self.cargo(&["rustc", "--profile", "check"], program, &["--", "-Zunpretty=expanded"]);
        let output = cargo.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{}", program.name);
        String::from_utf8(output.stdout).unwrap().lines().count()
    }

    fn cargo(&self, command: &[&str], program: &Program, rest: &[&str]) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(&self.root).args(command).args(["--offline", "--quiet", "--bin", &program.name]);
        cargo.arg("--target-dir").arg(self.root.join("target")).args(rest);
        cargo.env("CARGO_INCREMENTAL", "0").env("RUSTC_BOOTSTRAP", &self.names);
        cargo
    }
}
