//! Serializer that writes names without a search for escapes.

use std::fmt::Display;

use serde::{
    Serialize, Serializer,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};
use serde_json::Error;

use super::text::{write_name, write_text};

/// Beginning of the names by which types of `serde_json` (`RawValue`) tell its serializer that they
/// are no structs. It writes a struct whose name only looks like one of them all the same.
const PRIVATE: char = '$';

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

    #[cfg_attr(not(debug_assertions), inline(always))]
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

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Compound<'a>, Error> {
        Ok(Compound::of_struct(self.json, name, length))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
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

/// An array or an object that is being written.
pub(super) struct Compound<'a> {
    json: &'a mut Vec<u8>,
    form: Form,
    /// Character in front of the next element: the one that begins the whole, or a comma.
    before: u8,
}

/// Form of a [`Compound`].
#[derive(Clone, Copy)]
enum Form {
    /// `[..]` or `{..}`.
    Alone,
    /// The only field of an object: `{"variant":[..]}`.
    InVariant,
    /// A struct of this name, with one field, that `serde_json` has to write.
    Private(&'static str),
}

impl<'a> Compound<'a> {
    #[inline]
    pub(super) fn new(json: &'a mut Vec<u8>, begin: u8) -> Self {
        Self { json, form: Form::Alone, before: begin }
    }

    #[inline]
    pub(super) fn in_variant(json: &'a mut Vec<u8>, begin: u8) -> Self {
        Self { json, form: Form::InVariant, before: begin }
    }

    #[inline]
    pub(super) fn of_struct(json: &'a mut Vec<u8>, name: &'static str, length: usize) -> Self {
        let is_private = length == 1 && name.starts_with(PRIVATE);
        let form = if is_private { Form::Private(name) } else { Form::Alone };
        Self { json, form, before: b'{' }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.json.push(self.before);
        self.before = b',';
        value.serialize(JsonSerializer::new(self.json))
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if let Form::Private(of) = self.form {
            let mut serializer = serde_json::Serializer::new(&mut *self.json);
            let mut compound = serializer.serialize_struct(of, 1)?;
            SerializeStruct::serialize_field(&mut compound, name, value)?;
            return SerializeStruct::end(compound);
        }
        write_name(self.json, self.before, name)?;
        self.before = b',';
        value.serialize(JsonSerializer::new(self.json))
    }

    #[inline]
    fn close(self, begin: u8, end: u8) -> Result<(), Error> {
        if matches!(self.form, Form::Private(_)) {
            return Ok(());
        }
        if self.before == begin {
            self.json.push(begin);
        }
        self.json.push(end);
        if matches!(self.form, Form::InVariant) {
            self.json.push(b'}');
        }
        Ok(())
    }

    #[inline]
    fn close_array(self) -> Result<(), Error> {
        self.close(b'[', b']')
    }

    #[inline]
    fn close_object(self) -> Result<(), Error> {
        self.close(b'{', b'}')
    }
}

/// Implements a trait for compounds.
macro_rules! implement {
    ($($trait:ident::$write:ident($($name:ident: $ty:ty)?) by $by:ident, $close:ident;)*) => {
        $(
            impl $trait for Compound<'_> {
                type Ok = ();
                type Error = Error;

                #[cfg_attr(not(debug_assertions), inline(always))]
                fn $write<T: Serialize + ?Sized>(&mut self, $($name: $ty,)? value: &T) -> Result<(), Error> {
                    self.$by($($name,)? value)
                }

                #[inline]
                fn end(self) -> Result<(), Error> {
                    self.$close()
                }
            }
        )*
    };
}

implement! {
    SerializeSeq::serialize_element() by element, close_array;
    SerializeTuple::serialize_element() by element, close_array;
    SerializeTupleStruct::serialize_field() by element, close_array;
    SerializeTupleVariant::serialize_field() by element, close_array;
    SerializeStruct::serialize_field(name: &'static str) by field, close_object;
    SerializeStructVariant::serialize_field(name: &'static str) by field, close_object;
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    /// Has `serde_json` write the key of an object of its own: it knows which types may be keys.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let brace = self.json.len();
        serde_json::Serializer::new(&mut *self.json).serialize_map(None)?.serialize_key(key)?;
        self.json[brace] = self.before;
        self.before = b',';
        Ok(())
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.json.push(b':');
        value.serialize(JsonSerializer::new(self.json))
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close_object()
    }
}
