//! CPU time and memory of a process, as the kernel counts them.

use std::fs;

/// A process, by its id.
#[derive(Clone, Copy)]
pub struct ProcessStats(pub u32);

impl ProcessStats {
    /// Returns the CPU time of all threads, in microseconds.
    pub fn cpu(self) -> f64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0)).expect("the server lives");
        let nanoseconds = threads.flatten().map(|thread| {
            let schedstat = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            schedstat.split(' ').next().and_then(|time| time.parse::<f64>().ok()).unwrap_or(0.0)
        });
        nanoseconds.sum::<f64>() / 1_000.0
    }

    /// Returns the resident memory, in KiB.
    pub fn memory(self) -> f64 {
        self.status("VmRSS:")
    }

    /// Returns the peak of the resident memory, in KiB.
    pub fn peak(self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(self, key: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).expect("the server lives");
        let value = status.lines().find_map(|line| line.strip_prefix(key)).expect("it has memory");
        value.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}
