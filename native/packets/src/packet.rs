//! One IP packet, as the flow table wants to know it.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};

pub const ICMP: u8 = 1;
pub const IPIP: u8 = 4;
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
pub const IPV6: u8 = 41;
pub const GRE: u8 = 47;
pub const AH: u8 = 51;
pub const ICMPV6: u8 = 58;
pub const SCTP: u8 = 132;

/// An IPv4 (as ::ffff:a.b.c.d, RFC 4291) or IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Address {
    high: u64,
    low: u64,
}

const MAPPED: u64 = 0xffff_0000_0000;

impl Address {
    #[inline]
    pub fn v4(address: u32) -> Address {
        Address { high: 0, low: MAPPED | u64::from(address) }
    }

    #[inline]
    pub fn v6(octets: &[u8]) -> Option<Address> {
        let high = u64::from_be_bytes(octets.get(..8)?.try_into().ok()?);
        let low = u64::from_be_bytes(octets.get(8..16)?.try_into().ok()?);
        Some(Address { high, low })
    }

    #[inline]
    pub fn is_ipv4(&self) -> bool {
        self.high == 0 && self.low >> 32 == 0xffff
    }

    /// The IPv4 address as a number, where it is one.
    #[inline]
    pub fn as_v4(&self) -> Option<u32> {
        self.is_ipv4().then_some(self.low as u32)
    }

    pub fn octets(&self) -> [u8; 16] {
        (u128::from(self.high) << 64 | u128::from(self.low)).to_be_bytes()
    }

    pub fn ip(&self) -> IpAddr {
        match self.as_v4() {
            Some(address) => IpAddr::V4(address.into()),
            None => IpAddr::V6(Ipv6Addr::from(self.octets())),
        }
    }

    /// What differs most among the addresses of a network.
    #[inline]
    pub fn last_bits(&self) -> u64 {
        self.low
    }

    /// A broadcast address, which can begin nothing.
    pub fn is_broadcast(&self) -> bool {
        self.as_v4() == Some(u32::MAX)
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Address {
        let bits = match ip {
            IpAddr::V4(ip) => return Address::v4(ip.to_bits()),
            IpAddr::V6(ip) => ip.to_bits(),
        };
        Address { high: (bits >> 64) as u64, low: bits as u64 }
    }
}

/// What makes two packets belong to one flow, whichever way they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The lesser of both ends, by address and port.
    pub low: Address,
    pub high: Address,
    pub low_port: u16,
    pub high_port: u16,
    /// IP protocol.
    pub protocol: u8,
    /// ICMP that nobody answers: both ways are flows of their own.
    pub one_way: bool,
    /// Interface, and what else the user wants to hold apart.
    pub context: u32,
}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.low.high ^ self.high.high.rotate_left(32));
        state.write_u64(self.low.low);
        state.write_u64(self.high.low);
        let ports = u64::from(self.low_port) << 16 | u64::from(self.high_port);
        let kind = u64::from(self.protocol) << 1 | u64::from(self.one_way);
        state.write_u64(u64::from(self.context) << 48 ^ kind << 32 ^ ports);
    }
}

/// One of the two ways in a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the one who began.
    Forth = 0,
    /// From the one who was asked.
    Back = 1,
}

impl Way {
    pub fn other(self) -> Way {
        match self {
            Way::Forth => Way::Back,
            Way::Back => Way::Forth,
        }
    }
}

/// VLAN tags of a frame, the outer one first. IEEE 802.1Q has two; some providers and switches put on one more.
pub type Vlans = [u16; TAGS];

/// Of more tags than these, those in the middle are left out.
pub const TAGS: usize = 4;

/// Around the IP header: who sent it on this link, in which network, through which tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    pub source: [u8; 6],
    pub destination: [u8; 6],
    pub has_addresses: bool,
    /// Number of VLAN tags.
    pub tags: u8,
    pub vlan: Vlans,
    /// Number of the tunnel among those seen; 0 is none.
    pub tunnel: u32,
    /// How many tunnels around.
    pub depth: u8,
    /// Index of the interface.
    pub interface: u32,
    /// See `direction_name`.
    pub direction: u8,
}

/// How the capture says which way a packet went through the interface.
pub fn direction_name(direction: u8) -> &'static str {
    match direction {
        1 => "incoming",
        2 => "outgoing",
        3 => "broadcast",
        4 => "multicast",
        5 => "forwarded?",
        _ => "",
    }
}

/// Which way an answer went through the interface, or what was answered. What was sent to many is no answer.
pub fn opposite(direction: u8) -> u8 {
    match direction {
        1 => 2,
        2 => 1,
        other => other,
    }
}

/// The fields of a TCP header that flows depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    pub flags: u8,
    pub sequence: u32,
    pub acknowledged: u32,
    pub window: u16,
    /// Whether the header made sense: otherwise only a flow is made.
    pub sound: bool,
}

impl Segment {
    /// Whether it asks for a connection.
    #[inline]
    pub fn begins(&self) -> bool {
        self.flags & (SYN | ACK | RST | FIN) == SYN
    }
}

pub const FIN: u8 = 0x01;
pub const SYN: u8 = 0x02;
pub const RST: u8 = 0x04;
pub const ACK: u8 = 0x10;

/// What a packet does to its flow, whichever that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Nanoseconds since 1970.
    pub time: i64,
    /// Length on the wire, of the whole frame.
    pub wire: u32,
    /// Length by the IP header.
    pub bytes: u32,
    /// Length of the payload of transport, by the headers.
    pub payload: u32,
    /// Whether all of the payload was captured.
    pub whole: bool,
    pub hops: u8,
    pub segment: Segment,
}

/// One packet for the flow table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    pub key: Key,
    pub hash: u64,
    /// The source is the key's `high`.
    pub reversed: bool,
    /// Nanoseconds since 1970.
    pub time: i64,
    /// Number in its file.
    pub number: u64,
    pub file: u32,
    pub link: Link,
    /// Length on the wire, of the whole frame.
    pub wire: u32,
    /// Length by the IP header.
    pub bytes: u32,
    /// What IPv4 numbers packets by; 0 where nobody does.
    pub identification: u16,
    /// Length of the payload of transport, by the headers.
    pub payload: u32,
    /// Whether all of the payload was captured.
    pub whole: bool,
    pub hops: u8,
    pub bad_checksum: bool,
    pub segment: Segment,
    /// Where the captured payload is in the chunk; empty where it is not there.
    pub payload_at: u32,
    pub payload_captured: u32,
}

impl Packet {
    #[inline]
    pub fn arrival(&self) -> Arrival {
        let Packet { time, wire, bytes, payload, whole, hops, segment, .. } = *self;
        Arrival { time, wire, bytes, payload, whole, hops, segment }
    }

    #[inline]
    pub fn source(&self) -> (Address, u16) {
        if self.reversed {
            (self.key.high, self.key.high_port)
        } else {
            (self.key.low, self.key.low_port)
        }
    }

    #[inline]
    pub fn destination(&self) -> (Address, u16) {
        if self.reversed {
            (self.key.low, self.key.low_port)
        } else {
            (self.key.high, self.key.high_port)
        }
    }
}

impl Key {
    /// The key of a packet, and whether its source is the greater end.
    #[inline]
    pub fn of(
        source: (Address, u16),
        destination: (Address, u16),
        protocol: u8,
        one_way: bool,
        context: u32,
    ) -> (Key, bool) {
        let reversed = !one_way && source > destination;
        // Packets go either way as they like: no branch, which the processor could only guess.
        let (first, last) = swapped_if(reversed, source.0.high, destination.0.high);
        let (second, next) = swapped_if(reversed, source.0.low, destination.0.low);
        let (low, high) = (Address { high: first, low: second }, Address { high: last, low: next });
        let (low_port, high_port) = swapped_if(reversed, u64::from(source.1), u64::from(destination.1));
        let (low_port, high_port) = (low_port as u16, high_port as u16);
        (Key { low, high, low_port, high_port, protocol, one_way, context }, reversed)
    }
}

impl Key {
    /// The same of a packet in IPv4, from and to these addresses and ports.
    #[inline]
    pub fn v4(source: (u32, u16), destination: (u32, u16), protocol: u8, context: u32) -> (Key, bool) {
        let end = |(address, port): (u32, u16)| u64::from(address) << 16 | u64::from(port);
        let (source, destination) = (end(source), end(destination));
        let (low, high) = (source.min(destination), source.max(destination));
        let address = |end: u64| Address::v4((end >> 16) as u32);
        let (low_port, high_port) = (low as u16, high as u16);
        let (low, high) = (address(low), address(high));
        (Key { low, high, low_port, high_port, protocol, one_way: false, context }, source > destination)
    }
}

#[inline]
fn swapped_if(swap: bool, one: u64, other: u64) -> (u64, u64) {
    let difference = (one ^ other) & 0_u64.wrapping_sub(u64::from(swap));
    (one ^ difference, other ^ difference)
}
