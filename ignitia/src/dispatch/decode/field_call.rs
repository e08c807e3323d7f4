//! Calls of what serde's attributes name for a field, in the shadow of an enum. serde's derive of the enum itself has reported a function
//! that does not fit. A method is looked up among those of the type first, as far as their bounds are met; so here such a function
//! is passed over for the method that everything has.

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
    /// Makes the value.
    #[inline]
    pub fn field(self) -> T {
        (self.0)()
    }
}

/// The default of a field that is skipped.
#[derive(Debug)]
pub struct SkippedField<T>(PhantomData<T>);

impl<T> SkippedField<T> {
    /// Takes nothing.
    #[allow(clippy::new_without_default, reason = "it is for the expansions")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Default> SkippedField<T> {
    /// Makes the value.
    #[inline]
    pub fn field(self) -> T {
        T::default()
    }
}

/// The function in `#[serde(deserialize_with = "..")]`, and what it reads from.
#[derive(Debug)]
pub struct FieldReader<F, D, T>(F, D, PhantomData<T>);

impl<F, D, T> FieldReader<F, D, T> {
    /// Takes both.
    pub const fn new(read: F, deserializer: D) -> Self {
        Self(read, deserializer, PhantomData)
    }
}

impl<'de, F: FnOnce(D) -> Result<T, D::Error>, D: Deserializer<'de>, T> FieldReader<F, D, T> {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// Those of the function.
    #[inline]
    pub fn field(self) -> Result<T, D::Error> {
        (self.0)(self.1)
    }
}

/// The method that everything has.
pub trait NoField: Sized {
    /// Is in no program that compiles.
    fn field<R>(self) -> R {
        const { panic!("serde's derive reports what does not fit") }
    }
}

impl<T> NoField for T {}
