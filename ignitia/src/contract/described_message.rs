//! Messages that an endpoint receives, as a contract describes them.

use std::{fmt, marker::PhantomData};

use crate::dispatch::{ClientMessage, refusal};

/// Reads messages of a type; or none of a type that is no message, through [`UnreadMessage`].
pub struct ReadMessage<M>(PhantomData<fn() -> M>);

impl<M> ReadMessage<M> {
    /// Creates a reader.
    #[allow(clippy::new_without_default, reason = "only expansions call it")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, M: ClientMessage<'de>> ReadMessage<M> {
    /// Returns the error of a text that is no message.
    pub fn __refusal(&self, text: &'de str) -> Option<String> {
        refusal::<M>(text)
    }
}

/// Types that are no messages.
pub trait UnreadMessage {
    /// Returns nothing.
    fn __refusal(&self, _: &str) -> Option<String> {
        None
    }
}

impl<M> UnreadMessage for ReadMessage<M> {}

impl<M> fmt::Debug for ReadMessage<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadMessage").finish_non_exhaustive()
    }
}
