/// An argument that is handed to every message of an `on_message` function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be handed to every message: it is not `Clone`",
    label = "an argument of an `on_message` function is cloned for every message",
    note = "implement `Clone`, or put it into an `Arc`; axum's `Path` is not `Clone`: take its parts as arguments named like the `<parameters>`"
)]
pub trait Reused {
    /// The value for one more message.
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Reused for T {
    fn again(&self) -> Self {
        self.clone()
    }
}

/// The value for one more message.
pub fn again<T: Reused>(value: &T) -> T {
    value.again()
}
