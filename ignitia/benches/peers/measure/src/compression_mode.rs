//! Use of permessage-deflate by a server, and the negotiation of it.

/// Use of permessage-deflate. The server reads its name from the environment.
#[derive(Clone, Copy, PartialEq)]
pub enum CompressionMode {
    Off,
    /// Without context takeover on either side.
    Shared,
    /// With context takeover, and windows of 4 KiB.
    Dedicated,
}

impl CompressionMode {
    pub const ALL: [Self; 3] = [Self::Off, Self::Shared, Self::Dedicated];

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shared => "shared",
            Self::Dedicated => "dedicated",
        }
    }

    /// Returns the window of the client's compressor, in bits.
    pub fn window_bits(self) -> u8 {
        if self == Self::Dedicated { 12 } else { 15 }
    }

    /// Returns the first byte of a text message's frame.
    pub fn first_byte(self) -> u8 {
        if self == Self::Off { 0x81 } else { 0xc1 }
    }

    fn offer(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Shared => "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            Self::Dedicated => "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
        }
    }

    /// Returns the header of the offer.
    pub fn offer_header(self) -> String {
        match self {
            Self::Off => String::new(),
            _ => format!("Sec-WebSocket-Extensions: {}\r\n", self.offer()),
        }
    }

    /// Panics unless the answer to a handshake accepts exactly what was offered: else the servers
    /// would be compared with different parameters.
    pub fn check_answer(self, head: &str) {
        let accepted = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("Sec-WebSocket-Extensions").then_some(value)
        });
        let accepted = accepted.unwrap_or_default();
        assert_eq!(sorted(accepted), sorted(self.offer()), "the server accepts another compression");
    }
}

/// Returns an extension with its parameters in alphabetical order.
fn sorted(extension: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = extension.split(';').map(str::trim).collect();
    parts[1..].sort_unstable();
    parts
}
