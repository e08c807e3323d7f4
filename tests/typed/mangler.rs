//! Mutations of valid messages.

use crate::support::Dice;

/// JSON as it is written: numbers and strings are texts, and keys may occur twice.
#[derive(Debug, Clone)]
enum Json {
    Plain(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn parse(text: &str) -> Self {
        let (json, rest) = Self::parse_start(text);
        assert_eq!(rest.trim(), "", "{text}");
        json
    }

    fn parse_start(text: &str) -> (Self, &str) {
        let text = text.trim_start();
        if let Some(mut rest) = text.strip_prefix('[') {
            let mut items = Vec::new();
            loop {
                rest = rest.trim_start().trim_start_matches(',');
                if let Some(rest) = rest.trim_start().strip_prefix(']') {
                    return (Self::Array(items), rest);
                }
                let (item, after) = Self::parse_start(rest);
                items.push(item);
                rest = after;
            }
        }
        if let Some(mut rest) = text.strip_prefix('{') {
            let mut fields = Vec::new();
            loop {
                rest = rest.trim_start().trim_start_matches(',');
                if let Some(rest) = rest.trim_start().strip_prefix('}') {
                    return (Self::Object(fields), rest);
                }
                let (Self::Plain(key), after) = Self::parse_start(rest) else { panic!("{rest}") };
                let after = after.trim_start().strip_prefix(':').unwrap();
                let (value, after) = Self::parse_start(after);
                fields.push((key, value));
                rest = after;
            }
        }
        let end = if let Some(inner) = text.strip_prefix('"') {
            let mut escaped = false;
            let is_end = |c: char| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            };
            inner.find(is_end).unwrap() + 2
        } else {
            text.find([',', ']', '}', ' ']).unwrap_or(text.len())
        };
        (Self::Plain(text[..end].to_owned()), &text[end..])
    }

    fn write(&self, text: &mut String, dice: &mut Dice) {
        let space = |dice: &mut Dice| *dice.pick(&["", "", "", "", "", "", "", " ", "\n\t"]);
        *text += space(dice);
        match self {
            Self::Plain(plain) => *text += plain,
            Self::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    *text += if index > 0 { "," } else { "" };
                    item.write(text, dice);
                }
                text.push(']');
            }
            Self::Object(fields) => {
                text.push('{');
                for (index, (key, value)) in fields.iter().enumerate() {
                    *text += if index > 0 { "," } else { "" };
                    *text += space(dice);
                    *text += key;
                    *text += space(dice);
                    text.push(':');
                    value.write(text, dice);
                }
                text.push('}');
            }
        }
        *text += space(dice);
    }

    /// Visits all values, from the outside in.
    fn visit<'a>(&'a mut self, at: &mut usize) -> Option<&'a mut Self> {
        if *at == 0 {
            return Some(self);
        }
        *at -= 1;
        match self {
            Self::Plain(_) => None,
            Self::Array(items) => items.iter_mut().find_map(|item| item.visit(at)),
            Self::Object(fields) => fields.iter_mut().find_map(|(_, value)| value.visit(at)),
        }
    }

    fn count(&self) -> usize {
        1 + match self {
            Self::Plain(_) => 0,
            Self::Array(items) => items.iter().map(Self::count).sum(),
            Self::Object(fields) => fields.iter().map(|(_, value)| value.count()).sum(),
        }
    }
}

/// Values of other types, for any place.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "255",
    "256",
    "1.0",
    "1.5",
    "1e2",
    "-1e-2",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "170141183460469231731687303715884105727",
    r#""""#,
    r#""x""#,
    r#""1""#,
    r#""-1""#,
    r#""\u0061""#,
    r#""\n\"""#,
    r#""ü\u00fc\ud83d\ude00""#,
    "[]",
    "{}",
    "[1]",
    "[1,2]",
    r#"["x"]"#,
    r#"{"a":1}"#,
    r#"{"":null}"#,
    r#"{"1":1}"#,
    r#"[[[[]]]]"#,
    r#"{"type":"unit"}"#,
    r#"{"a":{"b":[1,{"c":null}]}}"#,
];

/// Texts of a type, and their mutations.
pub(super) struct Mangler {
    dice: Dice,
    seeds: Vec<Json>,
    keys: Vec<String>,
    values: Vec<Json>,
}

impl Mangler {
    pub(super) fn new(seeds: &[&str]) -> Self {
        let seeds: Vec<Json> = seeds.iter().map(|seed| Json::parse(seed)).collect();
        let mut values: Vec<Json> = VALUES.iter().map(|value| Json::parse(value)).collect();
        let mut keys = vec![r#""""#.to_owned(), r#""unknown""#.to_owned(), r#""id""#.to_owned()];
        for seed in &seeds {
            let mut seed = seed.clone();
            for index in 0..seed.count() {
                let value = seed.visit(&mut index.clone()).unwrap();
                values.push(value.clone());
                if let Json::Object(fields) = value {
                    keys.extend(fields.iter().map(|(key, _)| key.clone()));
                }
            }
        }
        Self { dice: Dice(0x9e37_79b9_7f4a_7c15), seeds, keys, values }
    }

    pub(super) fn next(&mut self) -> String {
        let mut json = self.dice.pick(&self.seeds).clone();
        for _ in 0..self.dice.roll(4) {
            self.alter(&mut json);
        }
        let mut text = String::new();
        json.write(&mut text, &mut self.dice);
        if self.dice.roll(8) == 0 {
            self.scratch(&mut text);
        }
        text
    }

    fn alter(&mut self, json: &mut Json) {
        let dice = &mut self.dice;
        let mut at = dice.roll(json.count());
        let value = json.visit(&mut at).unwrap();
        match value {
            Json::Object(fields) if !fields.is_empty() && dice.roll(8) > 0 => {
                let (one, other) = (dice.roll(fields.len()), dice.roll(fields.len()));
                match dice.roll(8) {
                    0..=2 => fields.swap(one, other),
                    3 => fields.insert(other, fields[one].clone()),
                    4 => drop(fields.remove(one)),
                    5 => fields[one].0 = dice.pick(&self.keys).clone(),
                    6 => {
                        fields.insert(other, (dice.pick(&self.keys).clone(), dice.pick(&self.values).clone()))
                    }
                    _ => fields[one].0 = escape(&fields[one].0, dice),
                }
            }
            Json::Array(items) if !items.is_empty() && dice.roll(4) > 0 => {
                let (one, other) = (dice.roll(items.len()), dice.roll(items.len()));
                match dice.roll(4) {
                    0 => items.swap(one, other),
                    1 => items.insert(other, items[one].clone()),
                    2 => drop(items.remove(one)),
                    _ => items.push(dice.pick(&self.values).clone()),
                }
            }
            Json::Plain(plain) if plain.starts_with('"') && dice.roll(2) == 0 => *plain = escape(plain, dice),
            value => match dice.roll(6) {
                0 => *value = Json::Array(vec![value.clone()]),
                1 => *value = Json::Object(vec![(dice.pick(&self.keys).clone(), value.clone())]),
                _ => *value = dice.pick(&self.values).clone(),
            },
        }
    }

    /// Breaks the text itself.
    fn scratch(&mut self, text: &mut String) {
        let dice = &mut self.dice;
        let mut chars: Vec<char> = text.chars().collect();
        let at = dice.roll(chars.len());
        match dice.roll(4) {
            0 => drop(chars.remove(at)),
            1 => chars.truncate(at),
            2 => chars.insert(at, *dice.pick(&['"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', ' ', 'n'])),
            _ => chars.extend(['}']),
        }
        *text = chars.into_iter().collect();
    }
}

/// Returns the same string, with one character escaped.
fn escape(string: &str, dice: &mut Dice) -> String {
    let inner = &string[1..string.len() - 1];
    if inner.is_empty() || inner.contains('\\') {
        return string.to_owned();
    }
    let at = dice.roll(inner.chars().count());
    let mut escaped = String::from('"');
    for (index, c) in inner.chars().enumerate() {
        if index == at && (c as u32) < 0x10000 {
            escaped += &format!("\\u{:04x}", c as u32);
        } else {
            escaped.push(c);
        }
    }
    escaped + "\""
}
