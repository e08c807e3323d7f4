use std::{convert::Infallible, net::IpAddr};

use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use crate::limits::RequestSource;

/// Extractor of the client's address: the other end of the TCP connection, or the address that
/// trusted proxies tell ([`TrustedProxies`](crate::limits::TrustedProxies)).
///
/// [`Limits`](crate::limits::Limits) count by this address, but the extractor works without limits.
/// Ignitia's [`Server`](crate::Server) knows the address; axum's does with
/// `into_make_service_with_connect_info::<SocketAddr>`. If it is not known, as over a Unix socket,
/// `Option<Peer>` is `None`, and `Peer` alone answers with 500 and logs an error.
///
/// ```
/// use ignitia::{limits::TrustedProxies, prelude::*};
///
/// async fn hello(Peer(addr): Peer, ws: WebSocketConnection) -> Result<Response> {
///     ws.send_text(format!("hello, {addr}")).await?;
///     Ok(Response::ok())
/// }
///
/// let proxies = TrustedProxies::networks(["10.0.0.0/8".parse().unwrap()]);
/// let router = Router::new().websocket("/hello", hello).trusted_proxies(proxies);
/// # assert!(router.into_axum().is_ok());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer(pub IpAddr);

impl Peer {
    fn of(parts: &Parts) -> Option<Self> {
        RequestSource::of(&parts.extensions, &parts.headers).peer.map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        Self::of(parts).ok_or_else(|| {
            tracing::error!("`Peer` cannot be extracted: this server does not tell where requests come from");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts))
    }
}
