//! The mistake to take the body of a request for a parameter of its path.

use std::any::{TypeId, type_name};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Version};

use crate::extract::{Cookies, Headers, Peer, RequestId, ResponseHeaders};

/// The name of an extractor that is the body as it came, whatever it holds.
pub(super) fn bare_body<T: 'static>() -> Option<&'static str> {
    let bodies = [
        (TypeId::of::<String>(), "String"),
        (TypeId::of::<Bytes>(), "Bytes"),
        (TypeId::of::<BytesMut>(), "BytesMut"),
    ];
    bodies.into_iter().find_map(|(body, name)| (body == TypeId::of::<T>()).then_some(name))
}

/// Whether an extractor may read the path: all but those that are known not to. An `Extension` may be what a layer has read of it.
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
    // Those with a type inside have no id in common. A compiler that writes their names in another way would let the
    // mistake pass, and nothing else.
    let generic = ["axum::extract::state::State<", "axum::extract::query::Query<"];
    let name = type_name::<T>();
    !known.contains(&TypeId::of::<T>()) && !generic.iter().any(|known| name.starts_with(known))
}

/// What is wrong with a handler on this path of which `body` is all that it may have for the parameters.
pub(crate) fn taken_for_a_parameter(path: &str, body: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').filter_map(parameter).collect();
    let (are, pattern, ty) = match &*names {
        [] => return None,
        [name] => (format!("a parameter, `{name}`,"), (*name).to_owned(), "String".to_owned()),
        names => (
            format!("parameters, `{}`,", names.join("` and `")),
            format!("({})", names.join(", ")),
            format!("({})", vec!["String"; names.len()].join(", ")),
        ),
    };
    Some(format!(
        "the path `{path}` has {are} of which no argument is made, and the argument `{body}` is the body of the request: \
         write `Path({pattern}): Path<{ty}>`, in its place or before it"
    ))
}

/// The name of the parameter that a segment of a route is, or has in it.
fn parameter(segment: &str) -> Option<&str> {
    let (_, rest) = segment.split_once('{')?;
    let (name, _) = rest.split_once('}')?;
    let name = name.trim_start_matches('*');
    // Doubled braces mean themselves.
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
            let fault = taken_for_a_parameter(path, "String");
            assert_eq!(fault.is_some(), part.is_some(), "{path}: {fault:?}");
            assert!(fault.unwrap_or_default().contains(part.unwrap_or_default()), "{path}");
        }
    }
}
