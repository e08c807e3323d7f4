//! Connections, as a contract describes them.

use std::{fmt, marker::PhantomData};

use super::{described_reply::NoMessage, text_reader::TextReader, type_schema::SchemaOf};
use crate::dispatch::{ClientMessage, ServerMessage, Tagging, TypedConnection, Variant, Variants, refusal};

/// Representations of the messages of a typed connection, and the variants that it receives.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionMessages {
    pub(super) received: Tagging,
    pub(super) variants: &'static [Variant],
    pub(super) refusal: TextReader,
    pub(super) sent: Tagging,
}

/// Finds the messages of a connection: those of a typed one, or none, through
/// [`UntypedConnection`].
pub struct ConnectionOf<C>(PhantomData<fn() -> C>);

impl<C> ConnectionOf<C> {
    /// Creates a finder.
    #[allow(clippy::new_without_default, reason = "only expansions call it")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<In, Out> ConnectionOf<TypedConnection<In, Out>>
where
    In: for<'de> ClientMessage<'de> + Variants,
    Out: ServerMessage,
{
    /// Returns the messages.
    pub fn __messages(&self) -> Option<ConnectionMessages> {
        Some(ConnectionMessages {
            received: In::TAGGING,
            variants: In::VARIANTS,
            refusal: |text| refusal::<In>(text),
            sent: Out::TAGGING,
        })
    }

    /// Returns a finder for the schema of those that are received.
    pub fn __received(&self) -> SchemaOf<In> {
        SchemaOf::new()
    }

    /// Returns a finder for the schema of those that are sent.
    pub fn __sent(&self) -> SchemaOf<Out> {
        SchemaOf::new()
    }
}

/// Connections without types.
pub trait UntypedConnection {
    /// Returns no messages.
    fn __messages(&self) -> Option<ConnectionMessages> {
        None
    }

    /// Returns a finder that finds no schema.
    fn __received(&self) -> SchemaOf<NoMessage> {
        SchemaOf::new()
    }

    /// Returns a finder that finds no schema.
    fn __sent(&self) -> SchemaOf<NoMessage> {
        SchemaOf::new()
    }
}

impl<C> UntypedConnection for ConnectionOf<C> {}

impl<C> fmt::Debug for ConnectionOf<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionOf").finish_non_exhaustive()
    }
}
