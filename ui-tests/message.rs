//! Messages of rustc.

use std::fmt::{Display, Formatter, Result as FmtResult};

use serde_json::Value;

/// A message of rustc.
pub(crate) struct Message {
    level: String,
    text: String,
    /// Line in the program itself, also of what is inside a macro.
    line: u64,
    /// The lint or the error's code.
    code: Option<String>,
    /// The message as a terminal shows it.
    pub(crate) rendered: String,
    /// True for a message that only sums up the others.
    is_summary: bool,
}

impl Message {
    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let spans = json["spans"].as_array()?;
        let primary = spans.iter().find(|span| span["is_primary"] == true);
        Some(Self {
            level: json["level"].as_str()?.to_owned(),
            text: json["message"].as_str()?.to_owned(),
            line: primary.map_or(0, line_of),
            code: json["code"]["code"].as_str().map(str::to_owned),
            rendered: json["rendered"].as_str()?.to_owned(),
            is_summary: spans.is_empty() && json["code"].is_null(),
        })
    }

    pub(crate) fn is_summary(&self) -> bool {
        self.is_summary
    }

    pub(crate) fn is_error(&self) -> bool {
        self.level == "error"
    }

    /// Returns true for a warning that nothing uses an item: most cases are no complete programs.
    pub(crate) fn warns_of_dead_code(&self) -> bool {
        self.level == "warning" && self.code.as_deref() == Some("dead_code")
    }
}

impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        write!(f, "line {}: {}: {}", self.line, self.level, self.text)
    }
}

fn line_of(span: &Value) -> u64 {
    let outer = &span["expansion"]["span"];
    match outer.is_null() {
        true => span["line_start"].as_u64().unwrap_or_default(),
        false => line_of(outer),
    }
}
