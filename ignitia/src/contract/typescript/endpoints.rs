//! The table of endpoints, and its type.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use super::types::{doc_comment, literal, property_name, type_of, union};
use crate::{
    contract::{
        endpoint_contract::{DescribedMessage, EndpointContract, Messages, PathParameter},
        interface::Interface,
        message_schemas::payload,
    },
    dispatch::Tagging,
};

/// Returns the declarations of `Endpoints` and `endpoints`.
pub(super) fn endpoints(interface: &Interface) -> String {
    let types: String = interface.endpoints.iter().map(endpoint_type).collect();
    let rows = rows(interface);
    let ty = "{ readonly [name in keyof Endpoints]: EndpointInfo }";
    format!("export interface Endpoints {{\n{types}}}\n\nconst endpoints: {ty} = {{\n{rows}}};\n")
}

/// Returns the table of endpoints, without types.
pub(super) fn table(interface: &Interface) -> String {
    format!("const endpoints = {{\n{}}};\n", rows(interface))
}

fn rows(interface: &Interface) -> String {
    let row =
        |endpoint: &EndpointContract| format!("  {}: {},\n", property_name(&endpoint.name), info(endpoint));
    interface.endpoints.iter().map(row).collect()
}

fn endpoint_type(endpoint: &EndpointContract) -> String {
    let EndpointContract { name, docs, parameters, query, received, sent, .. } = endpoint;
    let path = parameters.iter().map(|PathParameter { name, schema, .. }| Property {
        docs: "",
        name,
        ty: type_of(schema),
    });
    let query = match &query[..] {
        [] => "{}".to_owned(),
        schemas => schemas.iter().map(type_of).collect::<Vec<_>>().join(" & "),
    };
    let sends = messages(received).map(|(all, message)| Property::of(message, payload_type(all, message)));
    let hears = messages(sent).map(|(all, message)| {
        let ty = match all.tagging {
            // The fields of a message and its kind are one object.
            Tagging::Internal { .. } => message.name.clone(),
            Tagging::Adjacent { .. } | Tagging::External => payload_type(all, message),
        };
        Property::of(message, ty)
    });
    let members = [
        ("path", record(path)),
        ("query", query),
        ("send", record(sends)),
        ("sent", whole(received.as_ref())),
        ("on", record(hears)),
        ("received", received_type(endpoint)),
        ("sentRaw", union(raw_types(endpoint))),
        ("request", record(requests(endpoint))),
    ];
    let mut ty = format!("{}  {}: {{\n", doc_comment(docs, "  "), property_name(name));
    for (name, member) in members {
        let _ = writeln!(ty, "    {name}: {member};");
    }
    ty + "  };\n"
}

/// Returns the members for the messages that may be answered, with the types of their replies.
fn requests(endpoint: &EndpointContract) -> Vec<Property<'_>> {
    if endpoint.id.is_none() {
        return Vec::new();
    }
    let answered = messages(&endpoint.received).filter_map(|(_, message)| {
        let handler = endpoint.handler_of(message)?;
        let sent = endpoint.sent.as_ref()?;
        let replies: Vec<&DescribedMessage> = endpoint.replies_of(handler).collect();
        // All messages of an enum are the enum.
        let is_whole = sent.types.len() == 1 && replies.len() == sent.messages.len();
        let replies = if is_whole {
            sent.types.clone()
        } else {
            replies.iter().map(|reply| reply.name.clone()).collect()
        };
        (!replies.is_empty()).then(|| Property {
            docs: &handler.docs,
            name: &message.schema.tag,
            ty: union(replies),
        })
    });
    answered.collect()
}

/// Returns the type of all that is received: messages, and data without a type.
fn received_type(endpoint: &EndpointContract) -> String {
    let messages = endpoint.sent.iter().map(|sent| whole(Some(sent)));
    let raw = endpoint.sends_untyped.then_some(["string".to_owned(), "ArrayBuffer".to_owned()]);
    union(messages.chain(raw.into_iter().flatten()).collect())
}

/// Returns the types of the data without a type that may be sent.
fn raw_types(endpoint: &EndpointContract) -> Vec<String> {
    let text = endpoint.takes_text.then_some("string");
    let bytes = endpoint.takes_binary.then_some(["ArrayBuffer", "ArrayBufferView"]);
    text.into_iter().chain(bytes.into_iter().flatten()).map(str::to_owned).collect()
}

/// Returns the type of whole messages.
fn whole(messages: Option<&Messages>) -> String {
    let Some(messages) = messages else { return "unknown".to_owned() };
    let unknown = messages.is_incomplete.then(|| "unknown".to_owned());
    union(messages.types.iter().cloned().chain(unknown).collect())
}

fn payload_type(all: &Messages, message: &DescribedMessage) -> String {
    payload(&message.schema.schema, all.tagging)
        .map_or_else(|| "undefined".to_owned(), |payload| type_of(&payload))
}

fn docs_of(message: &DescribedMessage) -> &str {
    message.schema.schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

fn messages(messages: &Option<Messages>) -> impl Iterator<Item = (&Messages, &DescribedMessage)> {
    messages.iter().flat_map(|all| all.messages.iter().map(move |message| (all, message)))
}

/// A property of an object type.
struct Property<'a> {
    docs: &'a str,
    name: &'a str,
    ty: String,
}

impl<'a> Property<'a> {
    /// Returns the property for messages of a kind.
    fn of(message: &'a DescribedMessage, ty: String) -> Self {
        Self { docs: docs_of(message), name: &message.schema.tag, ty }
    }
}

/// Returns the type of an object. Properties of one name are one, of any of their types.
fn record<'a>(members: impl IntoIterator<Item = Property<'a>>) -> String {
    let mut merged: Vec<(Property<'a>, Vec<String>)> = Vec::new();
    for member in members {
        let ty = member.ty.clone();
        match merged.iter_mut().find(|(first, _)| first.name == member.name) {
            Some((_, types)) => types.push(ty),
            None => merged.push((member, vec![ty])),
        }
    }
    if merged.is_empty() {
        return "{}".to_owned();
    }
    let lines = merged.into_iter().map(|(Property { docs, name, .. }, types)| {
        format!("{}      {}: {};\n", doc_comment(docs, "      "), property_name(name), union(types))
    });
    format!("{{\n{}    }}", lines.collect::<String>())
}

/// Returns what the client has to know at run time.
fn info(endpoint: &EndpointContract) -> String {
    let EndpointContract { path, received, sent, id, subprotocols, resumes, .. } = endpoint;
    let EndpointContract { takes_binary, takes_text, .. } = endpoint;
    let takes = [takes_text.then_some("text"), takes_binary.then_some("bytes")];
    let requests = requests(endpoint);
    let mut members = vec![
        format!("path: {}", literal(&json!(path))),
        format!("sent: {}", representation(received.as_ref())),
        format!("received: {}", representation(sent.as_ref())),
    ];
    for (member, names) in [
        ("send", tags(received)),
        ("on", tags(sent)),
        ("request", requests.iter().map(|request| request.name).collect()),
        ("takes", takes.into_iter().flatten().collect()),
    ] {
        let names: BTreeSet<&str> = names;
        members.extend((!names.is_empty()).then(|| format!("{member}: {}", literal(&json!(names)))));
    }
    members.extend(endpoint.sends_untyped.then(|| "sendsRaw: true".to_owned()));
    members.extend(id.map(|id| format!("id: {}", literal(&json!(id)))));
    members.extend(resumes.then(|| "resumes: true".to_owned()));
    if !subprotocols.is_empty() {
        members.push(format!("subprotocols: {}", literal(&json!(subprotocols))));
    }
    format!("{{ {} }}", members.join(", "))
}

/// Returns the kinds of the messages, each once.
fn tags(messages: &Option<Messages>) -> BTreeSet<&str> {
    self::messages(messages).map(|(_, message)| &*message.schema.tag).collect()
}

/// Returns the names of the fields for the kind and the content.
fn representation(messages: Option<&Messages>) -> String {
    match messages.map(|messages| messages.tagging) {
        Some(Tagging::Internal { tag }) => literal(&json!([tag])),
        Some(Tagging::Adjacent { tag, content }) => literal(&json!([tag, content])),
        Some(Tagging::External) => "[]".to_owned(),
        None => "undefined".to_owned(),
    }
}
