use std::sync::Arc;

use tokio_rustls::rustls::{
    Error as TlsError,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{Error as PemError, PemObject},
    },
    sign::CertifiedKey,
};

use crate::error::{Error, Result};

/// PEM of a certificate chain and its private key, as the user has given them.
pub(super) struct PemPair<'a> {
    pub(super) cert: PemText<'a>,
    pub(super) key: PemText<'a>,
}

/// PEM of one of them.
pub(super) struct PemText<'a> {
    pub(super) text: &'a [u8],
    /// Name in errors: the argument or the file.
    pub(super) name: &'a str,
    pub(super) is_file: bool,
}

impl PemPair<'_> {
    /// Reads both, and checks that they belong together.
    pub(super) fn identity(&self, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>> {
        let Self { cert, key } = self;
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(cert.text)
            .collect::<Result<_, _>>()
            .and_then(|chain: Vec<_>| if chain.is_empty() { Err(PemError::NoItemsFound) } else { Ok(chain) })
            .map_err(|error| cert.unreadable("certificate", &error))?;
        let secret =
            PrivateKeyDer::from_pem_slice(key.text).map_err(|error| key.unreadable("private key", &error))?;
        CertifiedKey::from_der(chain, secret, provider).map(Arc::new).map_err(|error| match error {
            TlsError::InvalidCertificate(error) => {
                Error::tls(format!("the first certificate of {} cannot be used: {error}", cert.name), None)
            }
            TlsError::InconsistentKeys(_) => Error::tls(
                format!(
                    "the certificate and the private key do not match: {} is not the key of the first \
                     certificate in {}",
                    key.name, cert.name
                ),
                None,
            ),
            error => Error::tls(format!("the private key ({}) cannot be used", key.name), Some(error.into())),
        })
    }
}

impl PemText<'_> {
    /// Returns the error for PEM that the parser rejects. The parser's own text must not be shown:
    /// it quotes the line at fault, which is the whole key if its line breaks were lost.
    fn unreadable(&self, what: &str, error: &PemError) -> Error {
        let encrypted = b"ENCRYPTED";
        let reason = match error {
            _ if self.text.windows(encrypted.len()).any(|window| window == encrypted) => {
                "it is encrypted: decrypt it first"
            }
            PemError::NoItemsFound if self.is_file => "it contains none",
            PemError::NoItemsFound => "it contains none; it must be the PEM text itself, not a path",
            PemError::MissingSectionEnd { .. } => {
                "its `-----END ..-----` line is missing: it was cut off, or its line breaks were lost"
            }
            PemError::IllegalSectionStart { .. } => {
                "its `-----BEGIN ..-----` line does not end where it should: its line breaks were lost"
            }
            PemError::Base64Decode(_) => "it is not base64",
            PemError::SectionTooLarge => "it is too large",
            _ => "it is not PEM",
        };
        Error::tls(format!("the {what} ({}) cannot be read: {reason}", self.name), None)
    }
}

/// Returns the cryptography provider of rustls.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(cert: &str, key: &str) -> Error {
        let [cert, key] = [("A", cert), ("B", key)].map(|(name, text)| PemText {
            text: text.as_bytes(),
            name,
            is_file: false,
        });
        PemPair { cert, key }.identity(&provider()).expect_err("it cannot be used")
    }

    /// Keys are often set in environment variables, and easily lose their line breaks there.
    #[cfg(feature = "self-signed")]
    #[test]
    fn no_error_shows_a_key() {
        let generated = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let (cert, key) = (generated.cert.pem(), generated.signing_key.serialize_pem());
        let secret = key.lines().nth(1).expect("a second line")[8..24].to_owned();
        let numbers = format!("{:?}", secret.as_bytes());
        let numbers = numbers.trim_matches(['[', ']']);
        let escaped = key.trim_end().replace('\n', "\\n");
        let spaced = key.trim_end().replace('\n', " ");
        let joined = key.replace('\n', "");
        let cut = &key[..key.len() / 2];
        let garbled = key.replacen("MI", "!!", 1);
        for wrong in [&escaped, &format!("{escaped}\\n"), &spaced, &joined, cut, &garbled] {
            for error in [error(&cert, wrong), error(wrong, &key)] {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains(&secret) && !shown.contains(numbers), "{shown}");
                assert!(shown.contains("cannot be read"), "{shown}");
            }
        }
        assert!(error(&cert, &escaped).to_string().contains("line breaks were lost"));
    }

    #[test]
    fn a_key_that_is_encrypted_is_said_to_be() {
        let pem = |label| format!("-----BEGIN {label}-----\nbm8ga2V5\n-----END {label}-----\n");
        let error = error(&pem("CERTIFICATE"), &pem("ENCRYPTED PRIVATE KEY"));
        assert!(error.to_string().contains("encrypted"), "{error}");
    }
}
