/// Security of the transport that a request came over. Our own server records it in the request's
/// extensions; with other servers it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportSecurity {
    Plain,
    Tls,
}
