use std::fmt;

use super::{
    config::{Compression, CompressionContext},
    deflater::MAX_BITS,
};

/// Name of the extension.
pub(crate) const PERMESSAGE_DEFLATE: &str = "permessage-deflate";

/// Compression that a connection has agreed on with its client: the parameters of
/// permessage-deflate ([RFC 7692, section 7.1](https://www.rfc-editor.org/rfc/rfc7692#section-7.1)).
///
/// It is displayed as the handshake's response has it: `permessage-deflate;
/// server_no_context_takeover; client_no_context_takeover`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NegotiatedCompression {
    /// True if each message of the server is compressed by itself.
    pub server_no_context_takeover: bool,
    /// True if each message of the client is compressed by itself.
    pub client_no_context_takeover: bool,
    /// Largest window of the server in bits, from 9 to 15; `None` if the client has not asked for a
    /// limit.
    pub server_max_window_bits: Option<u8>,
    /// Largest window of the client in bits, from 8 to 15; `None` if there is no limit.
    pub client_max_window_bits: Option<u8>,
    /// Bits of the window that the server uses. It does not say so unless it is asked: its client
    /// may read everything, but nhooyr.io/websocket 1.8.7 refuses the answer.
    server_bits: u8,
}

/// Valid offer of permessage-deflate (RFC 7692, section 7.1).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeflateOffer {
    pub(crate) server_no_context_takeover: bool,
    pub(crate) client_no_context_takeover: bool,
    pub(crate) server_max_window_bits: Option<u8>,
    /// The outer `None`: the client cannot be told the bits of its window. The inner one: it offers
    /// none.
    pub(crate) client_max_window_bits: Option<Option<u8>>,
}

impl NegotiatedCompression {
    /// Accepts an offer; `None` if it asks for what is not supported.
    pub(crate) fn accept(offer: &DeflateOffer, config: &Compression) -> Option<Self> {
        let window_bits = match config.context {
            CompressionContext::Shared => None,
            CompressionContext::Dedicated { window_bits } => Some(window_bits),
        };
        let ours = window_bits.unwrap_or(MAX_BITS);
        let server_max_window_bits = match offer.server_max_window_bits {
            // No deflate of today has a window of 8 bits.
            Some(8) => return None,
            offered => offered.map(|offered| offered.min(ours)),
        };
        // The client's window is limited only if it is kept, and the client lets it be limited.
        // One that is kept must not be larger than what is configured.
        let (client_no_context_takeover, client_max_window_bits) =
            match (window_bits, offer.client_max_window_bits) {
                (None, _) => (true, None),
                (Some(_), _) if offer.client_no_context_takeover => (true, None),
                (Some(bits), Some(offered)) => {
                    (false, Some(offered.map_or(bits, |offered| offered.min(bits))))
                }
                (Some(bits), None) => (bits < MAX_BITS, None),
            };
        Some(Self {
            server_no_context_takeover: window_bits.is_none() || offer.server_no_context_takeover,
            client_no_context_takeover,
            server_max_window_bits,
            client_max_window_bits,
            server_bits: server_max_window_bits.unwrap_or(ours),
        })
    }

    /// Returns the bits of the server's window.
    pub(super) fn server_bits(&self) -> u8 {
        self.server_bits
    }

    /// Returns the bits of the window of the server's messages that is kept, if it is.
    pub(super) fn kept_of_server(&self) -> Option<u8> {
        (!self.server_no_context_takeover).then_some(self.server_bits)
    }

    /// Returns the bits of the window of the client's messages that is kept, if it is.
    pub(super) fn kept_of_client(&self) -> Option<u8> {
        (!self.client_no_context_takeover).then(|| self.client_max_window_bits.unwrap_or(MAX_BITS))
    }
}

impl fmt::Display for NegotiatedCompression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PERMESSAGE_DEFLATE)?;
        if self.server_no_context_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; server_max_window_bits={bits}")?;
        }
        if let Some(bits) = self.client_max_window_bits {
            write!(f, "; client_max_window_bits={bits}")?;
        }
        Ok(())
    }
}
