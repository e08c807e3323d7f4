//! Error of a value that could not be read, in a form that programs can use.

use std::fmt::{self, Display};

use serde::de::{Error, Expected, Unexpected};

use super::{
    expectation::public_expectation,
    path::{JsonPath, Segment},
};

/// Error of a value that could not be read: its kind, the path to the value, and what was expected.
///
/// It can be sent to the client: it holds nothing of the input but keys in the path, and no names
/// of Rust's types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dispatch) struct Fault {
    pub(in crate::dispatch) kind: FaultKind,
    pub(in crate::dispatch) path: JsonPath,
    /// Names or descriptions of the values that would be valid there.
    pub(in crate::dispatch) expected: Vec<String>,
}

/// Kind of a [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dispatch) enum FaultKind {
    MissingField,
    UnknownField,
    DuplicateField,
    UnknownVariant,
    InvalidType,
    InvalidValue,
    InvalidLength,
    /// Refused by code of the application. Its text may repeat the input, so it is not kept.
    Refused,
    /// Error of the format itself.
    Format,
}

impl Fault {
    /// Creates an error of the format itself.
    pub(super) fn format() -> Self {
        Self::new(FaultKind::Format)
    }

    /// Creates the error of a value that is not what its visitor expects.
    pub(super) fn unexpected(kind: FaultKind, expected: &dyn Expected) -> Self {
        Self { expected: vec![public_expectation(&expected.to_string())], ..Self::new(kind) }
    }

    /// Creates the error of a key that is not what its visitor expects. The error is the
    /// object's.
    pub(super) fn unexpected_key(expected: &dyn Expected) -> Self {
        let key = public_expectation(&expected.to_string());
        Self {
            expected: vec![format!("an object of which each key is {key}")],
            ..Self::new(FaultKind::InvalidValue)
        }
    }

    /// Returns the fault as seen from the value around, in which `segment` leads here.
    pub(super) fn within(mut self, segment: Segment) -> Self {
        self.path.push_outer(segment);
        self
    }

    /// Returns the fault as one of the segment itself, and of nothing inside it.
    pub(super) fn at(mut self, segment: Segment) -> Self {
        self.path.clear();
        self.within(segment)
    }

    fn new(kind: FaultKind) -> Self {
        Self { kind, path: JsonPath::default(), expected: Vec::new() }
    }

    fn of_known(kind: FaultKind, known: &[&str]) -> Self {
        Self { expected: known.iter().map(|name| (*name).to_owned()).collect(), ..Self::new(kind) }
    }
}

impl Error for Fault {
    fn custom<T: Display>(_: T) -> Self {
        Self::new(FaultKind::Refused)
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(FaultKind::InvalidType, expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(FaultKind::InvalidValue, expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::unexpected(FaultKind::InvalidLength, expected)
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::of_known(FaultKind::UnknownVariant, known)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::of_known(FaultKind::UnknownField, known).within(Segment::key(name))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::of_known(FaultKind::MissingField, &[name]).within(Segment::key(name))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(FaultKind::DuplicateField).within(Segment::key(name))
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FaultKind::MissingField => "missing field",
            FaultKind::UnknownField => "unknown field",
            FaultKind::DuplicateField => "duplicate field",
            FaultKind::UnknownVariant => "unknown variant",
            FaultKind::InvalidType => "invalid type",
            FaultKind::InvalidValue => "invalid value",
            FaultKind::InvalidLength => "invalid length",
            FaultKind::Refused => "refused value",
            FaultKind::Format => "invalid format",
        })?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        if !self.expected.is_empty() {
            write!(f, ", expected {}", self.expected.join(" or "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructors_of_fields() {
        let missing = Fault::missing_field("to");
        assert_eq!((missing.kind.clone(), missing.path.to_string()), (FaultKind::MissingField, "to".into()));
        assert_eq!(missing.expected, ["to"]);
        assert_eq!(missing.within(Segment::Index(3)).path.to_string(), "[3].to");

        let unknown = Fault::unknown_field("tu", &["to", "text"]);
        assert_eq!((unknown.kind.clone(), unknown.path.to_string()), (FaultKind::UnknownField, "tu".into()));
        assert_eq!(unknown.expected, ["to", "text"]);
        assert_eq!(unknown.at(Segment::key("tu")).path.to_string(), "tu");

        let twice = Fault::duplicate_field("to");
        assert_eq!((twice.kind.clone(), twice.path.to_string()), (FaultKind::DuplicateField, "to".into()));
        assert!(twice.expected.is_empty());
    }

    #[test]
    fn constructors_of_values() {
        let secret = Unexpected::Str("hunter2");
        let faults = [
            (Fault::invalid_type(secret, &"struct Foo"), FaultKind::InvalidType, "an object"),
            (Fault::invalid_value(secret, &"a nonzero u8"), FaultKind::InvalidValue, "a nonzero u8"),
            (
                Fault::invalid_length(7, &"a tuple of size 2"),
                FaultKind::InvalidLength,
                "an array of length 2",
            ),
            (Fault::unknown_variant("hunter2", &["a string"]), FaultKind::UnknownVariant, "a string"),
        ];
        for (fault, kind, expected) in faults {
            assert_eq!((&fault.kind, fault.path.to_string().as_str()), (&kind, ""));
            assert_eq!(fault.expected, [expected]);
            assert!(!fault.to_string().contains("hunter2"));
        }
        let refused = Fault::custom("no hunter2 here");
        assert_eq!(refused.kind, FaultKind::Refused);
        assert!(refused.expected.is_empty());
        assert_eq!(refused.to_string(), "refused value");
    }

    #[test]
    fn displays_what_and_where() {
        let fault =
            Fault::unknown_variant("x", &["a", "b"]).within(Segment::Index(1)).within(Segment::key("k"));
        assert_eq!(fault.to_string(), "unknown variant at k[1], expected a or b");
        assert_eq!(Fault::format().to_string(), "invalid format");
    }
}
