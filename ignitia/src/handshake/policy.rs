use super::{origin::Origin, transport_security::TransportSecurity};

/// The rules that one route sets.
#[derive(Debug)]
pub(crate) struct HandshakePolicy<'a> {
    pub(crate) origin: &'a Origin,
    /// What the client has used, as far as that is known.
    pub(crate) security: Option<TransportSecurity>,
    /// The host that a trusted proxy says the client has asked for.
    pub(crate) forwarded_host: Option<&'a str>,
    /// The `:protocol` of an extended CONNECT.
    pub(crate) protocol: Option<&'a str>,
    /// Whether the handler reads a body: POST is let through then.
    pub(crate) reads_body: bool,
}
