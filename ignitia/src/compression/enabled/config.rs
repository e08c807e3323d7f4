//! Configuration of the compression of a route's messages.

/// Compression of the messages of a WebSocket route: permessage-deflate ([RFC
/// 7692](https://www.rfc-editor.org/rfc/rfc7692)), with clients that offer it. It is off unless
/// [`WebSocketConfig::compression`](crate::websocket::WebSocketConfig::compression) has one of these.
///
/// ```
/// use ignitia::{prelude::*, websocket::{Compression, WebSocketConfig}};
///
/// async fn prices(ws: WebSocketConnection) -> Result<Response> {
///     ws.send_text("[1.5,1.6]".repeat(100)).await?; // compressed, if the client has offered it
///     Ok(Response::ok())
/// }
///
/// let config = WebSocketConfig::default().compression(Compression::shared());
/// let router = Router::<()>::new().websocket_with("/prices", prices, config);
/// ```
///
/// # Memory
///
/// Each thread has one compressor of up to 280 KiB for each level and window in use, one
/// decompressor of 48 KiB, and 64 KiB for the output of each. With [`shared`](Self::shared) a
/// connection keeps nothing. With [`dedicated`](Self::dedicated) it keeps the end of what it has
/// sent and of what it has received: up to 2 × 2^`window_bits` bytes, 8 KiB by default. A
/// compressed message that has arrived in part holds a decompressor of its own.
///
/// # Clients
///
/// They decide for themselves what they compress. Measured:
///
/// | client | offers by default | compresses |
/// |---|---|---|
/// | Chromium 156, WebKitGTK 2.50 | `permessage-deflate; client_max_window_bits` | everything |
/// | Firefox 153 | `permessage-deflate` | what that makes shorter |
/// | Node.js 20 and 24 (undici 6.24, 7.30) | as Chromium | nothing |
/// | npm ws 8.23, Bun 1.4 | as Chromium | from about 1 KiB on |
/// | Deno 2.9 | nothing | |
/// | Python websockets 17.4 | as Chromium | everything |
/// | Go nhooyr.io/websocket 1.8 | both without context takeover | |
///
/// Firefox does not let its window be limited: with a dedicated one below 15 bits, it is asked to
/// do without. Tornado's client (6.6.1) compresses if it is told to, and forgets that it agreed to
/// do without context takeover: with [`shared`](Self::shared) its second message is refused with
/// 1007. The client of `ignitia::testing` offers nothing.
///
/// # Secrets
///
/// The length of a compressed message tells how much of it repeats. A message, or with context
/// takeover a connection, that has both a secret and text of an attacker's choice gives the secret
/// away, guess by guess, to whoever sees the lengths of frames, TLS or not (CRIME, BREACH). Leave
/// such messages out: [`Sending::uncompressed`](crate::websocket::Sending::uncompressed),
/// `#[message(uncompressed)]`, or a route without compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compression {
    /// Text that a message may refer to. Default of [`shared`](Self::shared): that of the message
    /// alone; of [`dedicated`](Self::dedicated): a window of 12 bits.
    pub context: CompressionContext,
    /// Length from which on messages are compressed, in bytes of payload. Shorter ones take as many
    /// packets without. Default 256.
    pub min_size: usize,
    /// Compression of text, and so of JSON. Default `true`.
    pub text: bool,
    /// Compression of binary messages. Default `false`: most formats are compressed already.
    pub binary: bool,
    /// Effort for messages to one peer, from 1 to 9: those of zlib. Broadcasts of rooms are
    /// compressed once for all members, with level 6. Default 1: JSON of 1 KiB takes a third of the
    /// time of level 6, and a third more bytes.
    pub level: u8,
}

/// Text before a message that it may refer to (RFC 7692, section 7.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompressionContext {
    /// None: each message is compressed by itself, in both directions. Nothing is kept for a
    /// connection.
    Shared,
    /// The messages before it (context takeover), unless the client objects. That makes short
    /// messages that resemble one another much shorter.
    #[non_exhaustive]
    Dedicated {
        /// Size of the window that is kept in each direction, as a power of two: from 9 (512 bytes)
        /// to 15 (32 KiB). What is sent refers to all of it but the first 262 bytes.
        window_bits: u8,
    },
}

/// Window of a dedicated context that is not configured: 4 KiB.
const WINDOW_BITS: u8 = 12;

impl Compression {
    /// Returns the configuration without context takeover: nothing is kept for a connection.
    pub fn shared() -> Self {
        Self { context: CompressionContext::Shared, min_size: 256, text: true, binary: false, level: 1 }
    }

    /// Returns the configuration with context takeover, in a window of 12 bits: 4 KiB for each
    /// direction.
    pub fn dedicated() -> Self {
        Self { context: CompressionContext::Dedicated { window_bits: WINDOW_BITS }, ..Self::shared() }
    }

    /// Sets the size of the window that is kept for a connection in each direction, as a power of
    /// two, from 9 to 15: context takeover, as [`dedicated`](Self::dedicated).
    #[must_use]
    pub fn window_bits(self, window_bits: u8) -> Self {
        Self { context: CompressionContext::Dedicated { window_bits }, ..self }
    }

    /// Returns error texts for settings that cannot be.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let CompressionContext::Dedicated { window_bits } = self.context
            && !(9..=15).contains(&window_bits)
        {
            faults.push(format!("a compression window has 9 to 15 bits, not {window_bits}"));
        }
        if !(1..=9).contains(&self.level) {
            faults.push(format!("a level of compression is one from 1 to 9, not {}", self.level));
        }
        faults
    }
}

setters!(Compression { context: CompressionContext, min_size: usize, text: bool, binary: bool, level: u8 });
