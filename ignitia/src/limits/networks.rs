//! Networks of IP addresses.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// Returns true if an address is in one of the networks. IPv4 addresses are compared as such, even
/// if a socket or a network has them mapped to IPv6.
pub(crate) fn contain(networks: &[IpNet], addr: IpAddr) -> bool {
    let addr = addr.to_canonical();
    networks.iter().any(|network| canonical(*network).contains(&addr))
}

/// Returns the network of one subscriber: the IPv4 address itself, or the first 64 bits of an IPv6
/// address.
pub(super) fn of_subscriber(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V4(_) => addr,
        IpAddr::V6(addr) => Ipv6Addr::from_bits(addr.to_bits() & (u128::MAX << 64)).into(),
    }
}

fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else { return network };
    match (mapped.network().to_ipv4_mapped(), mapped.prefix_len().checked_sub(96)) {
        (Some(addr), Some(length)) => Ipv4Net::new(addr, length).map_or(network, IpNet::V4),
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_mapped_addresses_is_one_of_ipv4() {
        for (network, addr, expected) in [
            ("10.0.0.0/8", "10.9.9.9", true),
            ("10.0.0.0/8", "::ffff:10.9.9.9", true),
            ("10.0.0.0/8", "11.9.9.9", false),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("::ffff:10.0.0.0/104", "::ffff:10.9.9.9", true),
            ("::ffff:10.0.0.0/104", "11.9.9.9", false),
            ("::ffff:0.0.0.0/96", "192.0.2.1", true),
            ("::ffff:0.0.0.0/96", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "192.0.2.1", false),
        ] {
            let networks = [network.parse().expect("a network")];
            assert_eq!(contain(&networks, addr.parse().expect("an address")), expected, "{network} {addr}");
        }
        assert!(!contain(&[], IpAddr::from([10, 0, 0, 1])));
    }
}
