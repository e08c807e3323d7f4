//! Parameters of permessage-deflate, as the server's response has them: RFC 7692, section 7.1.

use crate::{deflate::ServerInflater, frames::ClientCompression};

/// Parameters that were agreed on.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct NegotiatedParameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    client_max_window_bits: Option<u8>,
}

impl NegotiatedParameters {
    /// Reads them from the server's response; `None` if it has not accepted.
    ///
    /// # Panics
    ///
    /// If they are malformed.
    pub fn of_response(sent: &[u8]) -> Option<Self> {
        let head = String::from_utf8_lossy(sent);
        let head = head.split("\r\n\r\n").next().expect("a head");
        let header = "sec-websocket-extensions: ";
        let value = head.lines().find_map(|line| line.strip_prefix(header))?;
        let mut words = value.split("; ");
        assert_eq!(words.next(), Some("permessage-deflate"));
        let mut parameters = Self::default();
        for word in words {
            let (name, value) =
                word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let bits = value.map(|value| value.parse::<u8>().expect("a number"));
            assert!(bits.is_none_or(|bits| (8..=15).contains(&bits)), "{word}");
            let is_new = match name {
                "server_no_context_takeover" => {
                    bits.is_none() && !std::mem::replace(&mut parameters.server_no_context_takeover, true)
                }
                "client_no_context_takeover" => {
                    bits.is_none() && !std::mem::replace(&mut parameters.client_no_context_takeover, true)
                }
                "server_max_window_bits" => {
                    bits.is_some()
                        && std::mem::replace(&mut parameters.server_max_window_bits, bits).is_none()
                }
                "client_max_window_bits" => {
                    bits.is_some()
                        && std::mem::replace(&mut parameters.client_max_window_bits, bits).is_none()
                }
                _ => false,
            };
            assert!(is_new, "{value:?}");
        }
        Some(parameters)
    }

    /// Checks that they are an answer to the client's offer (RFC 7692, sections 7.1.1 and 7.1.2).
    ///
    /// # Panics
    ///
    /// If they are not.
    pub fn check(&self, offer: &str) {
        let offered = |wanted: &str| {
            let mut words = offer.split("; ").map(|word| word.split_once('=').unwrap_or((word, "15")));
            words.find_map(|(name, value)| (name == wanted).then(|| value.parse::<u8>().expect("a number")))
        };
        let is_demanded = offered("server_no_context_takeover").is_some();
        assert!(self.server_no_context_takeover || !is_demanded, "{self:?} for {offer}");
        let most = offered("server_max_window_bits").unwrap_or(15);
        assert!(self.server_max_window_bits.unwrap_or(15) <= most, "{self:?} for {offer}");
        if let Some(bits) = self.client_max_window_bits {
            let most = offered("client_max_window_bits").expect("only what was offered is limited");
            assert!(bits <= most, "{self:?} for {offer}");
        }
    }

    pub fn of_client(&self) -> ClientCompression {
        let context = (!self.client_no_context_takeover).then(|| self.client_max_window_bits.unwrap_or(15));
        ClientCompression { context }
    }

    pub fn of_server(&self) -> ServerInflater {
        ServerInflater::new(self.server_max_window_bits.unwrap_or(15), !self.server_no_context_takeover)
    }
}
