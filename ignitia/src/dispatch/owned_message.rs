//! Messages that do not borrow from the text they are decoded from.

use super::{
    client_message::ClientMessage,
    correlation_id::Id,
    decode::{Decoded, decode},
    malformed::Malformed,
};

/// Function that decodes a text to a message and its id.
#[doc(hidden)]
pub type Decode<M> = for<'t> fn(&'t str, Option<&'static str>) -> Result<(M, Option<Id<'t>>), Malformed>;

/// A message that does not borrow from its text.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message that clients send",
    label = "expected an enum with `#[derive(Deserialize, ClientMessage)]`",
    note = "add `#[derive(serde::Deserialize, ignitia::ClientMessage)]` and `#[serde(tag = \"type\")]` to `{Self}`"
)]
pub trait OwnedMessage: Sized {
    /// Decodes the message and its id.
    ///
    /// # Errors
    ///
    /// If the text is no message.
    fn decode<'t>(text: &'t str, id: Option<&'static str>) -> Result<(Self, Option<Id<'t>>), Malformed>;
}

#[diagnostic::do_not_recommend]
impl<M: for<'de> ClientMessage<'de>> OwnedMessage for M {
    fn decode<'t>(text: &'t str, id: Option<&'static str>) -> Result<(Self, Option<Id<'t>>), Malformed> {
        let Decoded { message, id } = decode::<M>(text, id)?;
        Ok((message, id))
    }
}
