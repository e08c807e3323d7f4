use std::{io, net::SocketAddr, sync::OnceLock};

use tokio::net::{TcpListener, TcpSocket};

use super::{accept::Accept, peer_addr::PeerAddr};
use crate::stream::AcceptedStream;

/// Length of the queue of connections that are to be accepted, as that of tokio's listeners.
const BACKLOG: u32 = 128;

/// TCP listener whose connections do not wait for more data: messages are written in one piece.
#[derive(Debug)]
pub(super) struct NodelayListener {
    listener: TcpListener,
    /// True if the connections have the option from their listener, as on Linux from one of
    /// [`listen`]. The first one tells.
    is_inherited: OnceLock<bool>,
}

/// Listens as [`TcpListener::bind`] does. The option is set before any connection can come, so that
/// all inherit it, and none costs a system call for it.
pub(super) fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows this would let another process take the address.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    // If this fails, the connections set it.
    let _ = socket.set_nodelay(true);
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

impl From<TcpListener> for NodelayListener {
    fn from(listener: TcpListener) -> Self {
        Self { listener, is_inherited: OnceLock::new() }
    }
}

impl Accept for NodelayListener {
    async fn accept(&self) -> io::Result<(AcceptedStream, PeerAddr)> {
        let (stream, peer) = self.listener.accept().await?;
        if !*self.is_inherited.get_or_init(|| stream.nodelay().unwrap_or(false)) {
            // If this fails, the first write fails, too.
            let _ = stream.set_nodelay(true);
        }
        Ok((AcceptedStream::Tcp(stream), PeerAddr::Network(peer)))
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn no_connection_waits_for_more_data() {
        let addr: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let ours = listen(addr).expect("a free port");
        let other = TcpListener::bind(addr).await.expect("a free port");
        for (listener, is_inherited) in [(ours, cfg!(target_os = "linux")), (other, false)] {
            let addr = listener.local_addr().expect("it is bound");
            let listener = NodelayListener::from(listener);
            for _ in 0..2 {
                let _client = TcpStream::connect(addr).await.expect("it listens");
                let Ok((AcceptedStream::Tcp(stream), _)) = listener.accept().await else {
                    panic!("no TCP connection");
                };
                assert!(stream.nodelay().expect("an open socket"));
            }
            assert!(listener.is_inherited.get() == Some(&is_inherited) || cfg!(not(target_os = "linux")));
        }
    }
}
