//! A bound that makes rustc check the other bounds of an implementation before it selects it.
//!
//! rustc selects `impl<R: Reply> OfItself for R`, if it is the only implementation, by its head,
//! for every `R`. It finds out later that `R` is no `Reply`. By then it knows
//! `<R as OfItself>::Itself`, and every bound on that is one more error. Beside a second
//! implementation, for no type, rustc checks the bounds first. A type that does not meet them has
//! no known `Itself`, whose bounds are not checked.

use std::marker::PhantomData;

/// A trait without implementations.
pub trait Impossible {}

/// A type that depends on `T`: rustc knows only after a check that it is never [`Impossible`].
#[derive(Debug)]
pub struct Nothing<T: ?Sized>(PhantomData<T>);
