use super::{origin::Origin, transport_security::TransportSecurity};

/// Rules of one route for its handshakes, and what is known about the request besides its head.
#[derive(Debug)]
pub(crate) struct HandshakePolicy<'a> {
    pub(crate) origin: &'a Origin,
    /// Security of the client's connection, if it is known.
    pub(crate) security: Option<TransportSecurity>,
    /// Host that the client asked for, as a trusted proxy reports it.
    pub(crate) forwarded_host: Option<&'a str>,
    /// The `:protocol` of an extended CONNECT.
    pub(crate) protocol: Option<&'a str>,
    /// True if the handler reads a body, which allows POST.
    pub(crate) reads_body: bool,
}
