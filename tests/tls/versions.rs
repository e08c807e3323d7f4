//! The oldest version that a server speaks.

use ignitia::{TlsConfig, TlsVersion};
use tokio_rustls::rustls::{
    ProtocolVersion,
    version::{TLS12, TLS13},
};

use super::serve;
use crate::support::{Identity, trusting};

#[tokio::test]
async fn both_versions_are_spoken_and_the_newer_one_is_chosen() {
    let identity = Identity::new();
    let server = serve(identity.config()).await;
    for (versions, chosen) in [
        (&[&TLS12][..], ProtocolVersion::TLSv1_2),
        (&[&TLS13], ProtocolVersion::TLSv1_3),
        (&[&TLS12, &TLS13], ProtocolVersion::TLSv1_3),
    ] {
        let stream = server.connect(&trusting(&[&identity], versions)).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(chosen));
    }
}

#[tokio::test]
async fn a_version_older_than_the_minimum_is_refused() {
    let (old, new) = (Identity::new(), Identity::new());
    let server = serve(TlsConfig { min_version: TlsVersion::V1_3, ..old.config() }).await;
    for identity in [old, new] {
        server.reloader.reload(&identity.cert, &identity.key).unwrap();
        let error = server.connect(&trusting(&[&identity], &[&TLS12])).await.expect_err("it is spoken");
        assert!(error.to_string().contains("ProtocolVersion"), "{error}");
        let stream = server.connect(&trusting(&[&identity], &[&TLS12, &TLS13])).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    }
}

#[test]
fn versions_are_ordered_by_age() {
    assert_eq!(TlsConfig::default().min_version, TlsVersion::V1_2);
    assert!(TlsVersion::V1_2 < TlsVersion::V1_3);
}
