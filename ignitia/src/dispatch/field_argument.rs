//! Arguments of session methods: fields of the message.

/// An argument of a session method that takes a field of the message: it has the field's own type.
#[diagnostic::on_unimplemented(
    message = "this argument is `{Self}`, but the field of the message is `{Field}`",
    label = "expected `{Field}`",
    note = "a method takes the fields as they are in the message: write `{Field}` here, or change the field's type"
)]
pub trait FieldArgument<Field> {
    /// Returns the field itself.
    fn from_field(field: Field) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T> FieldArgument<T> for T {
    #[inline]
    fn from_field(field: T) -> T {
        field
    }
}
