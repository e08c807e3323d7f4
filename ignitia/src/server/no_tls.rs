/// Configuration of TLS, which this build does not have. Switch on the feature `tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsConfig {}
