//! Checks of the head of a request that is to become a WebSocket.

use http::{
    HeaderMap, Method, Version,
    header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
    request::Parts,
};

#[cfg(feature = "compression")]
use super::permessage_deflate;
use super::{
    accepted::{Accepted, SuccessResponse},
    extensions::{self, Offer},
    header_list::has_token,
    host::{Host, host},
    http1, http2,
    policy::HandshakePolicy,
    rejection::Rejection,
    subprotocol::{self, Selection},
};
use crate::compression::Compression;

/// Opening handshake whose request line and mandatory headers are valid. Its offers, which may be
/// long lists, are still unread: call [`negotiate`](Self::negotiate).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OpeningHandshake(SuccessResponse);

/// Returns true if a request asks for a WebSocket, even in a malformed way, rather than for the
/// page on the same path.
///
/// `Connection: upgrade` alone does not count, because some proxies send it with every request.
/// Some proxies remove both headers that ask for the upgrade; then the `Sec-WebSocket-*` headers
/// still show it.
pub(crate) fn is_websocket_request(method: &Method, headers: &HeaderMap) -> bool {
    let has_lines = || {
        has_token(headers, &UPGRADE, "websocket")
            || headers.contains_key(SEC_WEBSOCKET_KEY)
            || headers.contains_key(SEC_WEBSOCKET_VERSION)
    };
    *method == Method::CONNECT || (*method == Method::GET || *method == Method::POST) && has_lines()
}

/// Checks the head of a request, except for what it offers.
pub(crate) fn check(parts: &Parts, policy: &HandshakePolicy<'_>) -> Result<OpeningHandshake, Rejection> {
    let response = if parts.version == Version::HTTP_2 {
        SuccessResponse::Connected(http2::check(parts, policy.protocol)?)
    } else {
        SuccessResponse::SwitchingProtocols(http1::check(parts, policy.reads_body)?)
    };
    let host = host(parts).ok_or(Rejection::InvalidHost)?;
    let forwarded = policy.forwarded_host.and_then(Host::parse);
    policy.origin.check(&parts.headers, forwarded.as_ref().unwrap_or(&host), policy.security)?;
    Ok(OpeningHandshake(response))
}

impl OpeningHandshake {
    /// Reads the offers, and selects a subprotocol and the parameters of the compression, if
    /// `compression` accepts any.
    pub(crate) fn negotiate(
        self,
        headers: &HeaderMap,
        subprotocols: &[String],
        compression: Option<&Compression>,
    ) -> Result<Accepted, Rejection> {
        #[cfg(feature = "compression")]
        let accept = |offer: &Offer<'_>| permessage_deflate::accept(offer, compression?);
        #[cfg(not(feature = "compression"))]
        let accept = |_: &Offer<'_>| compression?.never();
        let compression = extensions::negotiate(headers, accept)?;
        let subprotocol = match subprotocol::select(headers, subprotocols)? {
            Selection::Selected(name) => Some(name),
            Selection::NoOffer => None,
            Selection::NoneInCommon => {
                // The offers are not logged: some clients put their token there.
                tracing::info!(
                    spoken = ?subprotocols,
                    "no subprotocol selected: the client offers none that this endpoint speaks. Browsers end such a \
                     connection at once, with 1006; WebSocketConfig::subprotocols says which are spoken"
                );
                None
            }
        };
        Ok(Accepted { response: self.0, subprotocol, compression })
    }
}
