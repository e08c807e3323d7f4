//! Signals to processes.

use std::process::{Child, Command};

/// Sends a signal, given its name.
pub(crate) fn signal(process: &Child, name: &str) {
    // The shell's builtin `kill`: a program of that name is not installed everywhere.
    let kill = format!("kill -{name} {}", process.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
}
