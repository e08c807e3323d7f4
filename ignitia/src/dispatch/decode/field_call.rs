//! Calls of the functions that serde's attributes name for a field, for the copy of an enum that
//! the derive of `ClientMessage` writes.
//!
//! serde's derive of the enum itself reports a function that does not fit. To report it only once,
//! the copy calls a method: rustc prefers the type's own methods whose bounds are met, and
//! otherwise finds the method that every type has here.

use std::marker::PhantomData;

use serde::Deserializer;

/// The function in `#[serde(default = "..")]`.
#[derive(Debug)]
pub struct FieldDefault<F, T>(F, PhantomData<T>);

impl<F, T> FieldDefault<F, T> {
    /// Takes the function.
    pub const fn new(make: F) -> Self {
        Self(make, PhantomData)
    }
}

impl<F: FnOnce() -> T, T> FieldDefault<F, T> {
    /// Returns the value.
    #[inline]
    pub fn field(self) -> T {
        (self.0)()
    }
}

/// Default of a skipped field.
#[derive(Debug)]
pub struct SkippedField<T>(PhantomData<T>);

impl<T> SkippedField<T> {
    /// Creates the default.
    #[allow(clippy::new_without_default, reason = "it is for the expansions")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Default> SkippedField<T> {
    /// Returns the value.
    #[inline]
    pub fn field(self) -> T {
        T::default()
    }
}

/// The function in `#[serde(deserialize_with = "..")]`, and the deserializer that it reads from.
#[derive(Debug)]
pub struct FieldReader<F, D, T>(F, D, PhantomData<T>);

impl<F, D, T> FieldReader<F, D, T> {
    /// Takes the function and the deserializer.
    pub const fn new(read: F, deserializer: D) -> Self {
        Self(read, deserializer, PhantomData)
    }
}

impl<'de, F: FnOnce(D) -> Result<T, D::Error>, D: Deserializer<'de>, T> FieldReader<F, D, T> {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// The function's.
    #[inline]
    pub fn field(self) -> Result<T, D::Error> {
        (self.0)(self.1)
    }
}

/// Method that every type has.
pub trait NoField: Sized {
    /// Stands in no program that compiles.
    fn field<R>(self) -> R {
        const { panic!("serde's derive reports what does not fit") }
    }
}

impl<T> NoField for T {}
