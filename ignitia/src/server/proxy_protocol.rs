//! The PROXY protocol: whom a proxy speaks for, told before anything else.

use std::{io, net::SocketAddr, time::Duration};

use proxy_header::{ParseConfig, Protocol, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::listener::Source;
use crate::{
    limits::{IpNet, networks},
    time::GraceTimeout,
};

/// The PROXY protocol, versions 1 and 2, from the proxies that are trusted with it: HAProxy's `send-proxy` and `send-proxy-v2`, nginx'
/// `proxy_protocol on`, AWS' network balancers.
///
/// A connection from one of these addresses has to begin with a header, before TLS and HTTP, and comes from the address that stands
/// in it: in `ConnectInfo`, for [`Limits`](crate::limits::Limits) and in the log. It is closed if the header is malformed, longer than
/// 4 KiB, or does not come within the timeout. The header of a connection that the proxy makes for itself (`LOCAL`, `UNKNOWN`) changes
/// nothing. From all other addresses nothing is parsed: their header is no HTTP, and answered with 400. Connections to a Unix socket have
/// no address, and all of them have to begin with a header.
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
    /// The addresses of the proxies. Default: none.
    pub from: Vec<IpNet>,
    /// The time that the header may take. Default 5 s.
    pub timeout: Duration,
}

impl Default for ProxyProtocol {
    fn default() -> Self {
        Self { from: Vec::new(), timeout: Duration::from_secs(5) }
    }
}

/// The longest header: HAProxy's own are some hundred bytes, certificates included.
const MAX: usize = 4 << 10;

/// The shortest header of version 1, `PROXY UNKNOWN` and the end of the line; one of version 2 has a byte more.
const SHORTEST: usize = 15;

/// Up to the length of the rest, in version 2.
const FIXED: usize = 16;

/// The longest header of version 1.
const LONGEST_LINE: usize = 107;

impl ProxyProtocol {
    /// Where a connection comes from, once its header was read as far as it has one. Not a byte more is read.
    pub(super) async fn introduce(
        &self,
        stream: &mut (impl AsyncRead + Unpin),
        from: Source,
    ) -> io::Result<Source> {
        let has_header = match from {
            Source::Network(addr) => networks::contain(&self.from, addr.ip()),
            Source::Machine => true,
        };
        if !has_header {
            return Ok(from);
        }
        match GraceTimeout::new(self.timeout).with(read(stream)).await {
            Some(client) => Ok(client?.map_or(from, Source::Network)),
            None => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// Reads a header, and the client's address if it has one.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut header = vec![0; SHORTEST];
    stream.read_exact(&mut header).await?;
    if header.starts_with(b"PROXY ") {
        while !header.ends_with(b"\n") {
            if header.len() == LONGEST_LINE {
                return Err(malformed());
            }
            header.push(stream.read_u8().await?);
        }
    } else {
        header.push(stream.read_u8().await?);
        let length = usize::from(u16::from_be_bytes([header[FIXED - 2], header[FIXED - 1]]));
        // Whether it is a header at all is asked before the rest of it is waited for.
        if !header.starts_with(b"\r\n\r\n\0\r\nQUIT\n") || FIXED + length > MAX {
            return Err(malformed());
        }
        header.resize(FIXED + length, 0);
        stream.read_exact(&mut header[FIXED..]).await?;
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
