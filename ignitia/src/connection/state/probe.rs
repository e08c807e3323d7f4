//! Liveness probes: messages by which each side asks whether the other's program runs.
//!
//! A browser answers the protocol's pings by itself, also for a page that is frozen. A probe has to
//! be answered by the program. On this side that is the connection task: no handler sees a probe,
//! and none that is busy delays the answer.

/// The message that asks the peer's program for a sign of life.
pub(super) const PING: &str = r#"{"type":"$ping"}"#;

/// Length of the longest probe, in bytes. Longer texts are not searched.
const LONGEST: usize = 64;

/// A message that asks for a sign of life, or is one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    Ping { answer: String },
    Pong,
}

/// Reader of probes, for the messages of an endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProbeReader {
    /// Name of the correlation id.
    pub(crate) id_name: Option<&'static str>,
    pub(crate) read: fn(&str, Option<&'static str>) -> Option<Probe>,
}

impl ProbeReader {
    /// Reads a probe. Texts that are none are told apart without parsing.
    #[inline]
    pub(super) fn read(&self, text: &str) -> Option<Probe> {
        if may_be_probe(text) { (self.read)(text, self.id_name) } else { None }
    }
}

/// Returns `false` for nearly all texts that are no probes.
#[inline]
pub(super) fn may_be_probe(text: &str) -> bool {
    // The dollar sign may be escaped.
    text.len() <= LONGEST && memchr::memchr2(b'$', b'\\', text.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_texts_with_a_dollar_sign_or_an_escape_are_read() {
        let long = format!(r#"{{"type":"$ping","x":"{}"}}"#, "x".repeat(64));
        for (text, expected) in [
            (r#"{"type":"$ping"}"#, true),
            (r#"{"type":"\u0024ping"}"#, true),
            (r#"{"type":"ping"}"#, false),
            (&long, false),
        ] {
            assert_eq!(may_be_probe(text), expected, "{text}");
        }
    }
}
