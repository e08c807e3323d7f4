//! Serializer that writes names without a search for escapes.

use std::fmt::Display;

use serde::{Serialize, Serializer};
use serde_json::Error;

use super::{
    compound::Compound,
    text::{write_name, write_text},
};

/// Serializer that appends a value as JSON.
pub(super) struct JsonSerializer<'a> {
    json: &'a mut Vec<u8>,
}

impl<'a> JsonSerializer<'a> {
    #[inline]
    pub(super) fn new(json: &'a mut Vec<u8>) -> Self {
        Self { json }
    }

    /// Opens an array or an object that is the only field of an object, as serde's default
    /// representation of enums has it.
    #[inline]
    fn open_variant(self, variant: &'static str, begin: u8) -> Result<Compound<'a>, Error> {
        write_name(self.json, b'{', variant)?;
        Ok(Compound::in_variant(self.json, begin))
    }
}

/// Forwards methods to `serde_json`.
macro_rules! forward_to_serde_json {
    ($($method:ident($($value:ident: $ty:ty)?))*) => {
        $(
            #[inline]
            fn $method(self, $($value: $ty)?) -> Result<(), Error> {
                serde_json::Serializer::new(self.json).$method($($value)?)
            }
        )*
    };
}

impl<'a> Serializer for JsonSerializer<'a> {
    type Ok = ();
    type Error = Error;

    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    forward_to_serde_json! {
        serialize_bool(value: bool)
        serialize_i8(value: i8)
        serialize_i16(value: i16)
        serialize_i32(value: i32)
        serialize_i64(value: i64)
        serialize_i128(value: i128)
        serialize_u8(value: u8)
        serialize_u16(value: u16)
        serialize_u32(value: u32)
        serialize_u64(value: u64)
        serialize_u128(value: u128)
        serialize_f32(value: f32)
        serialize_f64(value: f64)
        serialize_char(value: char)
        serialize_bytes(value: &[u8])
        serialize_none()
        serialize_unit()
        serialize_unit_struct(name: &'static str)
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Error> {
        write_text(self.json, text)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        serde_json::Serializer::new(self.json).collect_str(value)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        write_text(self.json, variant)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        write_name(self.json, b'{', variant)?;
        value.serialize(JsonSerializer::new(self.json))?;
        self.json.push(b'}');
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(Compound::new(self.json, b'['))
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, Error> {
        Ok(Compound::new(self.json, b'['))
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, Error> {
        Ok(Compound::new(self.json, b'['))
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        self.open_variant(variant, b'[')
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, Error> {
        Ok(Compound::new(self.json, b'{'))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Compound<'a>, Error> {
        Ok(Compound::of_struct(self.json, name, length))
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Error> {
        self.open_variant(variant, b'{')
    }
}
