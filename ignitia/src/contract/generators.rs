//! Generation of the schemas of one endpoint.

use std::borrow::Cow;

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use super::{
    message_direction::MessageDirection, references::definition_name, type_schema::SchemaFunctions,
    url_values::UrlSchemas,
};

/// Generators of one endpoint, one for each direction.
///
/// They write draft 07, where no keyword stands beside `$ref`: programs that read schemas drop one
/// of the two.
#[derive(Debug)]
pub(super) struct Generators {
    received: SchemaGenerator,
    sent: SchemaGenerator,
}

impl Generators {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft07().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            received: settings().for_deserialize().into_generator(),
            sent: settings().for_serialize().into_generator(),
        }
    }

    /// Generates the schema of a type itself, not a reference to it.
    pub(super) fn inlined(&mut self, direction: MessageDirection, functions: &SchemaFunctions) -> Value {
        self.generate(direction, functions.inlined)
    }

    /// Generates the schema of a type itself, and returns it with the name of its definition.
    /// Another type of that name, inside it or beside it, then has another one.
    pub(super) fn named(
        &mut self,
        direction: MessageDirection,
        functions: &SchemaFunctions,
    ) -> (String, Value) {
        let reference = self.referable(direction, functions);
        let name = reference.get("$ref").and_then(Value::as_str).and_then(definition_name);
        let name = name.map_or_else(|| (functions.name)().into_owned(), Cow::into_owned);
        (name, self.inlined(direction, functions))
    }

    /// Generates the schema of a type, or a reference to it.
    pub(super) fn referable(&mut self, direction: MessageDirection, functions: &SchemaFunctions) -> Value {
        self.generate(direction, functions.referable)
    }

    fn generate(&mut self, direction: MessageDirection, schema: fn(&mut SchemaGenerator) -> Schema) -> Value {
        let generator = self.of(direction);
        let mut schema = schema(generator);
        // The generator itself transforms nothing but definitions.
        for transform in generator.transforms_mut() {
            transform.transform(&mut schema);
        }
        plain(schema.to_value())
    }

    /// Returns the schemas so far, for questions about those of a path or a query.
    pub(super) fn url_schemas(&self) -> UrlSchemas<'_> {
        UrlSchemas { definitions: self.received.definitions() }
    }

    /// Takes the definitions that the schemas refer to.
    pub(super) fn take_definitions(&mut self, direction: MessageDirection) -> Map<String, Value> {
        let definitions = self.of(direction).take_definitions(true);
        definitions.into_iter().map(|(name, schema)| (name, plain(schema))).collect()
    }

    fn of(&mut self, direction: MessageDirection) -> &mut SchemaGenerator {
        match direction {
            MessageDirection::Received => &mut self.received,
            MessageDirection::Sent => &mut self.sent,
        }
    }
}

/// Replaces `true`, the schema of any value, by an empty object, which more programs can read.
fn plain(schema: Value) -> Value {
    match schema {
        Value::Bool(true) => Value::Object(Map::new()),
        Value::Object(mut fields) => {
            for keyword in ["properties", "patternProperties"] {
                if let Some(Value::Object(schemas)) = fields.get_mut(keyword) {
                    schemas.values_mut().for_each(|schema| *schema = plain(schema.take()));
                }
            }
            for keyword in ["allOf", "anyOf", "oneOf"] {
                if let Some(Value::Array(schemas)) = fields.get_mut(keyword) {
                    schemas.iter_mut().for_each(|schema| *schema = plain(schema.take()));
                }
            }
            match fields.get_mut("items") {
                Some(Value::Array(schemas)) => {
                    schemas.iter_mut().for_each(|schema| *schema = plain(schema.take()));
                }
                Some(schema) => *schema = plain(schema.take()),
                None => {}
            }
            // It stays a Boolean where it means that there may be others.
            if let Some(schema) = fields.get_mut("additionalProperties").filter(|schema| schema.is_object()) {
                *schema = plain(schema.take());
            }
            Value::Object(fields)
        }
        other => other,
    }
}
