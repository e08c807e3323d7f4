use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    config::Limits,
    networks,
    reassembly::{ReassemblyBudget, ReassemblyLease},
    token_bucket::TokenBucket,
};
use crate::time::{Instant, now};

/// Admission control of new WebSockets: a connection limiter whose clones share their counters.
#[derive(Debug, Clone)]
pub(crate) struct Admission(Arc<AdmissionState>);

#[derive(Debug)]
struct AdmissionState {
    limits: Limits,
    reassembly: Option<ReassemblyBudget>,
    counts: Mutex<OpenCounts>,
}

#[derive(Debug)]
struct OpenCounts {
    open: usize,
    /// Connections of each peer. A peer without connections has no entry, so that the map does not
    /// grow with every address that was ever seen.
    by_peer: HashMap<IpAddr, usize>,
    handshakes: Option<TokenBucket>,
}

/// Limit that a handshake has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There are `Limits::max_connections` connections.
    Total,
    /// The peer has `Limits::max_connections_per_peer` connections.
    PerPeer,
    /// Handshakes come faster than `Limits::handshake_rate`.
    HandshakeRate,
}

/// Permit for one WebSocket. Dropping it makes room for another.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Admission,
    peer: Option<IpAddr>,
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Self {
        let handshakes = limits.handshake_rate.map(|rate| TokenBucket::full(rate, now()));
        let reassembly = limits.max_incomplete_bytes.map(ReassemblyBudget::new);
        let counts = OpenCounts { open: 0, by_peer: HashMap::new(), handshakes };
        Self(Arc::new(AdmissionState { limits, reassembly, counts: Mutex::new(counts) }))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Admits one WebSocket of this peer, or says which limit is reached.
    pub(crate) fn admit(&self, peer: Option<IpAddr>, now: Instant) -> Result<Permit, Refusal> {
        let limits = &self.0.limits;
        // Without a limit for each peer the addresses are not counted.
        let peer = limits.max_connections_per_peer.and(peer).map(networks::of_subscriber);
        let mut counts = self.counts();
        if limits.max_connections.is_some_and(|max| counts.open >= max) {
            return Err(Refusal::Total);
        }
        let from_peer = peer.and_then(|peer| counts.by_peer.get(&peer)).copied().unwrap_or(0);
        if limits.max_connections_per_peer.is_some_and(|max| peer.is_some() && from_peer >= max) {
            return Err(Refusal::PerPeer);
        }
        // The rate comes last: a handshake that another limit refuses takes no token.
        if counts.handshakes.as_mut().is_some_and(|bucket| !bucket.take(now)) {
            return Err(Refusal::HandshakeRate);
        }
        counts.open += 1;
        if let Some(peer) = peer {
            counts.by_peer.insert(peer, from_peer + 1);
        }
        Ok(Permit { admission: self.clone(), peer })
    }

    fn counts(&self) -> MutexGuard<'_, OpenCounts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Returns the connection's lease of the reassembly budget, if there is one.
    pub(crate) fn reassembly_lease(&self) -> Option<ReassemblyLease> {
        self.admission.0.reassembly.as_ref().map(ReassemblyBudget::lease)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.admission.counts();
        counts.open -= 1;
        if let Some(peer) = self.peer
            && let Some(open) = counts.by_peer.get_mut(&peer)
        {
            *open -= 1;
            if *open == 0 {
                counts.by_peer.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::limits::rate::Rate;

    fn from(addr: &str) -> Option<IpAddr> {
        Some(addr.parse().expect("an address"))
    }

    #[test]
    fn places_are_given_back() {
        let limits = Limits::default().max_connections(3).max_connections_per_peer(2);
        let (admission, now) = (Admission::new(limits), now());
        let first = admission.admit(from("2001:db8:0:1::1"), now).expect("a place");
        let _second = admission.admit(from("2001:db8:0:1:ffff::2"), now).expect("a place");
        assert_eq!(admission.admit(from("2001:db8:0:1::3"), now).err(), Some(Refusal::PerPeer));
        let third = admission.admit(from("2001:db8:0:2::1"), now).expect("another network");
        assert_eq!(admission.admit(from("192.0.2.1"), now).err(), Some(Refusal::Total));
        drop(first);
        let _fourth = admission.admit(from("2001:db8:0:1::3"), now).expect("its place again");
        drop(third);
        assert_eq!(admission.counts().by_peer.len(), 1, "who has none is not there");
    }

    #[test]
    fn handshakes_by_rate() {
        let rate = Rate::new(10, 2);
        let admission = Admission::new(Limits::default().handshake_rate(rate));
        let now = now();
        let admitted = |now| (0..10).filter(|_| admission.admit(from("192.0.2.1"), now).is_ok()).count();
        assert_eq!(admitted(now), 2);
        assert_eq!(admission.admit(from("192.0.2.1"), now).err(), Some(Refusal::HandshakeRate));
        assert_eq!(admitted(now + Duration::from_millis(100)), 1);
    }
}
