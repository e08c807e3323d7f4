//! The deserializer that diagnoses, above the visitors that it wraps.

use serde::de::{Deserializer, Visitor};

use super::{
    diagnoser::Diagnoser,
    fault::Fault,
    variant::DiagnosingEnumVisitor,
    visitor::{DiagnosingVisitor, LengthExpectation},
};

/// Writes methods that call the inner deserializer's of the same name. `mismatch` returns true,
/// given whether the value is a key, if an error that the inner deserializer finds without telling
/// which is one of the value's type. Otherwise it is one of the format.
macro_rules! forward {
    (mismatch: $mismatch:expr, length: $length:expr; $($method:ident($($arg:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, Fault> {
            let Self { inner, pending, key } = self;
            let visitor = DiagnosingVisitor { visitor, pending, key, length: $length };
            let mismatch: fn(bool) -> bool = $mismatch;
            let own = if mismatch(key.is_some()) { visitor.mismatch() } else { Fault::format() };
            pending.take_back(inner.$method($($arg,)* visitor)).map_err(|fault| {
                fault.unwrap_or_else(|| {
                    // Only a part of the key may have been read.
                    key.inspect(|key| key.set(None));
                    own
                })
            })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Diagnoser<'_, D> {
    type Error = Fault;

    // The inner deserializer's methods of the same names, so that the same texts are valid as when
    // the message was decoded. When it finds a wrong type by itself, it asks the visitor for the
    // right one: see `DiagnosingVisitor::expecting`.
    forward! { mismatch: |_| false, length: LengthExpectation::Fewer;
        deserialize_any() deserialize_bool() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_map() deserialize_identifier() deserialize_ignored_any()
    }
    forward! { mismatch: |_| false, length: LengthExpectation::Exactly(len);
        deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
    }
    forward! { mismatch: |_| false, length: LengthExpectation::Object;
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }
    // serde_json reports a key that is no number as an error of the syntax.
    forward! { mismatch: |is_key| is_key, length: LengthExpectation::Fewer;
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_u8()
        deserialize_u16() deserialize_u32() deserialize_u64() deserialize_f32() deserialize_f64()
    }
    // It reports any other value so, too, where one of these is expected.
    forward! { mismatch: |_| true, length: LengthExpectation::Fewer; deserialize_i128() deserialize_u128() }

    /// Does not call the inner method, which reports anything but a string or an object as an error
    /// of the syntax.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Self { inner, pending, key } = self;
        let visitor = DiagnosingEnumVisitor { visitor, pending, key };
        pending.take_back(inner.deserialize_any(visitor)).map_err(|fault| fault.unwrap_or_else(Fault::format))
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
