//! Flags of the variants of a server message.

use syn::Meta;

/// An option of `#[message(..)]` on a variant, which takes no value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum VariantFlag {
    /// The variant is left out of the histories of rooms.
    Transient,
    /// The variant is sent as it is, also on connections with compression.
    Uncompressed,
}

impl VariantFlag {
    pub(super) const ALL: [Self; 2] = [Self::Transient, Self::Uncompressed];

    /// Returns the flag that the option sets.
    pub(super) fn of(option: &Meta) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| option.path().is_ident(flag.name()))
    }

    /// Returns the name of the option.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Uncompressed => "uncompressed",
        }
    }
}
