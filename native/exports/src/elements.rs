//! Which information elements matter here, by the IANA registry "IPFIX Entities" (NetFlow v9 has the
//! same numbers, RFC 3954 section 8) and RFC 5103 for the reverse ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::reader::number;
use crate::record::{Direction, Nanoseconds};

/// Enterprise number under which RFC 5103 repeats the standard elements for the way back.
pub const REVERSE_ENTERPRISE: u32 = 29305;

/// Seconds from 1900 (NTP, RFC 5905) to 1970.
const NTP_TO_UNIX: i64 = 2_208_988_800;

/// A time as the exporter writes it, before it is known what it is relative to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    #[default]
    Untold,
    At(Nanoseconds),
    /// Milliseconds since the exporter started; wraps after 49.7 days.
    Uptime(u32),
    /// Microseconds before the message was exported (IE 158 and 159).
    BeforeExport(u32),
}

/// One direction of a record, as read.
#[derive(Clone, Copy, Debug, Default)]
pub struct DraftSide {
    pub packets: u64,
    pub bytes: u64,
    pub wire_bytes: Option<u64>,
    pub tcp_flags: Option<u16>,
    pub first: Moment,
    pub last: Moment,
    /// Nanoseconds, where the exporter gives a duration instead of a start.
    pub duration: Option<i64>,
}

/// What options say about sampling (RFC 5477, and Cisco's elements 34, 48 to 50).
#[derive(Clone, Copy, Debug, Default)]
pub struct DraftSampling {
    pub sampler: Option<u64>,
    pub interval: u64,
    pub packet_interval: u64,
    pub packet_space: u64,
    pub size: u64,
    pub population: u64,
    pub probability: f64,
}

impl DraftSampling {
    /// One of how many packets is looked at; `None` where nothing is said.
    pub fn factor(&self) -> Option<u32> {
        let factor = if self.packet_interval > 0 && self.packet_space > 0 {
            self.packet_interval.saturating_add(self.packet_space) / self.packet_interval
        } else if self.size > 0 && self.population > 0 {
            self.population / self.size
        } else if self.probability > 0.0 && self.probability <= 1.0 {
            (1.0 / self.probability).round() as u64
        } else if self.interval > 0 {
            self.interval
        } else if self.packet_interval > 0 {
            1 // an interval without a space between: every packet
        } else {
            return None;
        };
        Some(u32::try_from(factor.max(1)).unwrap_or(u32::MAX))
    }
}

/// A record while its fields are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Draft {
    pub forward: DraftSide,
    pub reverse: DraftSide,
    pub has_reverse: bool,
    pub source: Option<IpAddr>,
    pub destination: Option<IpAddr>,
    pub source_port: u16,
    pub destination_port: u16,
    pub protocol: u8,
    pub icmp: Option<(u8, u8)>,
    pub tos: u8,
    pub input: u32,
    pub output: u32,
    pub vlan: u16,
    pub inner_vlan: u16,
    pub source_mac: Option<[u8; 6]>,
    pub destination_mac: Option<[u8; 6]>,
    pub direction: Direction,
    pub next_hop: Option<IpAddr>,
    pub source_as: u32,
    pub destination_as: u32,
    pub minimum_ttl: Option<u8>,
    pub maximum_ttl: Option<u8>,
    pub end_reason: u8,
    /// IE 239: 0 as it happened, 1 from who began, 2 from who answered, 3 by the side of the network.
    pub biflow_direction: Option<u8>,
    pub sampling: DraftSampling,
    pub system_start: Option<Nanoseconds>,
}

/// What a field means for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Nothing,
    Bytes,
    Packets,
    WireBytes,
    ResponderBytes,
    ResponderPackets,
    TcpFlags,
    FirstUptime,
    LastUptime,
    FirstSeconds,
    LastSeconds,
    FirstMilliseconds,
    LastMilliseconds,
    FirstNtp,
    LastNtp,
    FirstBefore,
    LastBefore,
    BothMilliseconds,
    DurationMilliseconds,
    DurationMicroseconds,
    Source,
    Destination,
    NextHop,
    SourcePort,
    DestinationPort,
    Protocol,
    IcmpTypeCode,
    IcmpType,
    IcmpCode,
    Tos,
    Input,
    Output,
    Vlan,
    InnerVlan,
    SourceMac,
    DestinationMac,
    Direction,
    SourceAs,
    DestinationAs,
    Ttl,
    MinimumTtl,
    MaximumTtl,
    EndReason,
    BiflowDirection,
    Sampler,
    SamplingInterval,
    SamplingPacketInterval,
    SamplingPacketSpace,
    SamplingSize,
    SamplingPopulation,
    SamplingProbability,
    SystemStart,
}

/// What the element means here; `Nothing` for those that no question needs.
pub fn target(id: u16) -> Target {
    match id {
        // 85: since the flow began; 23: on the way out; 231: by who began, in a record of both ways.
        1 | 85 | 23 | 171 | 231 => Target::Bytes,
        2 | 86 | 24 | 172 | 298 => Target::Packets,
        232 => Target::ResponderBytes,
        299 => Target::ResponderPackets,
        352 | 353 => Target::WireBytes,
        4 => Target::Protocol,
        5 => Target::Tos,
        6 => Target::TcpFlags,
        7 | 180 | 182 => Target::SourcePort,
        11 | 181 | 183 => Target::DestinationPort,
        8 | 27 => Target::Source,
        12 | 28 => Target::Destination,
        15 | 62 => Target::NextHop,
        10 => Target::Input,
        14 => Target::Output,
        16 => Target::SourceAs,
        17 => Target::DestinationAs,
        21 => Target::LastUptime,
        22 => Target::FirstUptime,
        32 | 139 => Target::IcmpTypeCode,
        176 | 178 => Target::IcmpType,
        177 | 179 => Target::IcmpCode,
        34 | 50 => Target::SamplingInterval,
        48 | 302 => Target::Sampler,
        305 => Target::SamplingPacketInterval,
        306 => Target::SamplingPacketSpace,
        309 => Target::SamplingSize,
        310 => Target::SamplingPopulation,
        311 => Target::SamplingProbability,
        52 => Target::MinimumTtl,
        53 => Target::MaximumTtl,
        192 => Target::Ttl,
        56 | 81 => Target::SourceMac,
        57 | 80 => Target::DestinationMac,
        58 | 243 => Target::Vlan,
        245 => Target::InnerVlan,
        61 => Target::Direction,
        136 => Target::EndReason,
        150 => Target::FirstSeconds,
        151 => Target::LastSeconds,
        152 => Target::FirstMilliseconds,
        153 => Target::LastMilliseconds,
        154 | 156 => Target::FirstNtp,
        155 | 157 => Target::LastNtp,
        158 => Target::FirstBefore,
        159 => Target::LastBefore,
        160 => Target::SystemStart,
        161 => Target::DurationMilliseconds,
        162 => Target::DurationMicroseconds,
        239 => Target::BiflowDirection,
        323 => Target::BothMilliseconds,
        _ => Target::Nothing,
    }
}

/// An element that only stands in for another that means the same here, where that one is missing.
pub fn stands_in(id: u16) -> bool {
    matches!(id, 23 | 24 | 57 | 81 | 85 | 86 | 171 | 172 | 231 | 298 | 353)
}

impl Draft {
    /// Write one field down.
    #[inline]
    pub fn set(&mut self, target: Target, reverse: bool, field: &[u8]) {
        if reverse {
            self.has_reverse = true;
            set_side(&mut self.reverse, target, field);
            return;
        }
        match target {
            Target::Nothing => {}
            Target::Source => set_address(&mut self.source, field),
            Target::Destination => set_address(&mut self.destination, field),
            Target::NextHop => set_address(&mut self.next_hop, field),
            Target::SourcePort => set_port(&mut self.source_port, field),
            Target::DestinationPort => set_port(&mut self.destination_port, field),
            Target::Protocol => self.protocol = number(field) as u8,
            Target::Tos => self.tos = number(field) as u8,
            Target::Input => self.input = number(field) as u32,
            Target::Output => self.output = number(field) as u32,
            Target::SourceAs => self.source_as = number(field) as u32,
            Target::DestinationAs => self.destination_as = number(field) as u32,
            Target::IcmpTypeCode => self.set_icmp(number(field) as u16),
            Target::IcmpType => {
                self.icmp = Some((number(field) as u8, self.icmp.map_or(0, |(_, code)| code)));
            }
            Target::IcmpCode => {
                self.icmp = Some((self.icmp.map_or(0, |(kind, _)| kind), number(field) as u8));
            }
            Target::Vlan => self.vlan = number(field) as u16 & 0x0fff,
            Target::InnerVlan => self.inner_vlan = number(field) as u16 & 0x0fff,
            Target::SourceMac => set_mac(&mut self.source_mac, field),
            Target::DestinationMac => set_mac(&mut self.destination_mac, field),
            Target::Direction => {
                self.direction = match number(field) {
                    0 => Direction::Ingress,
                    1 => Direction::Egress,
                    _ => Direction::Untold,
                };
            }
            Target::Ttl => {
                let ttl = Some(number(field) as u8);
                (self.minimum_ttl, self.maximum_ttl) = (ttl, ttl);
            }
            Target::MinimumTtl => self.minimum_ttl = Some(number(field) as u8),
            Target::MaximumTtl => self.maximum_ttl = Some(number(field) as u8),
            Target::EndReason => self.end_reason = number(field) as u8,
            Target::BiflowDirection => self.biflow_direction = Some(number(field) as u8),
            Target::ResponderBytes => {
                self.has_reverse = true;
                self.reverse.bytes = number(field);
            }
            Target::ResponderPackets => {
                self.has_reverse = true;
                self.reverse.packets = number(field);
            }
            Target::SystemStart => self.system_start = Some(milliseconds(field)),
            Target::Sampler => self.sampling.sampler = Some(number(field)),
            Target::SamplingInterval => self.sampling.interval = number(field),
            Target::SamplingPacketInterval => self.sampling.packet_interval = number(field),
            Target::SamplingPacketSpace => self.sampling.packet_space = number(field),
            Target::SamplingSize => self.sampling.size = number(field),
            Target::SamplingPopulation => self.sampling.population = number(field),
            Target::SamplingProbability => self.sampling.probability = float(field),
            _ => set_side(&mut self.forward, target, field),
        }
    }

    fn set_icmp(&mut self, type_and_code: u16) {
        // Many templates carry the field for every protocol, as zero.
        if type_and_code != 0 || self.icmp.is_none() {
            self.icmp = Some(((type_and_code >> 8) as u8, type_and_code as u8));
        }
    }
}

/// The fields that a reverse element repeats for the way back.
#[inline]
fn set_side(side: &mut DraftSide, target: Target, field: &[u8]) {
    match target {
        Target::Bytes => side.bytes = number(field),
        Target::Packets => side.packets = number(field),
        Target::WireBytes => side.wire_bytes = Some(number(field)),
        Target::TcpFlags => side.tcp_flags = Some(number(field) as u16),
        Target::FirstUptime => side.first = Moment::Uptime(number(field) as u32),
        Target::LastUptime => side.last = Moment::Uptime(number(field) as u32),
        Target::FirstSeconds => side.first = Moment::At(seconds(field)),
        Target::LastSeconds => side.last = Moment::At(seconds(field)),
        Target::FirstMilliseconds => side.first = Moment::At(milliseconds(field)),
        Target::LastMilliseconds => side.last = Moment::At(milliseconds(field)),
        Target::FirstNtp => side.first = Moment::At(ntp(field)),
        Target::LastNtp => side.last = Moment::At(ntp(field)),
        Target::FirstBefore => side.first = Moment::BeforeExport(number(field) as u32),
        Target::LastBefore => side.last = Moment::BeforeExport(number(field) as u32),
        Target::BothMilliseconds => {
            side.first = Moment::At(milliseconds(field));
            side.last = side.first;
        }
        Target::DurationMilliseconds => side.duration = Some(scaled(field, 1_000_000)),
        Target::DurationMicroseconds => side.duration = Some(scaled(field, 1_000)),
        _ => {}
    }
}

/// A template may have a field for each IP version, of which one is zero.
fn set_address(address: &mut Option<IpAddr>, field: &[u8]) {
    let found = if let Ok(octets) = <[u8; 4]>::try_from(field) {
        IpAddr::V4(Ipv4Addr::from(octets))
    } else if let Ok(octets) = <[u8; 16]>::try_from(field) {
        IpAddr::V6(Ipv6Addr::from(octets))
    } else {
        return;
    };
    if address.is_none() || !found.is_unspecified() {
        *address = Some(found);
    }
}

/// A template may have a field for each transport, of which all but one are zero.
fn set_port(port: &mut u16, field: &[u8]) {
    let found = number(field) as u16;
    if found != 0 {
        *port = found;
    }
}

fn set_mac(mac: &mut Option<[u8; 6]>, field: &[u8]) {
    if let Ok(octets) = <[u8; 6]>::try_from(field) {
        if octets != [0; 6] {
            *mac = Some(octets);
        }
    }
}

/// A number of units, in nanoseconds; what does not fit is at the end of time.
fn scaled(field: &[u8], unit: i64) -> Nanoseconds {
    i64::try_from(number(field)).unwrap_or(i64::MAX).saturating_mul(unit)
}

fn seconds(field: &[u8]) -> Nanoseconds {
    scaled(field, 1_000_000_000)
}

fn milliseconds(field: &[u8]) -> Nanoseconds {
    scaled(field, 1_000_000)
}

/// dateTimeMicroseconds and dateTimeNanoseconds (RFC 7011, 6.1.9): an NTP timestamp.
fn ntp(field: &[u8]) -> Nanoseconds {
    let stamp = number(field);
    let seconds = (stamp >> 32) as i64 - NTP_TO_UNIX;
    let fraction = ((stamp & 0xffff_ffff) * 1_000_000_000) >> 32;
    seconds.saturating_mul(1_000_000_000).saturating_add(fraction as i64)
}

fn float(field: &[u8]) -> f64 {
    match field.len() {
        8 => f64::from_bits(number(field)),
        4 => f64::from(f32::from_bits(number(field) as u32)),
        _ => 0.0,
    }
}
