use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use crate::error::{Error, Result};

/// A generated certificate and its key, which stay in memory.
#[derive(Debug)]
pub(super) struct SelfSigned {
    pub(super) cert: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl SelfSigned {
    /// Generates a certificate for a host name or address, with a new key.
    pub(super) fn generate(host: &str) -> Result<Self> {
        let context = format!("cannot make a certificate for `{host}`");
        if ServerName::try_from(host).is_err() {
            return Err(Error::tls(context + ": it is not a host name or address", None));
        }
        let generated = rcgen::generate_simple_self_signed([host.to_owned()])
            .map_err(|error| Error::tls(context, Some(error.into())))?;
        Ok(Self { cert: generated.cert.into(), key: generated.signing_key.into() })
    }
}
