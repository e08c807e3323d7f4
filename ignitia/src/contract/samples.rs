//! Samples of the values that a schema allows.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{interface::Interface, references::DEFINITIONS};

/// Text of samples, which no program knows.
pub(super) const TEXT: &str = "some text";

/// Key of an object whose keys are any.
pub(super) const KEY: &str = "some key";

/// Most samples of one schema, and most values in one of them. Types that contain each other would
/// fill any number.
const MOST_SAMPLES: usize = 256;
const MOST_VALUES: usize = 2_000;

/// A value that a schema allows.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) value: Value,
    /// True if a part of it, of which the schema says nothing, is `null`.
    pub(super) is_open: bool,
}

/// Schemas that samples are made of, by the names of their definitions.
#[derive(Debug)]
pub(super) struct SampledSchemas<'a> {
    definitions: BTreeMap<&'a str, &'a Value>,
}

impl<'a> SampledSchemas<'a> {
    pub(super) fn of(interface: &'a Interface) -> Self {
        let definitions = interface.definitions.iter().map(|(name, schema)| (&**name, schema));
        let enums = interface.enums.iter().map(|(name, found)| (&**name, &found.schema));
        Self { definitions: definitions.chain(enums).collect() }
    }

    /// Returns samples that have every alternative of a schema of draft 07 at least once, and one
    /// without the fields that are optional. There may be none: a recursive type need not end.
    pub(super) fn samples(&self, schema: &Value) -> Vec<Sample> {
        let mut samples = Vec::new();
        // Choices that begin a sample; those behind them are the first that fit.
        let mut begins = vec![Vec::new()];
        while let Some(begin) = begins.pop()
            && samples.len() < MOST_SAMPLES
        {
            let mut sampler = Sampler::new(self, &begin, false);
            samples.extend(sampler.sample(schema));
            let choices = sampler.choices;
            for (place, choice) in choices.iter().enumerate().skip(begin.len()) {
                let before = choices[..place].iter().map(|choice| choice.taken);
                begins
                    .extend((choice.taken + 1..choice.of).map(|next| before.clone().chain([next]).collect()));
            }
        }
        samples.extend(Sampler::new(self, &[], true).sample(schema));
        samples
    }
}

/// A choice between alternatives.
struct Choice {
    taken: usize,
    of: usize,
}

/// Maker of one sample.
struct Sampler<'a> {
    schemas: &'a SampledSchemas<'a>,
    /// Choices that are given, from the first on.
    given: &'a [usize],
    /// Choices so far.
    choices: Vec<Choice>,
    is_short: bool,
    is_open: bool,
    /// Names of the definitions around the value.
    within: Vec<&'a str>,
    values: usize,
}

impl<'a> Sampler<'a> {
    fn new(schemas: &'a SampledSchemas<'a>, given: &'a [usize], is_short: bool) -> Self {
        let (choices, within) = (Vec::new(), Vec::new());
        Self { schemas, given, choices, is_short, is_open: false, within, values: 0 }
    }

    fn sample(&mut self, schema: &Value) -> Option<Sample> {
        let value = self.value(schema)?;
        Some(Sample { value, is_open: self.is_open })
    }

    /// Returns a value that a schema allows, or `None` if it finds none.
    fn value(&mut self, schema: &Value) -> Option<Value> {
        self.values += 1;
        if self.values > MOST_VALUES || *schema == Value::Bool(false) {
            return None;
        }
        let Value::Object(fields) = schema else { return Some(self.unknown()) };
        if let Some(Value::String(reference)) = fields.get("$ref") {
            return self.referred(reference);
        }
        if let Some(value) = fields.get("const") {
            return Some(value.clone());
        }
        if let Some(Value::Array(values)) = fields.get("enum") {
            return self.first_of(values, |_, value| Some(value.clone()));
        }
        self.combined(fields)
    }

    /// Returns a value of which the schema says nothing.
    fn unknown(&mut self) -> Value {
        self.is_open = true;
        Value::Null
    }

    fn referred(&mut self, reference: &str) -> Option<Value> {
        let name = reference.strip_prefix(DEFINITIONS)?;
        let (name, schema) = self.schemas.definitions.get_key_value(name)?;
        if self.within.contains(name) {
            return None;
        }
        self.within.push(name);
        let value = self.value(schema);
        self.within.pop();
        value
    }

    /// Returns the value of an alternative: of the one that is given, or of the first that has any.
    fn first_of<T>(
        &mut self,
        alternatives: &[T],
        value: impl Fn(&mut Self, &T) -> Option<Value>,
    ) -> Option<Value> {
        let (place, of) = (self.choices.len(), alternatives.len());
        if of < 2 {
            return value(self, alternatives.first()?);
        }
        let given = self.given.get(place).copied();
        let tried = given.map_or(0..of, |given| given..given + 1);
        tried.into_iter().find_map(|taken| {
            self.choices.truncate(place);
            self.choices.push(Choice { taken, of });
            value(self, alternatives.get(taken)?)
        })
    }

    /// Returns a value for keywords that have to hold at once.
    fn combined(&mut self, fields: &Map<String, Value>) -> Option<Value> {
        let mut parts = Vec::new();
        for schema in fields.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            parts.push(self.value(schema)?);
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(schemas)) = fields.get(keyword) {
                parts.push(self.first_of(schemas, Self::value)?);
            }
        }
        // `type` alone says nothing new beside the others.
        if parts.is_empty() || fields.contains_key("properties") {
            parts.push(self.typed(fields)?);
        }
        merged(parts)
    }

    fn typed(&mut self, fields: &Map<String, Value>) -> Option<Value> {
        match fields.get("type") {
            Some(Value::Array(names)) => {
                self.first_of(names, |sampler, name| sampler.of_type(name.as_str()?, fields))
            }
            Some(name) => self.of_type(name.as_str()?, fields),
            None if fields.contains_key("properties") => self.object(fields),
            None => Some(self.unknown()),
        }
    }

    fn of_type(&mut self, name: &str, fields: &Map<String, Value>) -> Option<Value> {
        match name {
            "null" => Some(Value::Null),
            "boolean" => Some(true.into()),
            "integer" => Some(integer(fields)),
            "number" => Some(number(fields)),
            "string" => Some(text(fields).into()),
            "array" => self.array(fields),
            "object" => self.object(fields),
            _ => None,
        }
    }

    fn array(&mut self, fields: &Map<String, Value>) -> Option<Value> {
        if let Some(Value::Array(items)) = fields.get("items") {
            return items.iter().map(|item| self.value(item)).collect();
        }
        let length = |keyword: &str| fields.get(keyword).and_then(Value::as_u64);
        let (least, most) = (length("minItems").unwrap_or(0), length("maxItems").unwrap_or(u64::MAX));
        let item = fields.get("items").and_then(|item| self.value(item));
        match (item, usize::try_from(least.max(1).min(most))) {
            (Some(item), Ok(length)) if length <= MOST_VALUES => Some(vec![item; length].into()),
            // A list without elements ends a type that contains itself.
            _ => (least == 0).then(|| json!([])),
        }
    }

    fn object(&mut self, fields: &Map<String, Value>) -> Option<Value> {
        let required = fields.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|other| other == name));
        let mut object = Map::new();
        for (name, schema) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if is_required(name) {
                object.insert(name.clone(), self.value(schema)?);
            } else if let Some(value) = self.optional(schema) {
                object.insert(name.clone(), value);
            }
        }
        let patterns = fields.get("patternProperties").and_then(Value::as_object);
        for (pattern, schema) in patterns.into_iter().flatten() {
            // The keys of maps with numbers.
            if pattern.contains(r"\d")
                && let Some(value) = self.optional(schema)
            {
                object.insert("1".to_owned(), value);
            }
        }
        let others = fields.get("additionalProperties").filter(|others| others.is_object());
        if let Some(value) = others.and_then(|others| self.optional(others)) {
            object.insert(KEY.to_owned(), value);
        }
        Some(object.into())
    }

    /// Returns a value that may be left out.
    fn optional(&mut self, schema: &Value) -> Option<Value> {
        let (choices, is_open) = (self.choices.len(), self.is_open);
        let value = (!self.is_short).then(|| self.value(schema)).flatten();
        if value.is_none() && self.given.len() <= choices {
            self.choices.truncate(choices);
            self.is_open = is_open;
        }
        value
    }
}

/// Returns the only value, or an object with the fields of all; `None` if they contradict.
fn merged(parts: Vec<Value>) -> Option<Value> {
    let mut parts = parts.into_iter();
    let mut all = parts.next()?;
    for part in parts {
        let (Value::Object(fields), Value::Object(others)) = (&mut all, part) else { return None };
        for (name, value) in others {
            if fields.get(&name).is_some_and(|known| *known != value) {
                return None;
            }
            fields.insert(name, value);
        }
    }
    Some(all)
}

fn integer(fields: &Map<String, Value>) -> Value {
    let bound = |keyword: &str| fields.get(keyword).and_then(Value::as_i64);
    let least = bound("minimum").max(bound("exclusiveMinimum").map(|least| least.saturating_add(1)));
    let most = bound("maximum");
    let number = least.unwrap_or(1).max(1);
    most.map_or(number, |most| number.min(most)).into()
}

fn number(fields: &Map<String, Value>) -> Value {
    let bound = |keyword: &str| fields.get(keyword).and_then(Value::as_f64);
    json!(bound("minimum").unwrap_or(0.5).max(0.5).min(bound("maximum").unwrap_or(f64::MAX)))
}

fn text(fields: &Map<String, Value>) -> String {
    let example = fields.get("examples").and_then(|examples| examples.get(0)?.as_str());
    let of_format = || match fields.get("format")?.as_str()? {
        "date-time" => Some("2026-11-30T12:00:00Z"),
        "partial-date-time" => Some("2026-11-30T12:00:00"),
        "date" => Some("2026-11-30"),
        "time" => Some("12:00:00Z"),
        "partial-time" => Some("12:00:00"),
        "duration" => Some("PT1S"),
        "uuid" => Some("67e55044-10b1-426f-9247-bb680e5fe0c8"),
        "ip" | "ipv4" => Some("127.0.0.1"),
        "ipv6" => Some("::1"),
        "uri" => Some("https://example.org/"),
        "email" => Some("a@example.org"),
        _ => None,
    };
    let most = fields.get("maxLength").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let text = example.or_else(of_format).unwrap_or(TEXT);
    text.chars().take(most.unwrap_or(usize::MAX)).collect()
}
