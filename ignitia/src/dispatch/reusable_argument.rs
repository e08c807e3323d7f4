//! Arguments of `on_message` functions: cloned for every message.

/// An argument of an `on_message` function, of which every message gets a clone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to every call: it is not `Clone`",
    label = "an argument of an `on_message` function is cloned for every message",
    note = "implement `Clone`, or wrap it in an `Arc`; axum's `Path` is not `Clone`: take its parts as arguments named like the `<parameters>`"
)]
pub trait ReusableArgument {
    /// Returns the value for one more message.
    fn clone_argument(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> ReusableArgument for T {
    fn clone_argument(&self) -> Self {
        self.clone()
    }
}

/// Returns the value for one more message.
pub fn clone_argument<T: ReusableArgument>(value: &T) -> T {
    value.clone_argument()
}
