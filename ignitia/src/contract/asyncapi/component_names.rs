//! Names of messages among the components of a document.

use std::collections::{BTreeMap, BTreeSet};

use super::library_messages::LibraryMessage;
use crate::contract::{definitions::unique, endpoint_contract::EndpointContract, wording::pascal_case};

/// Names of the messages among those of all endpoints, by their names and the id that they may
/// have. The first one has its own name.
pub(super) type ComponentNames<'a> = BTreeMap<(&'a str, Option<&'static str>), String>;

pub(super) fn component_names(endpoints: &[EndpointContract]) -> ComponentNames<'_> {
    let mut names = ComponentNames::new();
    let mut known = BTreeSet::new();
    for endpoint in endpoints {
        for (message, id) in keys(endpoint) {
            names.entry((message, id)).or_insert_with(|| {
                let other = id.map_or_else(|| "WithoutId".to_owned(), pascal_case);
                let is_first = !known.contains(message);
                let wanted = if is_first { message.to_owned() } else { format!("{message}.{other}") };
                let given = unique(&wanted, |name| !known.contains(name));
                known.insert(given.clone());
                given
            });
        }
    }
    names
}

/// Returns the keys of an endpoint's messages, its own and the library's.
pub(super) fn keys(endpoint: &EndpointContract) -> impl Iterator<Item = (&str, Option<&'static str>)> {
    let own = endpoint.all_messages().map(|(_, message)| (&*message.name, endpoint.id));
    let of_library = LibraryMessage::all_of(endpoint).into_iter();
    own.chain(of_library.map(|message| (message.name(), message.id_of(endpoint))))
}
