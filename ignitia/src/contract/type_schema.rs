//! Schemas of types that may have none.
//!
//! Methods of finders have names that no trait of the program has: the trait might be in scope for
//! every type.

use std::{any::type_name, borrow::Cow, fmt, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A type of messages or of request data, with its schema if the type has one.
#[derive(Debug, Clone, Copy)]
pub struct TypeSchema {
    pub(super) type_name: &'static str,
    pub(super) schema: Option<SchemaFunctions>,
}

/// The functions of a type's `JsonSchema`.
#[derive(Debug, Clone, Copy)]
pub(super) struct SchemaFunctions {
    pub(super) name: fn() -> Cow<'static, str>,
    /// Generates the schema itself.
    pub(super) inlined: fn(&mut SchemaGenerator) -> Schema,
    /// Generates a reference to the schema where that is usual.
    pub(super) referable: fn(&mut SchemaGenerator) -> Schema,
}

/// Finds the schema of a type: its own, or none, through [`WithoutSchema`].
pub struct SchemaOf<T>(PhantomData<fn() -> T>);

impl<T> SchemaOf<T> {
    /// Creates a finder.
    #[allow(clippy::new_without_default, reason = "only expansions call it")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: JsonSchema> SchemaOf<T> {
    /// Returns the schema.
    pub fn __schema(&self) -> TypeSchema {
        let functions = SchemaFunctions {
            name: T::schema_name,
            inlined: T::json_schema,
            referable: SchemaGenerator::subschema_for::<T>,
        };
        TypeSchema { type_name: type_name::<T>(), schema: Some(functions) }
    }
}

/// Types without a schema.
pub trait WithoutSchema {
    /// Returns the name of the type.
    fn __schema(&self) -> TypeSchema;
}

impl<T> WithoutSchema for SchemaOf<T> {
    fn __schema(&self) -> TypeSchema {
        TypeSchema { type_name: type_name::<T>(), schema: None }
    }
}

impl<T> fmt::Debug for SchemaOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(type_name::<T>())
    }
}
