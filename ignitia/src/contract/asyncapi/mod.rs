//! Contracts as AsyncAPI documents.

mod channels;
mod component_names;
mod library_messages;
mod operations;
mod parts;

use serde_json::{Map, Value, json};

use self::{
    channels::channel,
    component_names::component_names,
    library_messages::LibraryMessage,
    operations::operations,
    parts::{correlation_id, id_schema, object},
};
use super::{
    endpoint_contract::{DescribedMessage, EndpointContract, Messages},
    interface::Interface,
    references::{DEFINITIONS, references},
};
use crate::dispatch::Tagging;

/// Returns the AsyncAPI 3.0 document of endpoints.
pub(super) fn document(interface: &Interface) -> Value {
    let Interface { info, endpoints, problems, .. } = interface;
    let names = component_names(endpoints);
    let mut messages = Map::new();
    let codes = interface.error_codes();
    for endpoint in endpoints {
        for (all, message) in endpoint.all_messages() {
            let name = &names[&(&*message.name, endpoint.id)];
            messages.entry(name.clone()).or_insert_with(|| message_object(endpoint, all, message));
        }
        for message in LibraryMessage::all_of(endpoint) {
            let id = message.id_of(endpoint);
            let name = &names[&(message.name(), id)];
            messages.entry(name.clone()).or_insert_with(|| message.message(id, &codes));
        }
    }
    let mut about = json!({ "title": info.title, "version": info.version });
    if !info.description.is_empty() {
        about["description"] = json!(info.description);
    }
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": about,
        "defaultContentType": "application/json",
        "channels": object(endpoints.iter().map(|endpoint| {
            (endpoint.name.clone(), channel(endpoint, &names, interface))
        })),
        "operations": object(endpoints.iter().flat_map(operations)),
        "components": {
            "messages": messages,
            "schemas": schemas(interface),
        },
    });
    if let Some(server) = &info.server {
        document["servers"] = json!({ "server": server });
    }
    if !problems.is_empty() {
        document["x-ignitia"] = json!({ "problems": problems });
    }
    document
}

/// Returns the definitions, and the enums of messages that occur in other types.
fn schemas(interface: &Interface) -> Map<String, Value> {
    let mut schemas: Map<String, Value> =
        interface.definitions.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect();
    let messages = interface.endpoints.iter().flat_map(EndpointContract::all_messages);
    let mut open: Vec<&Value> = interface.definitions.values().collect();
    open.extend(messages.map(|(_, message)| &message.schema.schema));
    while let Some(schema) = open.pop() {
        references(schema, &mut |reference| {
            let name = reference.strip_prefix(DEFINITIONS).unwrap_or_default();
            if let Some(found) = interface.enums.get(name)
                && schemas.insert(name.to_owned(), found.schema.clone()).is_none()
            {
                open.push(&found.schema);
            }
        });
    }
    schemas
}

fn message_object(endpoint: &EndpointContract, all: &Messages, message: &DescribedMessage) -> Value {
    let mut payload = message.arriving_schema();
    let id = endpoint.id.filter(|_| all.tagging != Tagging::External);
    if let (Some(id), Some(fields)) = (id, payload.as_object_mut()) {
        let properties = fields.entry("properties").or_insert_with(|| json!({}));
        properties[id] = id_schema(all.direction);
    }
    // Generators of code name a type by the title of its schema.
    payload["title"] = json!(message.name);
    let mut object = json!({ "name": message.schema.tag, "title": message.name, "payload": payload });
    if let Some(id) = id {
        object["correlationId"] = correlation_id(id);
    }
    if let Some(text) = message.schema.schema.get("description") {
        object["description"] = text.clone();
    }
    object
}
