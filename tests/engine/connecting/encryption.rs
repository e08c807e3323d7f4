//! TLS to the server, whose certificate has an authority of its own. The roots that a process
//! trusts are those of its environment, so each node is a process.

use tests::engine_app::NodeSettings;

use crate::support::{NodeProcess, TlsStore, app_name, http_get};

#[tokio::test]
async fn an_authority_of_ones_own_is_named_in_the_environment() {
    let store = TlsStore::start().await;
    let settings = NodeSettings::new([store.url("localhost")], &app_name());
    let authority = store.authority();
    let node = NodeProcess::try_start(&settings, &[("SSL_CERT_FILE", &authority)]).await.unwrap();
    assert_eq!(http_get(node.addr, "/status").await.as_deref(), Some("Up"));
}

#[tokio::test]
async fn certificates_that_are_not_trusted_are_an_error() {
    let (store, other) = (TlsStore::start().await, TlsStore::start().await);
    let settings = NodeSettings::new([store.url("localhost")], &app_name());
    for environment in [vec![], vec![("SSL_CERT_FILE", &*other.authority())]] {
        let said = NodeProcess::try_start(&settings, &environment).await.map(drop).unwrap_err();
        assert!(said.contains("UnknownIssuer"), "{said}");
    }
    // The certificate is for another name.
    let settings = NodeSettings::new([store.url("127.0.0.1")], &app_name());
    let environment = [("SSL_CERT_FILE", &*store.authority())];
    let said = NodeProcess::try_start(&settings, &environment).await.map(drop).unwrap_err();
    assert!(said.contains("not valid for name"), "{said}");
}

#[tokio::test]
async fn a_server_without_tls_is_an_error() {
    let store = TlsStore::start().await;
    let plain = store.server.url().replace("redis://", "rediss://");
    let settings = NodeSettings::new([plain], &app_name());
    NodeProcess::try_start(&settings, &[]).await.map(drop).unwrap_err();
    // And the other way round.
    let plain = store.url("localhost").replace("rediss://", "redis://");
    let settings = NodeSettings::new([plain], &app_name());
    NodeProcess::try_start(&settings, &[]).await.map(drop).unwrap_err();
}
