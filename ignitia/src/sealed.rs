//! Seals of traits that only this crate implements.

/// Supertrait of sealed traits.
pub trait Sealed {}

/// Argument of a hidden function of sealed traits whose implementors are not known one by one: its
/// type cannot be named elsewhere.
#[derive(Debug)]
pub struct Private;
