//! The straight way, for packets that are as nearly all are: Ethernet with one VLAN tag or none, IPv4 without
//! options or IPv6 without further headers, in one piece; TCP but for its first segments where names are wanted, or UDP
//! that nobody listens to.
//!
//! It says of them what the full decoder would say, and leaves all others to it, untouched. A test holds the two
//! beside each other.

use super::datagrams::{is_tunnel, looks_like_tunnel};
use super::{Checksums, Decoder, Sink};
use crate::checksum;
use crate::exported::is_export;
use crate::file::Frame;
use crate::naming::Listening;
use crate::packet::{Address, Arrival, Key, Link, Packet, Segment, TCP, UDP};

const ETHERNET: usize = 14;
const TAG: usize = 4;

/// An IP packet: what its header says, and what is behind it.
struct Ip<'a> {
    source: Address,
    destination: Address,
    protocol: u8,
    hops: u8,
    identification: u16,
    /// Length by the header, and how much of it is header.
    total: usize,
    header: usize,
    /// As far as it was captured.
    rest: &'a [u8],
}

/// What transport says.
struct Transport {
    ports: (u16, u16),
    segment: Segment,
    header: u32,
    payload: u32,
}

impl Decoder {
    /// Decode a frame; false where that is for the full decoder.
    #[inline]
    pub(super) fn plain(&mut self, frame: &Frame, data: &[u8], sink: &mut impl Sink) -> bool {
        if frame.link != 1 || self.manner.checksums != Checksums::Ignore {
            return false;
        }
        let Some(head) = data.first_chunk::<ETHERNET>() else { return false };
        let (mut kind, mut begin) = (u16::from_be_bytes([head[12], head[13]]), ETHERNET);
        let (mut tags, mut vlan) = (0, 0);
        if kind == 0x8100 {
            let Some(tagged) = data.first_chunk::<{ ETHERNET + TAG }>() else { return false };
            vlan = u16::from_be_bytes([tagged[14], tagged[15]]) & 0x0fff;
            tags = u8::from(vlan != 0); // VLAN 0 is none
            (kind, begin) = (u16::from_be_bytes([tagged[16], tagged[17]]), ETHERNET + TAG);
        }
        let inside = data.get(begin..).unwrap_or(&[]);
        let wire = frame.wire.saturating_sub(frame.captured) as usize + inside.len();
        let ip = match kind {
            0x0800 => ipv4(inside, wire),
            0x86dd => ipv6(inside, wire),
            _ => None,
        };
        let Some(ip) = ip else { return false };
        let transport = match ip.protocol {
            TCP => tcp(&ip).filter(|tcp| !(tcp.segment.begins() && self.manner.names == Listening::Everything)),
            UDP => self.udp_without_interest(&ip),
            _ => None,
        };
        let Some(transport) = transport else { return false };
        let vlan = [vlan, 0, 0, 0];
        let context = self.context(frame.interface, tags, vlan, 0);
        let (from, to) = transport.ports;
        let (key, reversed) = Key::of((ip.source, from), (ip.destination, to), ip.protocol, false, context);
        let arrival = Arrival {
            time: frame.time,
            wire: frame.wire,
            bytes: ip.total as u32,
            payload: transport.payload,
            whole: ip.rest.len() >= ip.total - ip.header,
            hops: ip.hops,
            segment: transport.segment,
        };
        if sink.take_known(&key, reversed, &arrival) {
            return true;
        }
        let behind = begin + ip.header + transport.header as usize;
        let payload = ip.rest.get(transport.header as usize..).unwrap_or(&[]);
        let packet = Packet {
            key,
            hash: std::hash::BuildHasher::hash_one(&self.hasher, key),
            reversed,
            time: arrival.time,
            number: frame.number,
            file: self.file,
            link: Link {
                source: [head[6], head[7], head[8], head[9], head[10], head[11]],
                destination: [head[0], head[1], head[2], head[3], head[4], head[5]],
                has_addresses: true,
                tags,
                vlan,
                tunnel: 0,
                depth: 0,
                interface: frame.interface,
                direction: frame.direction,
            },
            wire: arrival.wire,
            bytes: arrival.bytes,
            identification: ip.identification,
            payload: arrival.payload,
            whole: arrival.whole,
            hops: arrival.hops,
            bad_checksum: false,
            segment: arrival.segment,
            payload_at: frame.at + behind as u32,
            payload_captured: payload.len() as u32,
        };
        sink.take(&packet, payload);
        true
    }

    /// UDP on ports where neither names nor tunnels are, which is no flow export and looks like no tunnel.
    #[inline]
    fn udp_without_interest(&self, ip: &Ip<'_>) -> Option<Transport> {
        let head = ip.rest.first_chunk::<8>()?;
        let (from, to) = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
        let payload = ip.rest.get(8..)?;
        if self.manner.names.wants(from, to, payload) || is_tunnel(from) || is_tunnel(to) {
            return None;
        }
        let said = u32::from(u16::from_be_bytes([head[4], head[5]]));
        let length = if said >= 8 { said } else { (ip.total - ip.header) as u32 };
        if is_export(payload, length as usize - 8) || looks_like_tunnel(payload) {
            return None;
        }
        Some(Transport { ports: (from, to), segment: Segment::default(), header: 8, payload: length - 8 })
    }
}

#[inline]
fn ipv4(data: &[u8], wire: usize) -> Option<Ip<'_>> {
    let head = data.first_chunk::<20>()?;
    let total = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let is_whole = u16::from_be_bytes([head[6], head[7]]) & 0x3fff == 0;
    if head[0] != 0x45 || total < 20 || total > wire || !is_whole || !checksum::valid_header(head) {
        return None;
    }
    Some(Ip {
        source: Address::v4(u32::from_be_bytes([head[12], head[13], head[14], head[15]])),
        destination: Address::v4(u32::from_be_bytes([head[16], head[17], head[18], head[19]])),
        protocol: head[9],
        hops: head[8],
        identification: u16::from_be_bytes([head[4], head[5]]),
        total,
        header: 20,
        rest: data.get(20..total.min(data.len()))?,
    })
}

#[inline]
fn ipv6(data: &[u8], wire: usize) -> Option<Ip<'_>> {
    let head = data.first_chunk::<40>()?;
    let total = usize::from(u16::from_be_bytes([head[4], head[5]])) + 40;
    if head[0] >> 4 != 6 || total == 40 || total > wire {
        return None;
    }
    Some(Ip {
        source: Address::v6(&head[8..24])?,
        destination: Address::v6(&head[24..40])?,
        protocol: head[6],
        hops: head[7],
        identification: 0,
        total,
        header: 40,
        rest: data.get(40..total.min(data.len()))?,
    })
}

/// A segment whose header was captured as a whole and makes sense.
#[inline]
fn tcp(ip: &Ip<'_>) -> Option<Transport> {
    let head = ip.rest.first_chunk::<20>()?;
    let header = u32::from(head[12] >> 4) * 4;
    // What was captured is not longer than what there was.
    if header < 20 || header as usize > ip.rest.len() {
        return None;
    }
    let segment = Segment {
        flags: head[13],
        sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
        acknowledged: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        window: u16::from_be_bytes([head[14], head[15]]),
        sound: true,
    };
    let ports = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
    Some(Transport { ports, segment, header, payload: (ip.total - ip.header) as u32 - header })
}

#[cfg(test)]
#[path = "../../tests/common/mod.rs"]
pub(super) mod common;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Manner, Shared};
    use super::common::*;
    use super::{Decoder, Frame, Packet, Sink, TCP, UDP};
    use crate::naming::Listening;

    #[derive(Default)]
    struct Kept(Vec<(Packet, Vec<u8>)>);

    impl Sink for Kept {
        fn take(&mut self, packet: &Packet, payload: &[u8]) {
            self.0.push((*packet, payload.to_vec()));
        }
    }

    /// Two decoders that should say the same, one of which knows the full way only.
    struct Both {
        quick: Decoder,
        full: Decoder,
        straight: usize,
    }

    impl Both {
        fn new(names: Listening) -> Both {
            let hasher = foldhash::fast::RandomState::default();
            let manner = Manner::of_all(names);
            let decoder = || Decoder::new(manner.clone(), Arc::new(Shared::default()), hasher.clone());
            Both { quick: decoder(), full: decoder(), straight: 0 }
        }

        fn compare(&mut self, link: u16, data: &[u8], cut: u32) {
            let captured = data.len() as u32;
            let (time, number, wire) = (7, 1, captured + cut);
            let frame = Frame { time, number, at: 100, captured, wire, interface: 0, link, direction: 2 };
            let (mut quick, mut full) = (Kept::default(), Kept::default());
            if self.quick.admits(&frame, data, 3) {
                match self.quick.plain(&frame, data, &mut quick) {
                    true => self.straight += 1,
                    false => self.quick.fully(&frame, data, &mut quick),
                }
            }
            if self.full.admits(&frame, data, 3) {
                self.full.fully(&frame, data, &mut full);
            }
            assert_eq!(quick.0, full.0, "{data:02x?}, {cut} more on the wire");
            assert_eq!(self.quick.tally, self.full.tally, "{data:02x?}");
        }
    }

    /// NetFlow v5 with so many records that say nothing.
    fn netflow(records: u8) -> Vec<u8> {
        let mut datagram = vec![0; 24 + 48 * usize::from(records)];
        datagram[1] = 5;
        datagram[3] = records;
        datagram[11] = 1; // seconds since 1970
        datagram
    }

    fn seeds() -> Vec<Vec<u8>> {
        let segment = tcp(40_000, 443, 7, 9, 0x18, b"abc");
        let tagged = |kind: u16, packet: &[u8]| {
            let inner = joined(&[&[0x00, 0x2a], &kind.to_be_bytes(), packet]);
            ethernet(0x8100, &inner)
        };
        let mut teredo = ipv6(UDP, &udp(5000, 9, b"payload"));
        teredo[8..12].copy_from_slice(&[0x20, 1, 0, 0]);
        vec![
            ethernet(0x0800, &ipv4(A, B, TCP, &segment)),
            ethernet(0x0800, &ipv4(B, A, TCP, &tcp(443, 40_000, 9, 7, 0x10, b""))),
            ethernet(0x0800, &ipv4(A, B, UDP, &udp(5000, 9, b"payload"))),
            ethernet(0x0800, &ipv4(A, B, UDP, &udp(53, 5000, &[0, 0, 0x81, 0, 0, 1, 0, 0]))),
            ethernet(0x0800, &ipv4(A, B, UDP, &udp(5000, 2055, &netflow(1)))),
            ethernet(0x0800, &ipv4(A, B, UDP, &udp(4789, 4789, &[8, 0, 0, 0, 0, 0, 1, 0]))),
            ethernet(0x0800, &ipv4(A, B, UDP, &udp(5000, 6000, &teredo))),
            ethernet(0x0800, &ipv4(A, B, UDP, &udp(5000, 6000, &joined(&[&[0; 8], &teredo])))),
            ethernet(0x0800, &ipv4(A, B, UDP, &udp(5000, 6000, &joined(&[&[2, 0x52, 0x11, 41], &[0; 28], &teredo])))),
            ethernet(0x0800, &ipv4(A, B, 1, &[8, 0, 0, 0, 0, 0, 0, 0])),
            ethernet(0x86dd, &ipv6(TCP, &segment)),
            ethernet(0x86dd, &ipv6(UDP, &udp(5000, 9, b"payload"))),
            tagged(0x0800, &ipv4(A, B, TCP, &segment)),
            tagged(0x86dd, &ipv6(UDP, &udp(9, 5000, b"payload"))),
            tagged(0x8100, &joined(&[&[0, 7, 0x08, 0], &ipv4(A, B, TCP, &segment)])),
        ]
    }

    #[test]
    fn most_packets_go_the_straight_way() {
        let mut both = Both::new(Listening::Addresses);
        seeds().iter().for_each(|frame| both.compare(1, frame, 0));
        assert_eq!(both.straight, 7);
    }

    #[test]
    fn what_is_cut_off_anywhere_or_padded_is_the_same_either_way() {
        let mut both = Both::new(Listening::Nothing);
        for frame in seeds() {
            for length in 0..=frame.len() {
                both.compare(1, &frame[..length], (frame.len() - length) as u32);
                both.compare(1, &frame[..length], 0);
                both.compare(1, &frame[..length], 1000);
            }
            both.compare(1, &joined(&[&frame, &[0; 18]]), 0);
            both.compare(101, &frame[14..], 0);
        }
    }

    #[test]
    fn every_value_of_every_byte_is_the_same_either_way() {
        let mut both = Both::new(Listening::Nothing);
        for frame in seeds() {
            for at in 0..frame.len().min(80) {
                for value in 0..=255 {
                    let mut changed = frame.clone();
                    changed[at] = value;
                    mend(&mut changed);
                    both.compare(1, &changed, 0);
                }
            }
        }
    }

    #[test]
    fn bytes_changed_by_chance_are_the_same_either_way() {
        let (mut both, mut chance) = (Both::new(Listening::Everything), Chance(0x9e37_79b9_7f4a_7c15));
        let seeds = seeds();
        for _ in 0..50_000 {
            let mut frame = seeds[chance.below(seeds.len())].clone();
            for _ in 0..=chance.below(3) {
                let at = chance.below(frame.len());
                frame[at] = [0, 0xff, chance.below(256) as u8, frame[at] ^ 1 << chance.below(8)][chance.below(4)];
            }
            if chance.below(2) == 0 {
                mend(&mut frame);
            }
            frame.truncate(frame.len() - chance.below(8) / 5 * chance.below(40));
            both.compare(1, &frame, chance.below(3) as u32);
        }
        assert!(both.straight > 10_000 && both.full.tally.malformed > 300, "{}", both.straight);
    }
}
