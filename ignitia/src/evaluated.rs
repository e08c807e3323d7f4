//! What makes rustc look at all of a bound before it takes an implementation for granted.
//!
//! `impl<R: Reply> OfItself for R` alone is taken by its head for every `R`; that it is no `Reply` is noticed later. By then
//! `<R as OfItself>::Itself` is known, and whatever is asked of that is an error of its own. Beside a second implementation, of
//! nothing, rustc looks at the bounds first: of what does not meet them no known type comes, and nobody asks.

use std::marker::PhantomData;

/// Has no implementation.
pub trait Impossible {}

/// A type that depends on `T`, so that nobody can know that it is never [`Impossible`] but those who look.
#[derive(Debug)]
pub struct Nothing<T: ?Sized>(PhantomData<T>);
