//! Handshakes that do not complete: they delay no other client, and have a deadline.

use std::{io, sync::Arc, time::Duration};

use ignitia::TlsConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::rustls::{ClientConnection, pki_types::ServerName};

use super::{Served, echoes, serve};
use crate::support::{DEADLINE, Identity, tcp, within};

/// Returns the first bytes of a client's handshake.
fn client_hello(identity: &Identity) -> Vec<u8> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(identity.client()), name).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

/// Returns true if nothing has come and the connection has not ended.
fn is_open(stream: &TcpStream) -> bool {
    matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Begins a thousand handshakes that never complete.
async fn stall(server: &Served, hello: &[u8]) -> Vec<TcpStream> {
    within("a thousand connections", async {
        let mut stalled = Vec::new();
        for n in 0..1000 {
            let mut stream = tcp(server.addr, None).await;
            // No bytes, the head of a record, half of the first message, or a whole one whose
            // answer is not read.
            let sent = [0, 3, hello.len() / 2, hello.len()][n % 4];
            stream.write_all(&hello[..sent]).await.unwrap();
            stalled.push(stream);
        }
        stalled
    })
    .await
}

#[tokio::test]
async fn a_thousand_stalled_handshakes_delay_no_client_and_end_in_time() {
    let identity = Identity::new();
    let hello = client_hello(&identity);

    // A client that had to wait for the end of a stalled handshake would wait beyond every
    // deadline.
    let server = serve(TlsConfig { handshake_timeout: 100 * DEADLINE, ..identity.config() }).await;
    let stalled = stall(&server, &hello).await;
    echoes(&mut server.open(&identity.client()).await, "hi").await;
    assert!(stalled.iter().step_by(4).all(is_open), "a silent handshake has ended before its deadline");
    drop((server, stalled));

    let server = serve(TlsConfig { handshake_timeout: Duration::from_secs(1), ..identity.config() }).await;
    for (n, mut stream) in stall(&server, &hello).await.into_iter().enumerate() {
        let mut answer = Vec::new();
        let end = within("the end of a stalled handshake", stream.read_to_end(&mut answer)).await;
        // Bytes that the server had not read turn its end into a reset.
        assert!(end.is_ok() || n % 4 != 0, "{end:?}");
        assert!(answer.is_empty() || n % 4 == 3, "{n}: {answer:?}");
    }
    echoes(&mut server.open(&identity.client()).await, "hi").await;
    // A drain has nothing left to wait for.
    let drained = within("the drain", server.shutdown.drain()).await;
    assert_eq!(drained.aborted, 0);
}

/// The deadline is for the handshake as a whole, not for each byte.
#[tokio::test]
async fn a_handshake_that_trickles_is_cut_off_at_the_deadline() {
    let identity = Identity::new();
    let hello = client_hello(&identity);
    let server =
        serve(TlsConfig { handshake_timeout: Duration::from_millis(300), ..identity.config() }).await;
    let mut stream = tcp(server.addr, None).await;
    for byte in &hello {
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        if let Ok(read) = timeout(Duration::from_millis(20), stream.read(&mut [0])).await {
            assert!(!matches!(read, Ok(1..)), "an answer came to half a message");
            return;
        }
    }
    panic!("the server has waited for all {} bytes", hello.len());
}

/// A drain does not wait for them.
#[tokio::test]
async fn a_drain_ends_stalled_handshakes() {
    let identity = Identity::new();
    let server = serve(TlsConfig { handshake_timeout: 100 * DEADLINE, ..identity.config() }).await;
    let mut stalled = tcp(server.addr, None).await;
    server.open(&identity.client()).await;
    let drained = within("the drain", server.shutdown.drain()).await;
    assert_eq!(drained.aborted, 0);
    within("the end of the stalled handshake", stalled.read_to_end(&mut Vec::new())).await.unwrap();
}
