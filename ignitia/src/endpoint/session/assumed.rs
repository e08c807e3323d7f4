//! What has to be sent to other threads, said once for each session.
//!
//! The expansion implements these traits without a condition, and that is where rustc complains about an `Rc`. Wherever else it matters
//! they are a condition, from which it follows: about the futures of the session's methods, each of which holds the `Rc` too, there is
//! nothing left to say. The conditions mention `By`, a parameter, and so does what follows from them: rustc would look at once whether
//! conditions without parameters hold.

/// That a session can be sent to another thread.
#[doc(hidden)]
pub trait CanBeSent<By>:
    Sized + OfItself<Self, By, Itself = Self> + OfItself<Self, By, Itself: Send>
{
}

/// That the events of a session can.
#[doc(hidden)]
pub trait CanHear<E, By>: OfItself<E, By, Itself = E> + OfItself<E, By, Itself: Send> {}

/// A type, by way of others.
#[doc(hidden)]
pub trait OfItself<T, By> {
    /// `T`.
    type Itself;
}

impl<S, T, By> OfItself<T, By> for S {
    type Itself = T;
}
