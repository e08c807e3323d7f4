use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{Limits, ReassemblyBudget, ReassemblyLease, TokenBucket, source::network};

/// Counts the WebSockets that there are. A clone counts the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Admission(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    incomplete: Option<ReassemblyBudget>,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    open: usize,
    /// Those who have none are not there.
    by_peer: HashMap<IpAddr, usize>,
    handshakes: Option<TokenBucket>,
}

/// Whose share is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Everybodys,
    Peers,
}

/// A place, taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Admission,
    peer: Option<IpAddr>,
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Self {
        let now = tokio::time::Instant::now().into_std();
        let handshakes = limits.handshake_rate.map(|rate| TokenBucket::full(rate, now));
        let incomplete = limits.max_incomplete_bytes.map(ReassemblyBudget::new);
        let counts = Counts { open: 0, by_peer: HashMap::new(), handshakes };
        Self(Arc::new(Inner { limits, incomplete, counts: Mutex::new(counts) }))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Takes a place for whoever sends a request from this address.
    pub(crate) fn admit(&self, peer: Option<IpAddr>, now: Instant) -> Result<Permit, Refusal> {
        let limits = &self.0.limits;
        // Nobody is counted by address who is not limited by it.
        let peer = limits.max_connections_per_peer.and(peer).map(network);
        let mut counts = self.counts();
        if limits.max_connections.is_some_and(|max| counts.open >= max) {
            return Err(Refusal::Everybodys);
        }
        let from_peer = peer.and_then(|peer| counts.by_peer.get(&peer)).copied().unwrap_or(0);
        if limits.max_connections_per_peer.is_some_and(|max| peer.is_some() && from_peer >= max) {
            return Err(Refusal::Peers);
        }
        if counts.handshakes.as_mut().is_some_and(|bucket| !bucket.take(now)) {
            return Err(Refusal::Everybodys);
        }
        counts.open += 1;
        if let Some(peer) = peer {
            counts.by_peer.insert(peer, from_peer + 1);
        }
        Ok(Permit { gate: self.clone(), peer })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The connection's share of the bytes that all may hold.
    pub(crate) fn share(&self) -> Option<ReassemblyLease> {
        self.gate.0.incomplete.as_ref().map(ReassemblyBudget::share)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.gate.counts();
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
    use crate::limits::Rate;

    fn from(addr: &str) -> Option<IpAddr> {
        Some(addr.parse().expect("an address"))
    }

    #[test]
    fn places_are_given_back() {
        let limits =
            Limits { max_connections: Some(3), max_connections_per_peer: Some(2), ..Default::default() };
        let (gate, now) = (Admission::new(limits), Instant::now());
        let first = gate.admit(from("2001:db8:0:1::1"), now).expect("a place");
        let _second = gate.admit(from("2001:db8:0:1:ffff::2"), now).expect("a place");
        assert_eq!(gate.admit(from("2001:db8:0:1::3"), now).err(), Some(Refusal::Peers));
        let third = gate.admit(from("2001:db8:0:2::1"), now).expect("another network");
        assert_eq!(gate.admit(from("192.0.2.1"), now).err(), Some(Refusal::Everybodys));
        drop(first);
        let _fourth = gate.admit(from("2001:db8:0:1::3"), now).expect("its place again");
        drop(third);
        assert_eq!(gate.counts().by_peer.len(), 1, "who has none is not there");
    }

    #[test]
    fn handshakes_by_rate() {
        let rate = Rate { per_second: 10, burst: 2 };
        let gate = Admission::new(Limits { handshake_rate: Some(rate), ..Default::default() });
        let now = Instant::now();
        let admitted = |now| (0..10).filter(|_| gate.admit(from("192.0.2.1"), now).is_ok()).count();
        assert_eq!(admitted(now), 2);
        assert_eq!(admitted(now + Duration::from_millis(100)), 1);
    }
}
