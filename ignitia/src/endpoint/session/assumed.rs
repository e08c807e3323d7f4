//! What has to be sent to other threads, said once for each session.
//!
//! The expansion implements these traits without a condition, and that is where rustc complains about an `Rc`. Wherever else it matters
//! they are a condition, from which it follows: about the futures of the session's methods, each of which holds the `Rc` too, there is
//! nothing left to say. The conditions mention `By`, a parameter, and so does what follows from them: rustc would look at once whether
//! conditions without parameters hold.

/// That a session can be sent to another thread.
#[doc(hidden)]
pub trait CanBeSent<By>:
    Sized + Projected<Self, By, Itself = Self> + Projected<Self, By, Itself: Send>
{
}

/// That the events of a session can.
#[doc(hidden)]
pub trait CanHear<E, By>: Projected<E, By, Itself = E> + Projected<E, By, Itself: Send> {}

/// A type as a projection of others (`<S as Projected<T, By>>::Itself`): only so does a bound on it mention `By`.
#[doc(hidden)]
pub trait Projected<T, By> {
    /// `T`.
    type Itself;
}

impl<S, T, By> Projected<T, By> for S {
    type Itself = T;
}
