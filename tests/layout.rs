//! The direction of imports, read from the sources: a module uses only what stands before it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// From the bottom up; modules of one line may not use each other, except where the line says so.
const LAYERS: &[&[&str]] = &[
    &["evaluated", "sync"],
    &["close", "error", "forwarded", "path"],
    &["message"],
    &["handshake", "limits", "metrics", "shutdown"],
    &["attempt", "connection"],
    &["extract", "health", "response", "upgrade"],
    &["dispatch", "handler"],
    &["rooms"],
    &["endpoint"],
    &["router"],
    &["server"],
    &["testing"],
];

#[test]
fn imports_go_one_way() {
    let mut checked = 0;
    for (module, path) in sources() {
        let Some(layer) = layer(&module) else { continue };
        for used in used_modules(&path) {
            checked += 1;
            let below = layer_of(&used, &path);
            assert!(
                used == module || below < layer,
                "{}: `{module}` uses `{used}`, which does not stand below it",
                path.display()
            );
        }
    }
    assert!(checked > 50, "only {checked} imports were found: has the layout moved?");
}

#[test]
fn protocol_decisions_are_pure() {
    for (module, path) in sources() {
        let pure = module == "handshake" || path.ends_with("keepalive.rs");
        let text = fs::read_to_string(&path).unwrap();
        let impure =
            ["use tokio::", "use hyper::", "tokio::time"].iter().find(|import| text.contains(**import));
        assert!(!pure || impure.is_none(), "{} has {impure:?}", path.display());
    }
}

/// The modules that the crate's root lists belong to a layer, all of them.
#[test]
fn every_module_has_its_layer() {
    for (module, path) in sources() {
        let facade = ["lib", "prelude", "websocket", "__private"].contains(&module.as_str());
        assert!(facade || layer(&module).is_some(), "{} belongs to no layer", path.display());
    }
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn layer_of(module: &str, user: &Path) -> usize {
    layer(module)
        .unwrap_or_else(|| panic!("{} uses `crate::{module}`, which belongs to no layer", user.display()))
}

fn sources() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ignitia/src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
                let module = first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
                files.push((module, path));
            }
        }
    }
    files
}

/// The first segment of everything that is imported from the crate, outside tests and docs.
fn used_modules(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    let mut used = Vec::new();
    let mut lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        let import = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        if import.trim_end() == "use crate::{" {
            for line in lines.by_ref().take_while(|line| line.trim() != "};") {
                // Only the lines of the first level begin a path.
                if line.starts_with("    ") && !line.starts_with("     ") && line.trim() != "}," {
                    used.push(first_segment(line));
                }
            }
        } else if let Some(rest) = import.strip_prefix("use crate::{") {
            used.extend(split_paths(rest));
        } else if let Some(rest) = import.strip_prefix("use crate::") {
            used.push(first_segment(rest));
        }
    }
    used
}

/// The paths of `a::{B, C}, d::E};`.
fn split_paths(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut paths = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                paths.push(String::new());
                continue;
            }
            _ => {}
        }
        paths.last_mut().unwrap().push(c);
    }
    paths.iter().map(|path| first_segment(path)).filter(|segment| !segment.is_empty()).collect()
}

fn first_segment(path: &str) -> String {
    path.trim().split([':', ',', ';', '}']).next().unwrap().to_owned()
}
