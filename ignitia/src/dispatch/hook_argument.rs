//! Arguments of hooks and of the functions of `on_raw` and `on_binary`.

use bytes::Bytes;

/// Type of the argument that takes a binary message.
#[diagnostic::on_unimplemented(
    message = "a binary message cannot be taken as `{Self}`",
    label = "expected `Vec<u8>`, or another type that implements `From<Bytes>`"
)]
pub trait FromBinary: Sized {
    /// Converts the payload.
    fn from_binary(payload: Bytes) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: From<Bytes>> FromBinary for T {
    #[inline]
    fn from_binary(payload: Bytes) -> T {
        payload.into()
    }
}

/// An argument of a function that an option of the attribute names.
#[diagnostic::on_unimplemented(
    message = "this function takes `{Self}` in place of `{Lent}`",
    label = "expected `{Lent}`",
    note = "for `on_raw`, write `async fn name(text: &str, ws: &WebSocketConnection) -> Option<Message>`",
    note = "for `on_binary`, write `async fn name(bytes: Vec<u8>, ws: &WebSocketConnection)`"
)]
pub trait HookInput<Lent> {
    /// Returns the value itself.
    fn from_value(lent: Lent) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T> HookInput<T> for T {
    #[inline]
    fn from_value(lent: T) -> T {
        lent
    }
}
