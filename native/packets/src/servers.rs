//! Ports on which somebody probably listens, and the answers of ICMP: what decides who began where
//! the beginning was not captured.

use crate::packet::{Address, Packet, ACK, ICMP, ICMPV6, SYN, TCP, UDP};

/// Zeek's `likely_server_ports` of its standard scripts.
const TCP_SERVERS: [u16; 48] = [
    21, 22, 25, 53, 80, 81, 88, 102, 110, 135, 139, 143, 389, 443, 445, 502, 563, 585, 587, 614, 631, 636, 989, 990,
    992, 993, 995, 1080, 1434, 1883, 2811, 3128, 3268, 3269, 3306, 3389, 5222, 5223, 5269, 5432, 6379, 6666, 6667,
    6668, 6669, 8000, 8080, 8888,
];
const UDP_SERVERS: [u16; 23] = [
    53, 67, 88, 123, 137, 161, 162, 389, 443, 514, 1812, 2123, 2152, 3389, 3544, 4011, 4789, 5060, 5072, 5353, 5355,
    6081, 20000,
];

/// Does somebody probably listen there?
#[inline]
pub fn is_likely(protocol: u8, port: u16) -> bool {
    match protocol {
        TCP => TCP_SERVERS.binary_search(&port).is_ok() || port == 20000,
        UDP => UDP_SERVERS.binary_search(&port).is_ok(),
        _ => false,
    }
}

/// Do people type there, or wait for long: FTP, SSH, telnet, rlogin (TCP)?
#[inline]
pub fn is_interactive(port: u16) -> bool {
    matches!(port, 21..=23 | 513)
}

/// Was the first packet of a flow, by the look of it, sent by the one who was asked?
pub fn is_answer(packet: &Packet) -> bool {
    let (_, source) = packet.source();
    let (destination, port) = packet.destination();
    let flip = match packet.key.protocol {
        TCP if packet.segment.flags & (SYN | ACK) == SYN => false,
        TCP if !is_likely(TCP, source) => false,
        // Both could be servers: not for SYN+ACK, which scanners send too; else the lower port is it.
        TCP if is_likely(TCP, port) => packet.segment.flags & SYN == 0 && source < port,
        TCP => true,
        UDP => is_likely(UDP, source) && !is_likely(UDP, port),
        _ => false,
    };
    flip && !never_begins(&destination)
}

/// Nobody sends from a group or from all stations.
fn never_begins(address: &Address) -> bool {
    address.is_broadcast() || address.ip().is_multicast()
}

/// The type that answers an ICMP type, where there is one (RFC 792, 950, 1256).
pub fn icmp_answer(kind: u8) -> Option<u8> {
    Some(match kind {
        8 => 0,
        0 => 8,
        13 => 14,
        14 => 13,
        15 => 16,
        16 => 15,
        10 => 9,
        9 => 10,
        17 => 18,
        18 => 17,
        _ => return None,
    })
}

/// Does an ICMP or ICMPv6 message of this type wait for an answer? Errors, answers and what is said unasked do not.
pub fn asks(protocol: u8, kind: u16) -> bool {
    match protocol {
        ICMP => matches!(kind, 8 | 10 | 13 | 15 | 17),
        ICMPV6 => matches!(kind, 128 | 130 | 133 | 135 | 139 | 144),
        _ => true,
    }
}

/// The type that answers an ICMPv6 type, where there is one (RFC 4443, 4861, 2710, 4620, 6275).
pub fn icmpv6_answer(kind: u8) -> Option<u8> {
    Some(match kind {
        128 => 129,
        129 => 128,
        133 => 134,
        134 => 133,
        135 => 136,
        136 => 135,
        130 => 131,
        131 => 130,
        139 => 140,
        140 => 139,
        144 => 145,
        145 => 144,
        _ => return None,
    })
}
