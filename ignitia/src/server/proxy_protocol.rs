//! PROXY protocol: the header with which a proxy tells the address of its client.

use std::{io, net::SocketAddr, time::Duration};

use proxy_header::{ParseConfig, Protocol, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::peer_addr::PeerAddr;
use crate::{
    limits::{IpNet, networks},
    time::GraceTimeout,
};

/// PROXY protocol, versions 1 and 2, from trusted proxies: HAProxy's `send-proxy` and
/// `send-proxy-v2`, nginx's `proxy_protocol on`, AWS's network load balancers.
///
/// A connection from one of these addresses must begin with a header, before TLS and HTTP. The
/// address in the header is the client's: in `ConnectInfo`, for [`Limits`](crate::limits::Limits)
/// and in the log. The connection is closed if the header is malformed, longer than 4 KiB, or does
/// not come within the timeout. The header of a connection that the proxy opens for itself
/// (`LOCAL`, `UNKNOWN`) changes nothing.
///
/// From all other addresses no header is parsed: one that they send is not HTTP, and is answered
/// with 400. Connections to a Unix socket have no address, and all of them must begin with a
/// header.
///
/// ```
/// use ignitia::{ProxyProtocol, prelude::*};
///
/// let proxies = vec!["10.0.0.0/24".parse().unwrap()];
/// let config = ServerConfig {
///     proxy_protocol: Some(ProxyProtocol { from: proxies, ..Default::default() }),
///     ..Default::default()
/// };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyProtocol {
    /// Addresses of the proxies. Default: none.
    pub from: Vec<IpNet>,
    /// Timeout of the header. Default 5 s.
    pub timeout: Duration,
}

impl Default for ProxyProtocol {
    fn default() -> Self {
        Self { from: Vec::new(), timeout: Duration::from_secs(5) }
    }
}

/// Maximum length of a header: HAProxy's own have some hundred bytes, certificates included.
const MAX_HEADER: usize = 4 << 10;

/// Length of the shortest header of version 1, `PROXY UNKNOWN` and the end of the line. One of
/// version 2 has a byte more.
const MIN_HEADER: usize = 15;

/// Length of the fixed part of a header of version 2, at whose end is the length of the rest.
const FIXED_PART: usize = 16;

/// Length of the longest header of version 1.
const MAX_LINE: usize = 107;

impl ProxyProtocol {
    /// Returns the address of the client. Reads the header of a connection that has one, and not a
    /// byte more.
    pub(super) async fn client_address(
        &self,
        stream: &mut (impl AsyncRead + Unpin),
        peer: PeerAddr,
    ) -> io::Result<PeerAddr> {
        let has_header = match peer {
            PeerAddr::Network(addr) => networks::contain(&self.from, addr.ip()),
            PeerAddr::Local => true,
        };
        if !has_header {
            return Ok(peer);
        }
        match GraceTimeout::new(self.timeout).with(read_header(stream)).await {
            Some(client) => Ok(client?.map_or(peer, PeerAddr::Network)),
            None => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// Reads a header. Returns the client's address, if the header has one.
async fn read_header(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut header = vec![0; MIN_HEADER];
    stream.read_exact(&mut header).await?;
    if header.starts_with(b"PROXY ") {
        while !header.ends_with(b"\n") {
            if header.len() == MAX_LINE {
                return Err(malformed());
            }
            header.push(stream.read_u8().await?);
        }
    } else {
        header.push(stream.read_u8().await?);
        let length = usize::from(u16::from_be_bytes([header[FIXED_PART - 2], header[FIXED_PART - 1]]));
        // Checked before the rest is read: without a header there may be no more data to wait for.
        if !header.starts_with(b"\r\n\r\n\0\r\nQUIT\n") || FIXED_PART + length > MAX_HEADER {
            return Err(malformed());
        }
        header.resize(FIXED_PART + length, 0);
        stream.read_exact(&mut header[FIXED_PART..]).await?;
    }
    let config = ParseConfig { include_tlvs: false, ..ParseConfig::default() };
    match ProxyHeader::parse(&header, config) {
        Ok((parsed, length)) if length == header.len() => Ok(parsed
            .proxied_address()
            .filter(|address| address.protocol == Protocol::Stream)
            .map(|address| address.source)),
        _ => Err(malformed()),
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no PROXY header")
}
