//! Bounds that a session and its events are `Send`, checked once for each session.
//!
//! The expansion implements these traits without a condition, and there rustc reports an `Rc`. In
//! all other places they are assumed: so rustc does not report the futures of the session's
//! methods, each of which holds the `Rc` too. The assumptions mention the parameter `By`, and so do
//! the bounds that follow from them: rustc would check a bound without a parameter at once.

/// Bound that a session is `Send`.
#[doc(hidden)]
pub trait SendSession<By>:
    Sized + Projected<Self, By, Itself = Self> + Projected<Self, By, Itself: Send>
{
}

/// Bound that the events of a session are `Send`.
#[doc(hidden)]
pub trait SendEvent<E, By>: Projected<E, By, Itself = E> + Projected<E, By, Itself: Send> {}

/// A type as a projection of others (`<S as Projected<T, By>>::Itself`): only so does a bound on it
/// mention `By`.
#[doc(hidden)]
pub trait Projected<T, By> {
    /// The type `T`.
    type Itself;
}

impl<S, T, By> Projected<T, By> for S {
    type Itself = T;
}
