//! Arrays and objects in JSON.

use serde::{
    Serialize, Serializer,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};
use serde_json::Error;

use super::{serializer::JsonSerializer, text::write_name};

/// Beginning of the names by which types of `serde_json` (`RawValue`) tell its serializer that they
/// are no structs.
const PRIVATE: &str = "$serde_json::private::";

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
    /// A value that `serde_json` has to write: a struct of this name with one field.
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

    #[inline(always)]
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

                #[inline(always)]
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

    /// Has `serde_json` write the key of an object of its own, for it knows which types may be keys.
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
