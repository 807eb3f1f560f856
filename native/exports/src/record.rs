//! What an exporter says about one flow, whichever format it speaks.

use std::net::IpAddr;

/// Nanoseconds since 1970, UTC.
pub type Nanoseconds = i64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    NetFlow5,
    NetFlow9,
    Ipfix,
    Sflow5,
    /// A file of nfcapd, in which all of them look the same.
    Nfcapd,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Self::NetFlow5 => "netflow5",
            Self::NetFlow9 => "netflow9",
            Self::Ipfix => "ipfix",
            Self::Sflow5 => "sflow5",
            Self::Nfcapd => "nfcapd",
        }
    }
}

/// Where the exporter looked: on the way in, on the way out, or it does not say (IE 61).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    #[default]
    Untold,
    Ingress,
    Egress,
}

/// One way of a flow, counted as exported: not yet multiplied by the sampling factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    pub packets: u64,
    /// Bytes of the IP packets.
    pub bytes: u64,
    /// Bytes of the frames, where the exporter counts them.
    pub wire_bytes: Option<u64>,
    /// All TCP flags that were seen, or-ed together; `None` where the exporter does not tell.
    pub tcp_flags: Option<u16>,
    pub first: Nanoseconds,
    pub last: Nanoseconds,
}

/// One record of an export: a flow in one direction, or in both if `reverse` is there (RFC 5103).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub format: Format,
    pub exporter: IpAddr,
    /// Observation domain (IPFIX), source id (v9), engine type and id (v5), sub-agent (sFlow).
    pub domain: u32,
    /// When the datagram came.
    pub received: Nanoseconds,
    /// SNMP ifIndex; 0: not told, or the exporter itself.
    pub input: u32,
    pub output: u32,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub source_port: u16,
    pub destination_port: u16,
    pub protocol: u8,
    /// ICMP type and code.
    pub icmp: Option<(u8, u8)>,
    pub tos: u8,
    /// VLAN id, 0: none.
    pub vlan: u16,
    /// VLAN id of the customer inside the provider's (802.1ad), 0: none.
    pub inner_vlan: u16,
    pub source_mac: Option<[u8; 6]>,
    pub destination_mac: Option<[u8; 6]>,
    pub direction: Direction,
    pub next_hop: Option<IpAddr>,
    pub source_as: u32,
    pub destination_as: u32,
    /// Smallest and largest TTL or hop limit.
    pub ttl: Option<(u8, u8)>,
    /// flowEndReason (IE 136): 1 idle, 2 active timeout, 3 end seen, 4 forced, 5 no room; 0 untold.
    pub end_reason: u8,
    /// One of how many packets was looked at; 1: all of them; 0: nobody knows any more, the numbers
    /// are multiplied already (nfcapd does that).
    pub sampling: u32,
    pub forward: Side,
    pub reverse: Option<Side>,
    /// The way there is not that of who began: biflowDirection (IE 239) says so, RFC 5103, section 6.3.
    pub is_arbitrary: bool,
}

impl Record {
    /// The interface at which the exporter looked.
    pub fn observed_at(&self) -> u32 {
        match self.direction {
            Direction::Egress => self.output,
            Direction::Ingress | Direction::Untold => self.input,
        }
    }
}

/// The first bytes of one sampled packet (sFlow), to be decoded like any packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampledHeader {
    /// All that the sample says besides the header; its addresses are unspecified until decoded.
    pub record: Record,
    /// sFlow header_protocol: 1 Ethernet, 11 IPv4, 12 IPv6, 7 PPP, 8 SMDS …
    pub header_protocol: u32,
    /// Bytes on the wire before sampling.
    pub frame_length: u32,
    pub header: Vec<u8>,
}

/// The counters of one interface at one time (sFlow if_counters, like the IF-MIB).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceCounters {
    pub exporter: IpAddr,
    pub received: Nanoseconds,
    pub index: u32,
    /// Bits a second.
    pub speed: u64,
    /// Bit 0: administratively up, bit 1: operationally up.
    pub status: u32,
    pub received_bytes: u64,
    pub received_unicasts: u32,
    pub received_multicasts: u32,
    pub received_broadcasts: u32,
    pub received_discards: u32,
    pub received_errors: u32,
    pub sent_bytes: u64,
    pub sent_unicasts: u32,
    pub sent_multicasts: u32,
    pub sent_broadcasts: u32,
    pub sent_discards: u32,
    pub sent_errors: u32,
}

/// What one or more datagrams held.
#[derive(Default)]
pub struct Found {
    pub records: Vec<Record>,
    pub headers: Vec<SampledHeader>,
    pub counters: Vec<InterfaceCounters>,
}

impl Found {
    pub fn clear(&mut self) {
        self.records.clear();
        self.headers.clear();
        self.counters.clear();
    }
}
