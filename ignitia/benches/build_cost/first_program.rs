//! Costs of README's first program, beside those of the same program on plain axum. Like README's,
//! it depends on Ignitia by git: what is not committed is not measured.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::plain_axum;

/// Number of rebuilds. The fastest one counts.
const REBUILDS: usize = 5;

/// A package with one of the programs. Its target directory is its own.
struct Package {
    name: &'static str,
    root: PathBuf,
}

/// Costs of a package.
struct Costs {
    crates: usize,
    cold: BuildTime,
    rebuild: BuildTime,
    binary: u64,
}

/// Duration of a build, and CPU time of all its processes.
#[derive(Clone, Copy)]
struct BuildTime {
    wall: Duration,
    cpu: Duration,
}

/// Builds both programs with one job, and prints their costs.
pub(super) fn compare() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let ignitia = format!("ignitia = {{ git = \"file://{}\" }}", workspace.display());
    let axum = "axum = { version = \"0.8\", features = [\"ws\"] }\nserde_json = \"1\"";
    let ours = Package::create("first-program", workspace, &ignitia, &first_program(workspace));
    let plain = Package::create("plain-axum", workspace, axum, plain_axum::PROGRAM);
    let [ours, plain] = [ours, plain].map(|package| package.costs());
    let row = |name, unit, ours: f64, plain: f64| {
        println!("{name:<24} {ours:>9.2} {plain:>11.2} {:>7.2}  {unit}", ours / plain);
    };
    println!("README's first program, in the profile `dev`, with one job");
    println!("{:<24} {:>9} {:>11} {:>7}", "", "ignitia", "plain axum", "ratio");
    row("crates", "", ours.crates as f64, plain.crates as f64);
    for (name, of) in [
        ("cold build", (|costs| costs.cold) as fn(&Costs) -> BuildTime),
        ("rebuild after a change", |costs| costs.rebuild),
    ] {
        row(name, "s", of(&ours).wall.as_secs_f64(), of(&plain).wall.as_secs_f64());
        row("  CPU time of it", "s", of(&ours).cpu.as_secs_f64(), of(&plain).cpu.as_secs_f64());
    }
    row("binary", "MB", ours.binary as f64 / 1e6, plain.binary as f64 / 1e6);
}

/// Returns the first program of the README.
fn first_program(workspace: &Path) -> String {
    let readme = fs::read_to_string(workspace.join("README.md")).unwrap();
    let (_, section) = readme.split_once("## A first endpoint").unwrap();
    let (_, block) = section.split_once("```rust").unwrap();
    let (_, code) = block.split_once('\n').unwrap();
    code.split_once("```").unwrap().0.to_owned()
}

impl Package {
    fn create(name: &'static str, workspace: &Path, framework: &str, source: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-cost").join(name);
        // Without an earlier build.
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("src")).unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\n{framework}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
             tokio = {{ version = \"1\", features = [\"full\"] }}\n",
        );
        fs::write(root.join("Cargo.toml"), manifest).unwrap();
        fs::write(root.join("src/main.rs"), source).unwrap();
        // Both have the same versions of what both use.
        fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        Self { name, root }
    }

    fn costs(&self) -> Costs {
        let crates = self.crates();
        let cold = self.build();
        let binary = fs::metadata(self.root.join("target/debug").join(self.name)).unwrap().len();
        let main = self.root.join("src/main.rs");
        let rebuilds = (0..REBUILDS).map(|round| {
            let source = fs::read_to_string(&main).unwrap();
            fs::write(&main, format!("{source}// {round}\n")).unwrap();
            self.build()
        });
        let rebuild = rebuilds.min_by_key(|time| time.cpu).unwrap();
        Costs { crates, cold, rebuild, binary }
    }

    /// Returns the number of crates that it depends on. Cargo downloads them for that.
    fn crates(&self) -> usize {
        let mut tree = self.cargo("tree");
        let output =
            tree.args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let crates: HashSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
        // Without the program itself.
        crates.len() - 1
    }

    fn build(&self) -> BuildTime {
        let (start, cpu) = (Instant::now(), cpu_time_of_children());
        let status = self.cargo("build").args(["--jobs", "1"]).status().unwrap();
        assert!(status.success(), "{}", self.name);
        BuildTime { wall: start.elapsed(), cpu: cpu_time_of_children() - cpu }
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(&self.root).args([command, "--quiet"]);
        cargo.env("CARGO_TARGET_DIR", self.root.join("target")).env_remove("CARGO_INCREMENTAL");
        cargo
    }
}

/// Returns the CPU time of processes that have ended, theirs included; zero where there is no
/// `/proc`.
fn cpu_time_of_children() -> Duration {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return Duration::ZERO };
    // The name of the process, in parentheses, may contain spaces. The third field follows it; the
    // times are the 16th and the 17th, in hundredths of a second.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let times = fields.split(' ').skip(16 - 3).take(2).map(|field| field.parse::<u64>().unwrap());
    Duration::from_millis(times.sum::<u64>() * 10)
}
