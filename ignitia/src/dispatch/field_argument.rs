//! What a method of a session takes out of a message.

/// An argument of a method that is given a field of a message: it has the field's own type.
#[diagnostic::on_unimplemented(
    message = "this argument is `{Self}`, and the field of the message is `{Field}`",
    label = "expected `{Field}`",
    note = "a method takes the fields as they are in the message: write `{Field}` here, or change the field's type"
)]
pub trait Given<Field> {
    /// The field itself.
    fn given(field: Field) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T> Given<T> for T {
    #[inline]
    fn given(field: T) -> T {
        field
    }
}
