//! Names of endpoints in a contract.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    definitions::unique, endpoint_description::EndpointDescription, mounted_endpoint::MountedEndpoint,
    reserved_names::is_unreadable, wording::camel_case,
};
use crate::path::canonical;

/// Names of endpoints, and the problems with them.
#[derive(Debug)]
pub(super) struct EndpointNames {
    /// One for each endpoint; no two are equal.
    pub(super) names: Vec<String>,
    pub(super) problems: Vec<String>,
}

/// Returns the names of endpoints: those that are given for their paths, or those of their
/// functions and sessions. A name does not depend on the other endpoints, so that a client finds
/// its own whatever is added. Two of one name are a problem; until it is mended, they are named by
/// their paths.
pub(super) fn endpoint_names(
    mounted: &[MountedEndpoint],
    described: &[EndpointDescription],
    given: &BTreeMap<String, String>,
) -> EndpointNames {
    let paths: Vec<String> = mounted.iter().map(|endpoint| address(&endpoint.path)).collect();
    let given: BTreeMap<String, &str> = given.iter().map(|(path, name)| (address(path), &**name)).collect();
    let mut problems = problems_of_given(&paths, &given);
    let own: Vec<String> = paths
        .iter()
        .zip(described)
        .map(|(path, endpoint)| match given.get(path).filter(|name| is_name(name)) {
            Some(name) => (*name).to_owned(),
            None => camel_case(endpoint.name),
        })
        .collect();
    let mut paths_of = BTreeMap::<&str, Vec<&str>>::new();
    for (name, path) in own.iter().zip(&paths) {
        paths_of.entry(name).or_default().push(path);
    }
    for (name, paths) in paths_of.iter().filter(|(_, paths)| paths.len() > 1) {
        problems.push(format!(
            "endpoints `{}` have one name, `{name}`: give one of them another, by `.name(\"{}\", ..)` of the \
             contract, or rename its function or session",
            paths.join("` and `"),
            paths[paths.len() - 1],
        ));
    }
    let is_alone = |name: &str| paths_of[name].len() == 1;
    // A name that is made up gives way.
    let mut taken: BTreeSet<String> = own.iter().filter(|name| is_alone(name)).cloned().collect();
    let names = own.iter().zip(&paths).map(|(name, path)| {
        if is_alone(name) && !is_unreadable(name) {
            return name.clone();
        }
        let by_path = Some(camel_case(path)).filter(|by_path| !by_path.is_empty() && !is_alone(name));
        let wanted = by_path.as_ref().unwrap_or(name);
        let name = unique(wanted, |name| !taken.contains(name) && !is_unreadable(name));
        taken.insert(name.clone());
        name
    });
    EndpointNames { names: names.collect(), problems }
}

fn problems_of_given(paths: &[String], given: &BTreeMap<String, &str>) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, name) in given {
        if !paths.contains(path) {
            problems.push(format!(
                "no endpoint has the path `{path}`, which is to have the name `{name}`: there are `{}`",
                paths.join("`, `")
            ));
        }
        if !is_name(name) {
            let wanted = "write letters, digits and `_`, a letter first";
            problems.push(format!("`{name}` is no name of an endpoint, for the path `{path}`: {wanted}"));
        }
    }
    problems
}

fn is_name(name: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    name.starts_with(char::is_alphabetic) && name.chars().all(is_part) && !is_unreadable(name)
}

/// Returns a path as a document shows it, where the rest of a path is a parameter like others.
fn address(path: &str) -> String {
    canonical(path).replace("{*", "{")
}
