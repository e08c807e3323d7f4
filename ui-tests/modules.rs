//! Makes modules of the cases, which are whole programs: paths from the crate's root go through the
//! module, and its `main` can be called from outside.

use std::{env, fs, io, path::Path};

/// Code that is appended to a case.
const RUN: &str = "
pub(super) fn run() {
    let code = ::std::process::Termination::report(main());
    ::std::assert_eq!(code, ::std::process::ExitCode::SUCCESS);
}
";

fn main() -> io::Result<()> {
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let out = Path::new(&out);
    // Beside this file, which is the build script of the package there and of one in a folder
    // below.
    let cases = Path::new(if Path::new("cases").exists() { "cases" } else { "../cases" });
    println!("cargo::rerun-if-changed={}", cases.display());
    let mut paths = Vec::new();
    for kind in fs::read_dir(cases)? {
        for case in fs::read_dir(kind?.path().join("pass"))? {
            paths.push(case?.path());
        }
    }
    paths.sort();
    let (mut modules, mut calls) = (String::new(), String::new());
    for (index, path) in paths.iter().enumerate() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let module = format!("case_{index}_{name}");
        let text = fs::read_to_string(path)?.replace("crate::", &format!("crate::{module}::"));
        let file = out.join(format!("{module}.rs"));
        fs::write(&file, text + RUN)?;
        modules += &format!("#[path = {file:?}]\nmod {module};\n");
        calls += &format!("    {module}::run();\n");
    }
    fs::write(out.join("cases.rs"), format!("{modules}\nfn run_all() {{\n{calls}}}\n"))
}
