//! Listeners of a server, its address, and its shutdown.

use std::time::Duration;

use ignitia::{DrainConfig, prelude::*};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{self, RawSocket, loopback, until_closed, within};

fn server() -> Server {
    let drain = DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO);
    Server::new(Router::new().state(7_u8).websocket("/ws", until_closed), loopback())
        .with_server_config(ServerConfig { drain, ..Default::default() })
}

async fn open(addr: std::net::SocketAddr) -> RawSocket {
    let mut peer = RawSocket::from(TcpStream::connect(addr).await.unwrap());
    peer.upgrade("/ws").await;
    peer
}

#[tokio::test]
async fn a_server_bound_to_port_0_tells_its_address() -> Result<()> {
    let bound = server().bind().await?;
    let addr = bound.local_addr();
    assert!(addr.ip() == loopback().ip() && addr.port() != 0, "{addr}");

    let shutdown = bound.shutdown();
    let served = tokio::spawn(bound.ignitia());
    let mut peer = open(addr).await;
    let draining = tokio::spawn(async move { shutdown.drain().await });
    peer.expect_close(1001).await;
    peer.send(&support::close(1001, "")).await;
    peer.end().await;
    drop(peer);
    assert_eq!(draining.await.unwrap().clean, 1);
    within("the end of the server", served).await.unwrap()
}

#[tokio::test]
async fn a_listener_of_the_program_may_be_used() -> Result<()> {
    let listener = TcpListener::bind(loopback()).await?;
    let addr = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = server().with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let served = tokio::spawn(server.serve(listener));
    let mut peer = open(addr).await;
    peer.send(&support::close(4000, "")).await;
    peer.expect_close(4000).await;
    peer.end().await;
    drop((peer, stop));
    within("the end of the server", served).await.unwrap()
}

#[tokio::test]
async fn one_program_may_run_many_servers() -> Result<()> {
    let (one, other) = (server().bind().await?, server().bind().await?);
    let addresses = [one.local_addr(), other.local_addr()];
    let shutdowns = [one.shutdown(), other.shutdown()];
    let served = tokio::spawn(async move { tokio::try_join!(one.run(), other.run()) });
    let _peers = [open(addresses[0]).await, open(addresses[1]).await];
    for shutdown in shutdowns {
        shutdown.abort();
    }
    let (one, other) = within("the end of the servers", served).await.unwrap()?;
    assert_eq!([one.aborted, other.aborted], [1, 1]);
    Ok(())
}
