//! Opening of TCP connections.

use std::net::SocketAddr;

use tokio::net::{TcpSocket, TcpStream};

use super::deadline::{ClientResult, within};

/// Opens a connection, with a receive buffer of `buffer` bytes if given.
pub(super) async fn connect(addr: SocketAddr, buffer: Option<u32>) -> ClientResult<TcpStream> {
    let socket = TcpSocket::new_v4().map_err(|error| format!("a socket: {error}"))?;
    if let Some(size) = buffer {
        socket.set_recv_buffer_size(size).unwrap();
    }
    let stream = within("a connection", socket.connect(addr)).await?;
    let stream = stream.map_err(|error| format!("a connection: {error}"))?;
    stream.set_nodelay(true).unwrap();
    Ok(stream)
}
