use std::fmt;

use ring::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use tokio_rustls::rustls::pki_types::{CertificateDer, IpAddr, PrivateKeyDer, ServerName};
use yasna::{
    DERWriter, Tag,
    models::ObjectIdentifier,
    tags::{TAG_GENERALIZEDTIME, TAG_UTCTIME},
};

use crate::error::{Error, Result};

/// Name of the subject, for those who look at the certificate. Clients look for the host, which is
/// in the extension.
const NAME: &str = "self-signed certificate";

/// Beginning and end of the validity: a clock that is wrong does not matter. Years up to 2049 have
/// two digits ([RFC 5280, section 4.1.2.5](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5)).
const VALIDITY: [(Tag, &[u8]); 2] =
    [(TAG_UTCTIME, b"750101000000Z"), (TAG_GENERALIZEDTIME, b"40960101000000Z")];

const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
const SUBJECT_ALT_NAME: &[u64] = &[2, 5, 29, 17];
const EC_PUBLIC_KEY: &[u64] = &[1, 2, 840, 10045, 2, 1];
const PRIME256V1: &[u64] = &[1, 2, 840, 10045, 3, 1, 7];
const ECDSA_WITH_SHA256: &[u64] = &[1, 2, 840, 10045, 4, 3, 2];

/// A generated certificate and its key, which stay in memory.
#[derive(Debug)]
pub(super) struct SelfSigned {
    pub(super) cert: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl SelfSigned {
    /// Generates a certificate for a host name or address, with a new key.
    pub(super) fn generate(host: &str) -> Result<Self> {
        let error = |reason: &dyn fmt::Display| {
            Error::tls(format!("cannot make a certificate for `{host}`: {reason}"), None)
        };
        let host = ServerName::try_from(host).map_err(|_| error(&"it is not a host name or address"))?;
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|why| error(&why))?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).map_err(|why| error(&why))?;
        let body = yasna::construct_der(|der| write_body(der, &host, key.public_key().as_ref()));
        let signature = key.sign(&random, &body).map_err(|why| error(&why))?;
        let cert = yasna::construct_der(|der| {
            der.write_sequence(|der| {
                der.next().write_der(&body);
                write_algorithm(der.next(), &[ECDSA_WITH_SHA256]);
                write_bits(der.next(), signature.as_ref());
            });
        });
        let key = PrivateKeyDer::Pkcs8(pkcs8.as_ref().to_vec().into());
        Ok(Self { cert: cert.into(), key })
    }
}

/// Writes the part of a certificate that is signed, `TBSCertificate` of RFC 5280, section 4.1.
fn write_body(der: DERWriter<'_>, host: &ServerName<'_>, public_key: &[u8]) {
    der.write_sequence(|der| {
        // Version 3.
        der.next().write_tagged(Tag::context(0), |der| der.write_u8(2));
        // The serial number has at most 20 bytes, and is positive.
        let hash = digest::digest(&digest::SHA256, public_key);
        der.next().write_bigint_bytes(&hash.as_ref()[..16], true);
        write_algorithm(der.next(), &[ECDSA_WITH_SHA256]);
        write_name(der.next());
        der.next().write_sequence(|der| {
            for (tag, time) in VALIDITY {
                der.next().write_tagged_implicit(tag, |der| der.write_bytes(time));
            }
        });
        write_name(der.next());
        der.next().write_sequence(|der| {
            write_algorithm(der.next(), &[EC_PUBLIC_KEY, PRIME256V1]);
            write_bits(der.next(), public_key);
        });
        der.next().write_tagged(Tag::context(3), |der| {
            der.write_sequence_of(|der| {
                der.next().write_sequence(|der| {
                    der.next().write_oid(&ObjectIdentifier::from_slice(SUBJECT_ALT_NAME));
                    der.next().write_bytes(&yasna::construct_der(|der| write_host(der, host)));
                });
            });
        });
    });
}

/// Writes the host as `GeneralNames` of RFC 5280, section 4.2.1.6.
fn write_host(der: DERWriter<'_>, host: &ServerName<'_>) {
    let name = host.to_str();
    let (tag, bytes): (u64, &[u8]) = match host {
        ServerName::IpAddress(IpAddr::V4(addr)) => (7, addr.as_ref()),
        ServerName::IpAddress(IpAddr::V6(addr)) => (7, addr.as_ref()),
        _ => (2, name.as_bytes()),
    };
    der.write_sequence(|der| {
        der.next().write_tagged_implicit(Tag::context(tag), |der| der.write_bytes(bytes));
    });
}

fn write_name(der: DERWriter<'_>) {
    der.write_sequence_of(|der| {
        der.next().write_set_of(|der| {
            der.next().write_sequence(|der| {
                der.next().write_oid(&ObjectIdentifier::from_slice(COMMON_NAME));
                der.next().write_utf8_string(NAME);
            });
        });
    });
}

fn write_algorithm(der: DERWriter<'_>, identifiers: &[&[u64]]) {
    der.write_sequence(|der| {
        for identifier in identifiers {
            der.next().write_oid(&ObjectIdentifier::from_slice(identifier));
        }
    });
}

fn write_bits(der: DERWriter<'_>, bytes: &[u8]) {
    der.write_bitvec_bytes(bytes, bytes.len() * 8);
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::{client::verify_server_name, server::ParsedCertificate};

    use super::*;

    #[test]
    fn a_certificate_is_for_its_host_only() {
        let hosts = ["localhost", "example.com", "127.0.0.1", "::1"];
        for host in hosts {
            let made = SelfSigned::generate(host).expect(host);
            let cert = ParsedCertificate::try_from(&made.cert).expect(host);
            for asked in hosts {
                let name = ServerName::try_from(asked).expect(asked);
                assert_eq!(verify_server_name(&cert, &name).is_ok(), asked == host, "{asked}, not {host}");
            }
        }
    }
}
