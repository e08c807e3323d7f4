//! Panics in code of the user's. They are caught, so that each ends one call only.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Waker,
};

/// Calls code of the user's. The error is the message of its panic.
#[inline]
pub(crate) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| message(&*panic))
}

/// Wakes a waker, which may be code of the user's. If it panics, the others are woken all the same.
pub(crate) fn wake(waker: Waker) {
    if let Err(panic) = catch(|| waker.wake()) {
        tracing::error!(panic, "a waker panicked");
    }
}

/// Returns the message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("(no message)").to_owned()
}

/// Hook of the application: a function `F` that is called for each event of one kind.
pub(crate) struct Hook<F: ?Sized>(Arc<F>);

impl<F: ?Sized> Hook<F> {
    pub(crate) fn new(hook: Arc<F>) -> Self {
        Self(hook)
    }

    /// Calls the hook by `call`. The error is the message of its panic.
    pub(crate) fn call(&self, call: impl FnOnce(&F)) -> Result<(), String> {
        catch(|| call(&self.0))
    }
}

impl<F: ?Sized> Clone for Hook<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: ?Sized> fmt::Debug for Hook<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook").finish_non_exhaustive()
    }
}
