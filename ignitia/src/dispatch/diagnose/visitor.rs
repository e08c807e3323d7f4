//! Visitor that reports the errors of its value.

use std::fmt;

use serde::de::{Deserializer, Error, Expected, MapAccess, SeqAccess, Visitor};

use super::{
    access::{ElementAccess, FieldAccess},
    diagnoser::{Diagnoser, KeyCell},
    fault::{Fault, FaultKind},
    path::Segment,
    pending_fault::PendingFault,
};

/// A visitor whose value is read through a [`Diagnoser`].
pub(super) struct DiagnosingVisitor<'t, V> {
    pub(super) visitor: V,
    pub(super) pending: &'t PendingFault,
    /// Receives the text if the value is the key of an object.
    pub(super) key: Option<&'t KeyCell>,
    /// Expectation to report for an array with too many elements.
    pub(super) length: LengthExpectation,
}

impl<'de, V: Visitor<'de>> DiagnosingVisitor<'_, V> {
    /// Returns the error of a value whose type the visitor does not take. Such a key is not known,
    /// only its object.
    pub(super) fn mismatch(&self) -> Fault {
        match self.key {
            None => Fault::unexpected(FaultKind::InvalidType, &self.visitor),
            Some(_) => Fault::unexpected_key(&self.visitor),
        }
    }
}

macro_rules! visit {
    ($($method:ident($value:ident: $type:ty) $text:expr;)*) => {$(
        fn $method<E: Error>(self, $value: $type) -> Result<V::Value, E> {
            if let Some(key) = self.key {
                key.set(Some(Segment::key($text)));
            }
            self.pending.set_aside(self.visitor.$method($value))
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for DiagnosingVisitor<'_, V> {
    type Value = V::Value;

    /// Stores the error as well: the inner deserializer calls this, for its message, when it finds
    /// a wrong type by itself.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pending.set(self.mismatch());
        self.visitor.expecting(f)
    }

    visit! {
        visit_bool(value: bool) &value.to_string();
        visit_char(value: char) &value.to_string();
        visit_i8(value: i8) &value.to_string();
        visit_i16(value: i16) &value.to_string();
        visit_i32(value: i32) &value.to_string();
        visit_i64(value: i64) &value.to_string();
        visit_i128(value: i128) &value.to_string();
        visit_u8(value: u8) &value.to_string();
        visit_u16(value: u16) &value.to_string();
        visit_u32(value: u32) &value.to_string();
        visit_u64(value: u64) &value.to_string();
        visit_u128(value: u128) &value.to_string();
        visit_f32(value: f32) &value.to_string();
        visit_f64(value: f64) &value.to_string();
        visit_str(text: &str) text;
        visit_borrowed_str(text: &'de str) text;
        visit_string(text: String) &text;
        visit_bytes(bytes: &[u8]) &String::from_utf8_lossy(bytes);
        visit_borrowed_bytes(bytes: &'de [u8]) &String::from_utf8_lossy(bytes);
        visit_byte_buf(bytes: Vec<u8>) &String::from_utf8_lossy(&bytes);
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.pending.set_aside(self.visitor.visit_unit())
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.pending.set_aside(self.visitor.visit_none())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let Self { visitor, pending, key, .. } = self;
        pending.set_aside(visitor.visit_some(Diagnoser { inner, pending, key }))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let Self { visitor, pending, key, .. } = self;
        pending.set_aside(visitor.visit_newtype_struct(Diagnoser { inner, pending, key }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self { visitor, pending, length, .. } = self;
        let mut elements = ElementAccess::new(inner, pending);
        let result =
            visitor.visit_seq(&mut elements).and_then(|value| elements.finish(&length).map(|()| value));
        pending.set_aside(result)
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self { visitor, pending, .. } = self;
        pending.set_aside(visitor.visit_map(FieldAccess::new(inner, pending)))
    }
}

/// Expectation to report for an array with more elements than its visitor reads.
#[derive(Clone, Copy)]
pub(super) enum LengthExpectation {
    Fewer,
    Exactly(usize),
    Object,
}

impl Expected for LengthExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fewer => f.write_str("an array with fewer elements"),
            Self::Exactly(len) => write!(f, "an array of length {len}"),
            Self::Object => f.write_str("an object"),
        }
    }
}
