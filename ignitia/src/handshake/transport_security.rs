/// Whether the request came over TLS: known where our own server took it, else not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportSecurity {
    Plain,
    Tls,
}
