//! Names of types and messages in the whole contract.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    definitions::{DefinitionNames, Scope, unique},
    endpoint_contract::{DescribedMessage, EndpointContract},
    message_direction::MessageDirection,
    message_schemas::MessageSchema,
    wording::pascal_case,
};

/// Names in the whole contract.
pub(super) struct Naming<'a> {
    definitions: &'a DefinitionNames,
    /// Names of messages, by enum and kind.
    messages: BTreeMap<(String, String), String>,
    is_free: &'a dyn Fn(&str) -> bool,
    taken: BTreeSet<String>,
}

impl<'a> Naming<'a> {
    /// Names messages beside these definitions. `is_free` says if a name may be used, and `taken`
    /// are those of the definitions.
    pub(super) fn new(
        definitions: &'a DefinitionNames,
        is_free: &'a dyn Fn(&str) -> bool,
        taken: BTreeSet<String>,
    ) -> Self {
        Self { definitions, messages: BTreeMap::new(), is_free, taken }
    }

    /// Gives an endpoint's types and messages their names in the whole contract.
    pub(super) fn apply(&mut self, scope: usize, endpoint: &mut EndpointContract) {
        let here: Scope = (scope, MessageDirection::Received);
        for parameter in &mut endpoint.parameters {
            self.definitions.rename(here, &mut parameter.schema);
        }
        for schema in &mut endpoint.query {
            self.definitions.rename(here, schema);
        }
        for messages in endpoint.received.iter_mut().chain(&mut endpoint.sent) {
            let scope = (scope, messages.direction);
            for name in &mut messages.types {
                *name = self.definitions.of(scope, name).to_owned();
            }
            for DescribedMessage { name, of, schema: MessageSchema { tag, schema }, .. } in
                &mut messages.messages
            {
                self.definitions.rename(scope, schema);
                *of = self.definitions.of(scope, of).to_owned();
                *name = self.message_name(of, tag);
            }
        }
    }

    /// Returns the name of an enum's messages of one kind.
    fn message_name(&mut self, of: &str, tag: &str) -> String {
        let Self { messages, is_free, taken, .. } = self;
        let key = (of.to_owned(), tag.to_owned());
        if let Some(name) = messages.get(&key) {
            return name.clone();
        }
        let name =
            unique(&format!("{of}{}", pascal_case(tag)), |name| is_free(name) && !taken.contains(name));
        taken.insert(name.clone());
        messages.insert(key, name.clone());
        name
    }
}
