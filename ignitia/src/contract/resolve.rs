//! From the descriptions of endpoints to a contract.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    definitions::Definitions,
    draft::Draft,
    endpoint_contract::{EndpointContract, MessageEnum},
    endpoint_description::EndpointDescription,
    endpoint_names::{EndpointNames, endpoint_names},
    generators::Generators,
    interface::{Info, Interface},
    message_direction::MessageDirection,
    mounted_endpoint::MountedEndpoint,
    naming::Naming,
    refusals::refusals,
    remembered_messages::unnamed_messages,
    reserved_names::unreadable_fields,
    wording::pascal_case,
};

/// Resolves endpoints. `given` are names of endpoints by their paths, and `is_free` says if a
/// definition may have a name.
pub(super) fn resolve(
    mounted: &[MountedEndpoint],
    given: &BTreeMap<String, String>,
    is_free: impl Fn(&str) -> bool,
) -> Interface {
    let described: Vec<EndpointDescription> = mounted
        .iter()
        .map(|endpoint| {
            let mut description = EndpointDescription::default();
            (endpoint.describe)(&mut description);
            description
        })
        .collect();
    let EndpointNames { names, problems } = endpoint_names(mounted, &described, given);
    let drafts = Drafts::together(mounted, &described, &names);
    let drafts = drafts.unwrap_or_else(|| Drafts::apart(mounted, &described, &names));
    let mut interface = drafts.finish(&names, &is_free);
    let found = [
        problems,
        refusals(&interface, &described),
        unreadable_fields(&interface),
        unnamed_messages(&interface),
    ];
    interface.problems.extend(found.into_iter().flatten());
    interface
}

/// Endpoints whose types have their names in scopes of their own.
#[derive(Default)]
struct Drafts {
    /// Each with the number of its scope.
    endpoints: Vec<(usize, EndpointContract)>,
    definitions: Definitions,
    problems: Vec<String>,
}

impl Drafts {
    /// Generates the schemas of all endpoints together, each type once; `None` if two of their
    /// types may have the same name.
    fn together(
        mounted: &[MountedEndpoint],
        described: &[EndpointDescription],
        names: &[String],
    ) -> Option<Self> {
        let (mut drafts, mut generators) = (Self::default(), Generators::new());
        for ((mounted, described), name) in mounted.iter().zip(described).zip(names) {
            drafts.add(0, name, &mut generators, mounted, described);
        }
        drafts.define(0, &mut generators);
        (!drafts.definitions.has_numbered_names()).then_some(drafts)
    }

    /// Generates the schemas of each endpoint by itself, so that the names of its types do not
    /// depend on the other ones.
    fn apart(mounted: &[MountedEndpoint], described: &[EndpointDescription], names: &[String]) -> Self {
        let mut drafts = Self::default();
        for (scope, ((mounted, described), name)) in mounted.iter().zip(described).zip(names).enumerate() {
            let mut generators = Generators::new();
            drafts.add(scope, name, &mut generators, mounted, described);
            drafts.define(scope, &mut generators);
        }
        drafts
    }

    fn add(
        &mut self,
        scope: usize,
        name: &str,
        generators: &mut Generators,
        mounted: &MountedEndpoint,
        described: &EndpointDescription,
    ) {
        let Self { definitions, problems, .. } = self;
        let endpoint = Draft { scope, name, generators, definitions, problems }.endpoint(mounted, described);
        self.endpoints.push((scope, endpoint));
    }

    /// Adds the definitions that the schemas of a scope refer to.
    fn define(&mut self, scope: usize, generators: &mut Generators) {
        for direction in [MessageDirection::Received, MessageDirection::Sent] {
            for (name, schema) in generators.take_definitions(direction) {
                self.definitions.add((scope, direction), name, schema);
            }
        }
    }

    /// Gives all types their names in the whole contract.
    fn finish(self, names: &[String], is_free: &impl Fn(&str) -> bool) -> Interface {
        let Self { endpoints, definitions, problems } = self;
        let defined = definitions.name(|scope| pascal_case(&names[scope]), is_free);
        let mut named = definitions.named(&defined);
        let taken = named.keys().cloned().collect();
        let mut naming = Naming::new(&defined, is_free, taken);
        let endpoints = endpoints.into_iter().map(|(scope, mut endpoint)| {
            naming.apply(scope, &mut endpoint);
            endpoint
        });
        let mut endpoints: Vec<_> = endpoints.collect();
        mark_messages_of_rooms(&mut endpoints);
        let enums = enums(&endpoints, &mut named);
        Interface { info: Info::default(), endpoints, enums, definitions: named, problems }
    }
}

/// Marks the messages that a room may send to one of the endpoints.
fn mark_messages_of_rooms(endpoints: &mut [EndpointContract]) {
    let of_rooms = endpoints.iter().filter(|endpoint| endpoint.may_enter_rooms);
    let messages = of_rooms.flat_map(|endpoint| &endpoint.sent).flat_map(|sent| &sent.messages);
    let names: BTreeSet<String> = messages.map(|message| message.name.clone()).collect();
    let sent = endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.sent);
    for message in sent.flat_map(|sent| &mut sent.messages) {
        message.may_be_of_room = names.contains(&message.name);
    }
}

/// Takes the enums of messages out of the definitions.
fn enums(
    endpoints: &[EndpointContract],
    definitions: &mut BTreeMap<String, Value>,
) -> BTreeMap<String, MessageEnum> {
    let mut enums = BTreeMap::<String, MessageEnum>::new();
    for all in endpoints.iter().flat_map(|endpoint| endpoint.received.iter().chain(&endpoint.sent)) {
        for message in &all.messages {
            let found = enums.entry(message.of.clone()).or_default();
            if !found.messages.contains(&message.name) {
                found.messages.push(message.name.clone());
            }
        }
    }
    for (name, found) in &mut enums {
        found.schema = definitions.remove(name).unwrap_or_default();
    }
    enums
}
