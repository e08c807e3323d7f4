//! Ports for servers that are stopped and started again.

use std::{
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Ports that the kernel gives to no connection by itself: a server gets its own back. So are those
/// that lie 10,000 above, on which servers of a cluster listen, too.
const FIRST: u32 = 12_000;
const COUNT: u32 = 10_000;

/// Returns a port that no program uses now, and no other test later.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let n = process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + n % COUNT).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
