//! Values that a schema allows.

use serde_json::{Map, Value, json};

use crate::support::Dice;

/// Depth from which on values are as small as they can be: recursive types have to end.
const DEEP: usize = 5;

/// Texts that are hard to carry.
const TEXTS: &[&str] = &[
    "",
    "a",
    "Ünï",
    "\"\\/",
    "line\nbreak\t",
    "\u{0}\u{7f}\u{2028}",
    "🦀 and 中",
    "null",
    "1",
    "type",
    "a b",
];

/// Characters that are hard to carry.
const CHARS: &[&str] = &["a", "\"", "\\", "\n", "\u{0}", "ß", "中", "🦀"];

/// Source of values that schemas allow, with a document that they refer to.
pub(super) struct Values<'a> {
    pub(super) document: &'a Value,
    pub(super) dice: &'a mut Dice,
}

impl<'a> Values<'a> {
    /// Returns a value of a schema of draft 07. It may break rules that hold between keywords:
    /// `oneOf` allows one alternative alone, and the caller has to see to that.
    pub(super) fn value(&mut self, schema: &Value, depth: usize) -> Value {
        let Value::Object(fields) = schema else {
            assert_ne!(schema, &Value::Bool(false), "no value fits");
            return self.any(depth);
        };
        if let Some(reference) = fields.get("$ref") {
            let target = self.target(reference);
            return self.value(target, depth + 1);
        }
        if let Some(value) = fields.get("const") {
            return value.clone();
        }
        for choice in ["enum", "examples"] {
            if let Some(Value::Array(values)) = fields.get(choice) {
                return self.dice.pick(values).clone();
            }
        }
        self.combined(fields, depth)
    }

    /// Returns a value for keywords that have to hold at once.
    fn combined(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        let mut parts = Vec::new();
        for schema in fields.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            parts.push(self.value(schema, depth));
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(schemas)) = fields.get(keyword) {
                let chosen = self.alternative(schemas, depth);
                parts.push(self.value(chosen, depth));
            }
        }
        // `type` alone says nothing new beside the others.
        if parts.is_empty() || fields.contains_key("properties") {
            parts.push(self.typed(fields, depth));
        }
        merged(parts)
    }

    fn alternative<'s>(&mut self, schemas: &'s [Value], depth: usize) -> &'s Value {
        let is_short = |schema: &&Value| !schema.to_string().contains("\"$ref\"");
        let mut among: Vec<&Value> = schemas.iter().collect();
        if depth > DEEP && schemas.iter().any(|schema| is_short(&schema)) {
            among.retain(is_short);
        }
        among[self.dice.roll(among.len())]
    }

    fn typed(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        let ty = match fields.get("type") {
            Some(Value::Array(types)) => self.dice.pick(types).as_str(),
            Some(ty) => ty.as_str(),
            None if fields.contains_key("properties") => Some("object"),
            None => None,
        };
        match ty {
            None => self.any(depth),
            Some("null") => Value::Null,
            Some("boolean") => Value::Bool(self.dice.roll(2) == 0),
            Some("integer") => self.integer(fields),
            Some("number") => self.number(fields),
            Some("string") => self.text(fields),
            Some("array") => self.array(fields, depth),
            Some("object") => self.object(fields, depth),
            Some(other) => panic!("unknown type {other}"),
        }
    }

    fn any(&mut self, depth: usize) -> Value {
        match self.dice.roll(if depth > DEEP { 4 } else { 6 }) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(-1.5),
            3 => json!(self.dice.pick(TEXTS)),
            4 => json!([self.any(depth + 1)]),
            _ => json!({ *self.dice.pick(TEXTS): self.any(depth + 1) }),
        }
    }

    /// Returns an integer of the format: schemars writes the range of 8 and 16 bits only.
    fn integer(&mut self, fields: &Map<String, Value>) -> Value {
        let (mut least, mut most) = match fields.get("format").and_then(Value::as_str) {
            Some("int8") => (i8::MIN.into(), i8::MAX.into()),
            Some("int16") => (i16::MIN.into(), i16::MAX.into()),
            Some("int32") => (i32::MIN.into(), i32::MAX.into()),
            Some("int" | "int64" | "int128") => (i64::MIN.into(), i64::MAX.into()),
            Some("uint8") => (0, u8::MAX.into()),
            Some("uint16") => (0, u16::MAX.into()),
            Some("uint32") => (0, u32::MAX.into()),
            Some("uint" | "uint64" | "uint128") => (0, u64::MAX.into()),
            other => panic!("unknown format {other:?} of an integer"),
        };
        let bound = |keyword: &str| fields.get(keyword).and_then(Value::as_i64).map(i128::from);
        least = bound("minimum").unwrap_or(least).max(least);
        most = bound("maximum").unwrap_or(most).min(most);
        let between = least + (self.dice.roll(1_000) as i128).min(most - least);
        let number = *self.dice.pick(&[least, most, between, least.max(0), least.max(1), most - 1]);
        u64::try_from(number).map_or_else(|_| json!(i64::try_from(number).unwrap()), |number| json!(number))
    }

    fn number(&mut self, fields: &Map<String, Value>) -> Value {
        let small = [0.0, -0.0, 1.0, -1.5, 0.1, 1e-7, 3e38, f64::from(f32::MIN_POSITIVE)];
        let large = [f64::MAX, f64::MIN_POSITIVE, 5e-324, 9_007_199_254_740_993.0];
        let is_long = fields.get("format").is_some_and(|format| format == "double");
        match self.dice.roll(3) {
            0 if is_long => json!(self.dice.pick(&large)),
            1 => json!(self.dice.roll(1_000)),
            _ => json!(self.dice.pick(&small)),
        }
    }

    fn text(&mut self, fields: &Map<String, Value>) -> Value {
        assert!(!fields.contains_key("pattern"), "a text with a pattern needs examples: {fields:?}");
        let is_char = fields.get("maxLength").is_some_and(|length| length == 1);
        json!(self.dice.pick(if is_char { CHARS } else { TEXTS }))
    }

    fn array(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        if let Some(Value::Array(schemas)) = fields.get("items") {
            return schemas.iter().map(|schema| self.value(schema, depth + 1)).collect();
        }
        let bound = |keyword: &str| fields.get(keyword).and_then(Value::as_u64);
        let least = bound("minItems").unwrap_or(0);
        let more = if depth > DEEP { 0 } else { self.dice.roll(4) as u64 };
        let length = bound("maxItems").map_or(least + more, |most| (least + more).min(most));
        let any = Value::Bool(true);
        let schema = fields.get("items").unwrap_or(&any);
        let mut values: Vec<Value> = Vec::new();
        for _ in 0..length {
            let value = self.value(schema, depth + 1);
            if fields.get("uniqueItems") != Some(&Value::Bool(true)) || !values.contains(&value) {
                values.push(value);
            }
        }
        values.into()
    }

    fn object(&mut self, fields: &Map<String, Value>, depth: usize) -> Value {
        let required = fields.get("required").and_then(Value::as_array);
        let is_required = |name: &String| required.is_some_and(|required| required.contains(&json!(name)));
        let mut object = Map::new();
        for (name, schema) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if is_required(name) || depth <= DEEP && self.dice.roll(2) == 0 {
                object.insert(name.clone(), self.value(schema, depth + 1));
            }
        }
        self.others(fields, depth, &mut object);
        Value::Object(object)
    }

    /// Adds properties without a name of their own.
    fn others(&mut self, fields: &Map<String, Value>, depth: usize, object: &mut Map<String, Value>) {
        for (pattern, schema) in
            fields.get("patternProperties").and_then(Value::as_object).into_iter().flatten()
        {
            let keys: &[&str] = match &**pattern {
                r"^\d+$" => &["0", "7", "255"],
                r"^-?\d+$" => &["-128", "0", "127"],
                other => panic!("unknown pattern {other}"),
            };
            let key = (*self.dice.pick(keys)).to_owned();
            object.insert(key, self.value(schema, depth + 1));
        }
        let schema = match fields.get("additionalProperties") {
            Some(Value::Bool(false)) => return,
            Some(schema @ Value::Object(_)) => schema,
            _ => &Value::Bool(true),
        };
        for _ in 0..self.dice.roll(3) {
            let key = (*self.dice.pick(&["extra", "ünknown", "", "$x", "__proto__"])).to_owned();
            let value = self.value(schema, depth + 1);
            object.entry(key).or_insert(value);
        }
    }

    fn target(&self, reference: &Value) -> &'a Value {
        let path = reference.as_str().unwrap().strip_prefix('#').unwrap();
        self.document.pointer(path).unwrap_or_else(|| panic!("nothing is at {path}"))
    }
}

/// Returns the only value, or an object with the fields of all; what comes later is meant.
fn merged(mut parts: Vec<Value>) -> Value {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let objects = parts.into_iter().flat_map(|part| match part {
        Value::Object(fields) => fields,
        other => panic!("{other} cannot be put together with others"),
    });
    Value::Object(objects.collect())
}

/// Writes a value with the fields of each object in any order.
pub(super) fn written(value: &Value, dice: &mut Dice) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| written(value, dice)).collect();
            format!("[{}]", values.join(","))
        }
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| format!("{}:{}", json!(name), written(value, dice));
            let mut fields: Vec<String> = fields.iter().map(field).collect();
            for index in (1..fields.len()).rev() {
                fields.swap(index, dice.roll(index + 1));
            }
            format!("{{{}}}", fields.join(","))
        }
        other => other.to_string(),
    }
}
