//! Visitors, between the values that ask and the deserializer that reads.

use std::fmt;

use serde::de::{Deserializer, Error, Expected, MapAccess, SeqAccess, Visitor};

use super::{
    Diagnose, KeyCell, PendingFault,
    access::{Elements, Fields},
    fault::{Fault, FaultKind, Segment},
};

/// A visitor, told about its value in terms of [`Diagnose`].
pub(super) struct Watched<'t, V> {
    pub(super) visitor: V,
    pub(super) stash: &'t PendingFault,
    /// Where the text goes, if it is a key.
    pub(super) key: Option<&'t KeyCell>,
    pub(super) shape: Shape,
}

impl<'de, V: Visitor<'de>> Watched<'_, V> {
    /// The value is nothing for the visitor. A key is not known then, only whose it is.
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
            self.stash.leave(self.visitor.$method($value))
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watched<'_, V> {
    type Value = V::Value;

    /// Asked for by the inner deserializer when it finds by itself that the value is of a wrong type, for its message.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stash.0.set(Some(self.mismatch()));
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
        self.stash.leave(self.visitor.visit_unit())
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.stash.leave(self.visitor.visit_none())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let Self { visitor, stash, key, .. } = self;
        stash.leave(visitor.visit_some(Diagnose { inner, stash, key }))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let Self { visitor, stash, key, .. } = self;
        stash.leave(visitor.visit_newtype_struct(Diagnose { inner, stash, key }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self { visitor, stash, shape, .. } = self;
        let mut elements = Elements::new(inner, stash);
        let result =
            visitor.visit_seq(&mut elements).and_then(|value| elements.finish(&shape).map(|()| value));
        stash.leave(result)
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let Self { visitor, stash, .. } = self;
        stash.leave(visitor.visit_map(Fields::new(inner, stash)))
    }
}

/// What can be said of an array that is too long for its visitor.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Value,
    Tuple(usize),
    Object,
}

impl Expected for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => f.write_str("an array with fewer elements"),
            Self::Tuple(len) => write!(f, "an array of length {len}"),
            Self::Object => f.write_str("an object"),
        }
    }
}
