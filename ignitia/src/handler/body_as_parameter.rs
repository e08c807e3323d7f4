//! Diagnosis of a handler that takes the request's body where it should take a parameter of the
//! path.

use std::any::{TypeId, type_name};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Version};

use crate::extract::{Cookies, Headers, Peer, RequestId, ResponseHeaders};

/// Returns the name of an extractor that takes the body as it is, without parsing it.
pub(super) fn raw_body_name<T: 'static>() -> Option<&'static str> {
    let bodies = [
        (TypeId::of::<String>(), "String"),
        (TypeId::of::<Bytes>(), "Bytes"),
        (TypeId::of::<BytesMut>(), "BytesMut"),
    ];
    bodies.into_iter().find_map(|(body, name)| (body == TypeId::of::<T>()).then_some(name))
}

/// Returns true for every extractor except those that are known not to read the path. An
/// `Extension` may hold a parameter that a layer has read.
pub(super) fn may_read_the_path<T: 'static>() -> bool {
    let known = [
        TypeId::of::<Headers>(),
        TypeId::of::<HeaderMap>(),
        TypeId::of::<Cookies>(),
        TypeId::of::<Peer>(),
        TypeId::of::<RequestId>(),
        TypeId::of::<ResponseHeaders>(),
        TypeId::of::<Method>(),
        TypeId::of::<Version>(),
    ];
    // Generic extractors have no `TypeId` in common, so these compare names. With a compiler that
    // writes the names in another way, the mistake is not reported; nothing else depends on it.
    let generic = ["axum::extract::state::State<", "axum::extract::query::Query<"];
    let name = type_name::<T>();
    !known.contains(&TypeId::of::<T>()) && !generic.iter().any(|known| name.starts_with(known))
}

/// Returns the error of a handler on this path whose only argument for the parameters is `body`.
/// `None` if the path has no parameters.
pub(crate) fn body_as_parameter_error(path: &str, body: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').filter_map(parameter).collect();
    let (parameters, pattern, ty) = match &*names {
        [] => return None,
        [name] => (format!("the parameter `{name}`"), (*name).to_owned(), "String".to_owned()),
        names => (
            format!("the parameters `{}`", names.join("` and `")),
            format!("({})", names.join(", ")),
            format!("({})", vec!["String"; names.len()].join(", ")),
        ),
    };
    Some(format!(
        "no argument takes {parameters} of the path `{path}`, and the argument `{body}` is the body \
         of the request: write `Path({pattern}): Path<{ty}>`, in its place or before it"
    ))
}

/// Returns the name of the parameter in a segment of a route.
fn parameter(segment: &str) -> Option<&str> {
    let (_, rest) = segment.split_once('{')?;
    let (name, _) = rest.split_once('}')?;
    let name = name.trim_start_matches('*');
    // A doubled brace is a literal one.
    (!name.is_empty() && !name.contains('{')).then_some(name)
}

#[cfg(test)]
mod tests {
    use axum::{
        Extension,
        extract::{Path, Query, State},
    };

    use super::*;

    #[test]
    fn what_reads_no_path_is_known() {
        assert!(!may_read_the_path::<State<u8>>());
        assert!(!may_read_the_path::<Query<Vec<(String, String)>>>());
        assert!(!may_read_the_path::<Headers>());
        assert!(may_read_the_path::<Path<String>>());
        assert!(may_read_the_path::<Option<Path<String>>>());
        assert!(may_read_the_path::<Extension<String>>());
        assert!(may_read_the_path::<axum::extract::RawPathParams>());
    }

    #[test]
    fn the_fault_says_what_to_write() {
        for (path, part) in [
            ("/rooms/{room}", Some("`Path(room): Path<String>`")),
            ("/{*rest}", Some("`Path(rest): Path<String>`")),
            ("/v{major}/x", Some("`Path(major): Path<String>`")),
            ("/{a}/{b}", Some("`Path((a, b)): Path<(String, String)>`")),
            ("/rooms", None),
            ("/{{room}}", None),
        ] {
            let fault = body_as_parameter_error(path, "String");
            assert_eq!(fault.is_some(), part.is_some(), "{path}: {fault:?}");
            assert!(fault.unwrap_or_default().contains(part.unwrap_or_default()), "{path}");
        }
    }
}
