use tokio_rustls::rustls::pki_types::ServerName;

use super::tls::TlsConfig;
use crate::error::{Error, Result};

/// Generates a certificate for a host name or address, with a new key. Both stay in memory.
pub(super) fn self_signed(host: &str) -> Result<TlsConfig> {
    let context = format!("cannot make a certificate for `{host}`");
    if ServerName::try_from(host).is_err() {
        return Err(Error::tls(context + ": it is not a host name or address", None));
    }
    let generated = rcgen::generate_simple_self_signed([host.to_owned()])
        .map_err(|error| Error::tls(context, Some(error.into())))?;
    Ok(TlsConfig {
        cert: generated.cert.pem().into_bytes(),
        key: generated.signing_key.serialize_pem().into_bytes(),
        ..TlsConfig::default()
    })
}
