//! The tools that count a server's work.

use std::{path::Path, process::Command};

/// Variable that makes the tools mandatory: without one of them the bench fails.
const REQUIRED: &str = "REQUIRE_COUNTERS";

/// A tool, used in addition to the counting allocator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountingTool {
    /// Counts instructions in user space, with valgrind.
    Instructions,
    /// Counts system calls, with strace.
    #[allow(dead_code, reason = "some benches do not count them")]
    SystemCalls,
}

impl CountingTool {
    fn program(self) -> &'static str {
        match self {
            Self::Instructions => "valgrind",
            Self::SystemCalls => "strace",
        }
    }

    /// Returns true if the tool is installed and the build is optimized: counts of a debug build
    /// are meaningless.
    pub(crate) fn is_available(self) -> bool {
        let program = self.program();
        if cfg!(debug_assertions) {
            println!("{self:?} are counted in optimized builds only: cargo bench -p ignitia");
            return false;
        }
        let works = Command::new(program).arg("--version").output().is_ok_and(|run| run.status.success());
        if !works {
            assert!(
                std::env::var_os(REQUIRED).is_none(),
                "{REQUIRED} is set, but {program} is not installed"
            );
            println!("{self:?} are not counted: apt-get install {program}");
        }
        works
    }

    /// Returns the command that runs a server and writes its counts to a file.
    pub(super) fn command(self, file: &Path) -> Command {
        let mut command = Command::new(self.program());
        match self {
            // An instruction that is repeated for each byte counts as often: large memory is not to
            // be cleared by one.
            Self::Instructions => command
                .env("GLIBC_TUNABLES", "glibc.cpu.x86_rep_stosb_threshold=1000000000")
                .args(["--tool=callgrind", "--quiet"])
                .arg(format!("--callgrind-out-file={}", file.display())),
            Self::SystemCalls => command.args(["-f", "-c", "-o"]).arg(file),
        };
        command
    }

    /// Reads the total from the file that the tool wrote.
    pub(super) fn total(self, file: &Path) -> f64 {
        let counts = std::fs::read_to_string(file).unwrap();
        let total = match self {
            Self::Instructions => counts.lines().find_map(|line| line.strip_prefix("totals: ")),
            // Columns: % time, seconds, microseconds per call, calls, and errors if any.
            Self::SystemCalls => counts
                .lines()
                .find(|line| line.ends_with(" total"))
                .and_then(|line| line.split_whitespace().nth(3)),
        };
        total.and_then(|total| total.trim().parse().ok()).unwrap_or_else(|| panic!("no total in {counts}"))
    }
}
