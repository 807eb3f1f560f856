//! From a captured frame to the IP packets in it: link layers, IP, transport, and tunnels inside.
//!
//! Each IP packet that carries another one is counted itself, and so is what it carries.

mod plain;
mod steady;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use hashbrown::HashMap;

use crate::arp::Arp;
use crate::bytes::{be16, be32, le16};
use crate::checksum;
use crate::context::{self, Contexts};
use crate::exported::is_export;
use crate::file::Frame;
use crate::filter::Filter;
use crate::fragments::{Fragments, Identity, Piece};
use crate::naming::{Listening, Names, Place, Protocol};
use crate::packet::{Address, Arrival, Key, Link, Packet, Segment, GRE, ICMP, ICMPV6, IPIP, IPV6, SCTP, TCP, UDP};
use crate::servers::{icmp_answer, icmpv6_answer};
use crate::syn::Syn;

/// Tunnels in tunnels, and headers before transport, that are followed.
const DEEPEST: u8 = 4;
const HEADERS: usize = 16;
const LAYERS: u8 = 16;
/// VLANs and tunnels whose numbers a decoder remembers.
const CONTEXTS: usize = 1024;

/// What to do with wrong checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksums {
    /// Count every packet; only IPv4 headers are checked.
    Ignore,
    /// Count every packet, and say how many were wrong.
    Count,
    /// Leave out what is wrong, as Zeek does without `-C`.
    Drop,
}

/// What was left out, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub packets: u64,
    pub bytes: u64,
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub filtered: u64,
    /// Frames that carry no IP, by what they carry.
    pub not_ip: BTreeMap<u16, u64>,
    /// Frames of link types that are not understood.
    pub links: BTreeMap<u16, u64>,
    /// Frames or packets whose headers contradict themselves or are cut off.
    pub malformed: u64,
    pub fragments: u64,
    pub bad_checksums: u64,
    /// Datagrams that look like flow exports.
    pub exports: u64,
    /// Packets by interface.
    pub interfaces: BTreeMap<u32, u64>,
}

impl Tally {
    pub fn merge(&mut self, other: &Tally) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.filtered += other.filtered;
        self.malformed += other.malformed;
        self.fragments += other.fragments;
        self.bad_checksums += other.bad_checksums;
        self.exports += other.exports;
        for (from, to) in [(&other.not_ip, &mut self.not_ip), (&other.links, &mut self.links)] {
            for (key, count) in from {
                *to.entry(*key).or_default() += count;
            }
        }
        for (key, count) in &other.interfaces {
            *self.interfaces.entry(*key).or_default() += count;
        }
    }
}

/// What all decoders of a reading share.
#[derive(Default)]
pub struct Shared {
    pub contexts: Arc<Mutex<Contexts>>,
    pub fragments: Mutex<Fragments>,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock guards a plain value, which is still usable.
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// How to decode.
#[derive(Clone)]
pub struct Manner {
    pub checksums: Checksums,
    pub filter: Option<Arc<Filter>>,
    pub names: Listening,
    /// Hold flows apart by VLAN, and by tunnel.
    pub by_vlan: bool,
    pub by_tunnel: bool,
}

/// Who takes the packets.
pub trait Sink {
    fn take(&mut self, packet: &Packet, payload: &[u8]);

    /// Take a packet in by what makes its flow, if that is known and no more is asked of the packet; false where it is
    /// to be told as a whole.
    #[inline]
    fn take_known(&mut self, _key: &Key, _reversed: bool, _packet: &Arrival) -> bool {
        false
    }
}

pub struct Decoder {
    manner: Manner,
    shared: Arc<Shared>,
    hasher: foldhash::fast::RandomState,
    pub tally: Tally,
    pub names: Names,
    pub arp: Arp,
    frame: Frame,
    file: u32,
    /// Address of the frame's first byte, to tell where a payload is in the chunk.
    base: usize,
    layers: u8,
    /// What is decoded now is not in the chunk.
    elsewhere: bool,
    last_interface: (u32, u64),
    /// The earliest and the latest time, for the tally.
    first: i64,
    last: i64,
    /// Of the numbers that all decoders share, those that this one has asked for.
    contexts: HashMap<context::Place, u32, foldhash::fast::RandomState>,
    last_context: Option<(context::Place, u32)>,
}

/// The IP layer of a packet being decoded.
#[derive(Clone, Copy)]
struct Ip {
    source: Address,
    destination: Address,
    protocol: u8,
    hops: u8,
    bytes: u32,
    bad_checksum: bool,
    /// Put together of pieces: it is not in the chunk.
    joined: bool,
    wire: u32,
}

impl Decoder {
    pub fn new(manner: Manner, shared: Arc<Shared>, hasher: foldhash::fast::RandomState) -> Decoder {
        let names = Names::new(manner.names);
        Decoder {
            manner,
            shared,
            hasher,
            tally: Tally::default(),
            names,
            arp: Arp::default(),
            frame: Frame { time: 0, number: 0, at: 0, captured: 0, wire: 0, interface: 0, link: 0, direction: 0 },
            file: 0,
            base: 0,
            layers: 0,
            elsewhere: false,
            last_interface: (u32::MAX, 0),
            first: i64::MAX,
            last: i64::MIN,
            contexts: HashMap::default(),
            last_context: None,
        }
    }

    /// Share this with others from now on: nothing was decoded yet.
    pub fn share(&mut self, shared: Arc<Shared>) {
        self.shared = shared;
    }

    /// Decode one frame.
    #[inline]
    pub fn frame(&mut self, frame: &Frame, data: &[u8], file: u32, sink: &mut impl Sink) {
        if self.admits(frame, data, file) && !self.steady(frame, data, sink) {
            self.other(frame, data, sink);
        }
    }

    #[inline(never)]
    fn other(&mut self, frame: &Frame, data: &[u8], sink: &mut impl Sink) {
        if !self.plain(frame, data, sink) {
            self.fully(frame, data, sink);
        }
    }

    /// Count a frame that is to be decoded; false where the filter refuses it.
    #[inline(always)]
    fn admits(&mut self, frame: &Frame, data: &[u8], file: u32) -> bool {
        if let Some(filter) = &self.manner.filter {
            if !filter.takes(data, frame.wire) {
                self.tally.filtered += 1;
                return false;
            }
        }
        self.file = file;
        let tally = &mut self.tally;
        tally.packets += 1;
        tally.bytes += u64::from(frame.wire);
        self.first = self.first.min(frame.time);
        self.last = self.last.max(frame.time);
        if self.last_interface.0 != frame.interface {
            self.flush_interface();
            self.last_interface = (frame.interface, 0);
        }
        self.last_interface.1 += 1;
        true
    }

    /// Decode a frame of any kind.
    fn fully(&mut self, frame: &Frame, data: &[u8], sink: &mut impl Sink) {
        self.frame = *frame;
        self.base = data.as_ptr() as usize;
        self.layers = 0;
        let link = Link { interface: frame.interface, direction: frame.direction, ..Link::default() };
        self.link(frame.link, data, link, sink);
    }

    /// Everything counted so far is in the tally.
    pub fn flush(&mut self) {
        self.flush_interface();
        self.last_interface.1 = 0;
        self.tally = self.told();
    }

    /// What was counted so far, before all is in the tally.
    pub fn told(&self) -> Tally {
        let (first, last) = (Some(self.first), Some(self.last));
        let (first, last) = if self.tally.packets > 0 { (first, last) } else { (None, None) };
        Tally { first, last, ..self.tally.clone() }
    }

    fn flush_interface(&mut self) {
        if self.last_interface.1 > 0 {
            *self.tally.interfaces.entry(self.last_interface.0).or_default() += self.last_interface.1;
        }
    }

    fn place(&self, link: &Link) -> Place {
        Place { time: self.frame.time, file: self.file, packet: self.frame.number, interface: link.interface }
    }

    fn malformed(&mut self) {
        self.tally.malformed += 1;
    }

    /// By LINKTYPE_ number, https://www.tcpdump.org/linktypes.html.
    fn link(&mut self, kind: u16, data: &[u8], link: Link, sink: &mut impl Sink) {
        match kind {
            1 => self.ethernet(data, link, sink),
            12 | 14 | 101 | 228 | 229 => self.ip(data, link, sink),
            0 | 108 => self.null(data, link, sink),
            9 | 50 => self.ppp(data, link, sink),
            51 => self.pppoe(data, link, sink),
            105 => self.wireless(data, link, sink),
            113 => self.cooked(data, link, sink),
            127 => match le16(data, 2).and_then(|length| data.get(usize::from(length)..)) {
                Some(frame) => self.wireless(frame, link, sink),
                None => self.malformed(),
            },
            276 => self.cooked_2(data, link, sink),
            _ => *self.tally.links.entry(kind).or_default() += 1,
        }
    }

    fn ethernet(&mut self, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        let Some(head) = data.get(..14) else { return self.malformed() };
        let mut kind = u16::from_be_bytes([head[12], head[13]]);
        let mut data = data;
        if kind == 0x8903 {
            // Cisco FabricPath: 16 bytes before the frame.
            let Some(inner) = data.get(16..).filter(|inner| inner.len() >= 14) else { return self.malformed() };
            data = inner;
            kind = u16::from_be_bytes([inner[12], inner[13]]);
        }
        let (Some(destination), Some(source), Some(rest)) = (data.get(..6), data.get(6..12), data.get(14..)) else {
            return self.malformed();
        };
        link.destination.copy_from_slice(destination);
        link.source.copy_from_slice(source);
        link.has_addresses = true;
        self.typed(kind, rest, link, sink);
    }

    /// What an EtherType, or a length below 1536, says about the rest of the frame.
    #[inline]
    fn typed(&mut self, kind: u16, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        if kind == 0x0800 || kind == 0x86dd {
            return self.ip(data, link, sink);
        }
        self.layers += 1;
        if self.layers > LAYERS {
            return self.malformed();
        }
        match kind {
            0x8100 | 0x88a8 | 0x9100 => {
                let (Some(tag), Some(inner), Some(rest)) = (be16(data, 0), be16(data, 2), data.get(4..)) else {
                    return self.malformed();
                };
                let at = usize::from(link.tags.min(1));
                link.vlan[at] = tag & 0x0fff;
                link.tags = (link.tags + 1).min(2);
                self.typed(inner, rest, link, sink);
            }
            0x0806 => {
                let place = self.place(&link);
                if !self.arp.take(data, &link, place) {
                    self.not_ip(kind);
                }
            }
            0x8847 | 0x8848 => self.mpls(data, link, sink),
            0x8864 => self.pppoe(data, link, sink),
            0x8926 => match (be16(data, 4), data.get(6..)) {
                (Some(inner), Some(rest)) => self.typed(inner, rest, link, sink), // VN-tag, IEEE 802.1BR
                _ => self.malformed(),
            },
            0x88e7 => match data.get(4..) {
                Some(inner) => self.ethernet(inner, link, sink), // IEEE 802.1ah, the I-tag before the frame
                None => self.malformed(),
            },
            0x88cc => {
                self.not_ip(kind);
                self.announcement(Protocol::Lldp, data, &link);
            }
            0..=1500 => {
                let data = data.get(..usize::from(kind).min(data.len())).unwrap_or(data);
                self.llc(data, link, sink);
            }
            _ => self.not_ip(kind),
        }
    }

    fn not_ip(&mut self, kind: u16) {
        let kind = if kind < 1536 { 0 } else { kind };
        // A liar can use every type there is; the map has 65536 entries at most.
        *self.tally.not_ip.entry(kind).or_default() += 1;
    }

    fn announcement(&mut self, protocol: Protocol, data: &[u8], link: &Link) {
        if self.manner.names == Listening::Everything {
            let place = self.place(link);
            self.names.frame(link.source, protocol, data, place);
        }
    }

    /// IEEE 802.2, with SNAP behind it or not.
    fn llc(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        match data.get(..8) {
            Some([0xaa, 0xaa, _, 0, 0, 0 | 0xf8, high, low]) => {
                let kind = u16::from_be_bytes([*high, *low]);
                match data.get(8..) {
                    Some(rest) if kind >= 1536 => self.typed(kind, rest, link, sink),
                    _ => self.not_ip(0),
                }
            }
            Some([0xaa, 0xaa, _, 0x00, 0x00, 0x0c, 0x20, 0x00]) => {
                self.not_ip(0);
                self.announcement(Protocol::Cdp, data.get(8..).unwrap_or(&[]), &link);
            }
            _ => self.not_ip(0),
        }
    }

    fn mpls(&mut self, mut data: &[u8], link: Link, sink: &mut impl Sink) {
        for _ in 0..HEADERS {
            let (Some(label), Some(rest)) = (be32(data, 0), data.get(4..)) else { return self.malformed() };
            data = rest;
            if label & 0x100 == 0 {
                continue;
            }
            // What is inside is not said (RFC 3032): IP by its version, or Ethernet, with a control
            // word of zeros before it (RFC 4448) or without.
            return match data.first().map(|byte| byte >> 4) {
                Some(4 | 6) => self.ip(data, link, sink),
                Some(0) if data.get(..4) == Some(&[0, 0, 0, 0]) || be16(data, 12).is_none_or(|kind| kind < 0x600) => {
                    self.ethernet(data.get(4..).unwrap_or(&[]), link, sink)
                }
                Some(_) => self.ethernet(data, link, sink),
                None => self.malformed(),
            };
        }
        self.malformed();
    }

    /// RFC 2516, the session stage.
    fn pppoe(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        match data.get(6..) {
            Some(rest) => self.ppp(rest, link, sink),
            None => self.malformed(),
        }
    }

    fn ppp(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let data = data.strip_prefix(&[0xff, 0x03]).unwrap_or(data);
        let (protocol, rest) = match data.first() {
            Some(byte) if byte & 1 == 1 => (u16::from(*byte), data.get(1..)), // compressed, RFC 1661
            _ => (be16(data, 0).unwrap_or(0), data.get(2..)),
        };
        let Some(rest) = rest else { return self.malformed() };
        match protocol {
            0x0021 | 0x0057 => self.ip(rest, link, sink),
            0x0281 | 0x0283 => self.mpls(rest, link, sink),
            _ => self.not_ip(0x8864),
        }
    }

    fn null(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        match data.get(4..) {
            Some(rest) if matches!(rest.first().map(|byte| byte >> 4), Some(4 | 6)) => self.ip(rest, link, sink),
            Some(_) => self.not_ip(0),
            None => self.malformed(),
        }
    }

    /// Linux cooked capture.
    fn cooked(&mut self, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        let (Some(kind), Some(protocol), Some(rest)) = (be16(data, 0), be16(data, 14), data.get(16..)) else {
            return self.malformed();
        };
        if be16(data, 4) == Some(6) {
            link.source.copy_from_slice(data.get(6..12).unwrap_or(&[0; 6]));
            link.has_addresses = true;
        }
        link.direction = cooked_direction(kind);
        self.typed(protocol, rest, link, sink);
    }

    /// Linux cooked capture, version 2: each packet says its interface.
    fn cooked_2(&mut self, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        let (Some(protocol), Some(index), Some(rest)) = (be16(data, 0), be32(data, 4), data.get(20..)) else {
            return self.malformed();
        };
        if data.get(11) == Some(&6) {
            link.source.copy_from_slice(data.get(12..18).unwrap_or(&[0; 6]));
            link.has_addresses = true;
        }
        link.direction = cooked_direction(data.get(10).copied().map_or(0, u16::from));
        link.interface = lock(&self.shared.contexts).cooked_interface(link.interface, index);
        self.typed(protocol, rest, link, sink);
    }

    /// IEEE 802.11 data frames that are not encrypted.
    fn wireless(&mut self, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        let (Some(control), Some(flags)) = (data.first().copied(), data.get(1).copied()) else {
            return self.malformed();
        };
        let is_data = control & 0x0c == 0x08 && control & 0x40 == 0;
        if !is_data || flags & 0x40 != 0 {
            return self.not_ip(0);
        }
        let (to_system, from_system) = (flags & 1 != 0, flags & 2 != 0);
        let (destination, source) = match (to_system, from_system) {
            (false, false) => (4, 10),
            (true, false) => (16, 4),
            (false, true) => (4, 16),
            (true, true) => (16, 24),
        };
        let mut length = if to_system && from_system { 30 } else { 24 };
        let mut aggregate = false;
        if control & 0x80 != 0 {
            aggregate = data.get(length).is_some_and(|byte| byte & 0x80 != 0);
            length += 2;
            if flags & 0x80 != 0 {
                length += 4;
            }
        }
        let (Some(destination), Some(source), Some(rest)) =
            (data.get(destination..destination + 6), data.get(source..source + 6), data.get(length..))
        else {
            return self.malformed();
        };
        link.destination.copy_from_slice(destination);
        link.source.copy_from_slice(source);
        link.has_addresses = true;
        if !aggregate {
            return self.llc(rest, link, sink);
        }
        let mut rest = rest;
        while let (Some(head), Some(length)) = (rest.get(..14), be16(rest, 12)) {
            let length = usize::from(length);
            let Some(inner) = rest.get(14..14 + length) else { return self.malformed() };
            link.destination.copy_from_slice(&head[..6]);
            link.source.copy_from_slice(&head[6..12]);
            self.llc(inner, link, sink);
            rest = rest.get((14 + length + 3) & !3..).unwrap_or(&[]);
        }
    }

    #[inline]
    fn ip(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let wire = self.frame.wire.saturating_sub(self.frame.captured) as usize + data.len();
        match data.first().map(|byte| byte >> 4) {
            Some(4) => self.ipv4(data, wire, link, sink),
            Some(6) => self.ipv6(data, wire, link, sink),
            _ => self.malformed(),
        }
    }

    #[inline]
    fn ipv4(&mut self, data: &[u8], wire: usize, link: Link, sink: &mut impl Sink) {
        let Some(head) = data.first_chunk::<20>() else { return self.malformed() };
        let length = usize::from(head[0] & 0x0f) * 4;
        let mut total = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if total == 0 {
            total = wire; // segmentation offloading leaves the length to the card
        }
        if length < 20 || length > total || total > wire {
            return self.malformed();
        }
        let Some(header) = data.get(..length) else { return self.malformed() };
        let sound = if length == 20 { checksum::valid_header(head) } else { checksum::valid(header) };
        if !sound {
            self.tally.bad_checksums += 1;
            if self.manner.checksums == Checksums::Drop {
                return;
            }
        }
        let ip = Ip {
            source: Address::v4(u32::from_be_bytes([head[12], head[13], head[14], head[15]])),
            destination: Address::v4(u32::from_be_bytes([head[16], head[17], head[18], head[19]])),
            protocol: head[9],
            hops: head[8],
            bytes: total as u32,
            bad_checksum: false,
            joined: false,
            wire: self.frame.wire,
        };
        let payload = data.get(length..total.min(data.len())).unwrap_or(&[]);
        let fragment = u16::from_be_bytes([head[6], head[7]]);
        if fragment & 0x3fff != 0 {
            let identification = u32::from(u16::from_be_bytes([head[4], head[5]]));
            let offset = usize::from(fragment & 0x1fff) * 8;
            return self.piece(
                ip,
                identification,
                offset,
                fragment & 0x2000 != 0,
                length,
                payload,
                total - length,
                link,
                sink,
            );
        }
        self.transport(ip, payload, (total - length) as u32, link, sink);
    }

    fn ipv6(&mut self, data: &[u8], wire: usize, link: Link, sink: &mut impl Sink) {
        let Some(head) = data.first_chunk::<40>() else { return self.malformed() };
        let mut total = usize::from(u16::from_be_bytes([head[4], head[5]])) + 40;
        if total == 40 && head[6] != 59 && wire > 40 {
            total = wire; // a jumbogram, or offloading
        }
        if total > wire {
            return self.malformed();
        }
        let (Some(source), Some(destination)) = (Address::v6(&head[8..24]), Address::v6(&head[24..40])) else {
            return self.malformed();
        };
        let mut ip = Ip {
            source,
            destination,
            protocol: head[6],
            hops: head[7],
            bytes: total as u32,
            bad_checksum: false,
            joined: false,
            wire: self.frame.wire,
        };
        let body = data.get(40..total.min(data.len())).unwrap_or(&[]);
        self.extended(&mut ip, body, total - 40, link, sink);
    }

    /// Go through the headers between IP and transport (RFC 8200 section 4, RFC 4302).
    fn extended(&mut self, ip: &mut Ip, data: &[u8], wire: usize, link: Link, sink: &mut impl Sink) {
        let (mut data, mut wire) = (data, wire);
        let begin = wire;
        for _ in 0..HEADERS {
            let length = match ip.protocol {
                0 | 43 | 60 | 140 => data.get(1).map(|units| (usize::from(*units) + 1) * 8),
                51 => data.get(1).map(|units| (usize::from(*units) + 2) * 4),
                44 => Some(8),
                59 => return,
                _ => return self.transport(*ip, data, wire as u32, link, sink),
            };
            let (Some(length), Some(next)) = (length, data.first().copied()) else { return self.malformed() };
            let Some(rest) = data.get(length..).filter(|_| length <= wire) else { return self.malformed() };
            if ip.protocol == 44 {
                let (Some(place), Some(identification)) = (be16(data, 2), be32(data, 4)) else {
                    return self.malformed();
                };
                ip.protocol = next;
                if place & 0xfff9 != 0 {
                    let before = 40 + begin - wire;
                    return self.piece(
                        *ip,
                        identification,
                        usize::from(place & 0xfff8),
                        place & 1 != 0,
                        before,
                        rest,
                        wire - 8,
                        link,
                        sink,
                    );
                }
            }
            ip.protocol = next;
            data = rest;
            wire -= length;
        }
        self.malformed();
    }

    /// A part of a datagram: it counts when all of them are there.
    #[allow(clippy::too_many_arguments)] // what a fragment says about itself
    #[cold]
    fn piece(
        &mut self,
        ip: Ip,
        identification: u32,
        offset: usize,
        more: bool,
        header: usize,
        payload: &[u8],
        wire: usize,
        link: Link,
        sink: &mut impl Sink,
    ) {
        self.tally.fragments += 1;
        if payload.len() < wire {
            // Cut off by the snap length: it can never be put together. The first knows the ports.
            if offset == 0 {
                self.transport(ip, payload, wire as u32, link, sink);
            }
            return;
        }
        let identity = Identity {
            source: ip.source,
            destination: ip.destination,
            identification,
            protocol: ip.protocol,
            interface: link.interface,
        };
        let piece = Piece { offset, more, payload, time: self.frame.time, wire: self.frame.wire };
        let Some(whole) = lock(&self.shared.fragments).take(identity, piece) else { return };
        let ip = Ip { bytes: (header + whole.payload.len()) as u32, joined: true, wire: whole.wire, ..ip };
        let length = whole.payload.len();
        if ip.source.is_ipv4() {
            self.transport(ip, &whole.payload, length as u32, link, sink);
        } else {
            let mut ip = ip;
            self.extended(&mut ip, &whole.payload, length, link, sink);
        }
    }

    #[inline]
    fn transport(&mut self, mut ip: Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        let checks = self.manner.checksums != Checksums::Ignore;
        if checks && data.len() == wire as usize && !self.sums_up(&ip, data) {
            ip.bad_checksum = true;
            self.tally.bad_checksums += 1;
        }
        match ip.protocol {
            TCP => self.tcp(&ip, data, wire, link, sink),
            UDP => self.udp(&ip, data, wire, link, sink),
            ICMP | ICMPV6 => self.icmp(&ip, data, wire, link, sink),
            SCTP => {
                let (Some(from), Some(to)) = (be16(data, 0), be16(data, 2)) else { return self.malformed() };
                self.emit(&ip, (from, to), false, Segment::default(), data, 0, 12, wire, link, sink);
            }
            protocol => {
                self.emit(&ip, (0, 0), false, Segment::default(), data, 0, 0, wire, link, sink);
                match protocol {
                    IPIP | IPV6 => self.tunnel(
                        &ip,
                        if protocol == IPIP { "ipip" } else { "6in4" },
                        None,
                        data,
                        link,
                        |decoder, data, link, sink| {
                            decoder.ip_inside(data, link, sink);
                        },
                        sink,
                    ),
                    GRE => self.gre(&ip, data, link, sink),
                    _ => {}
                }
            }
        }
    }

    fn sums_up(&self, ip: &Ip, data: &[u8]) -> bool {
        match ip.protocol {
            ICMP => checksum::valid(data),
            UDP if ip.source.is_ipv4() && be16(data, 6) == Some(0) => true,
            // VXLAN leaves it out on IPv6 as well (RFC 7348).
            UDP if be16(data, 6) == Some(0) && be16(data, 2) == Some(4789) => true,
            TCP | UDP | ICMPV6 => checksum::valid_segment(&ip.source, &ip.destination, ip.protocol, data),
            _ => true,
        }
    }

    #[inline]
    fn tcp(&mut self, ip: &Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        let Some(head) = data.first_chunk::<20>().filter(|_| wire >= 20) else { return self.malformed() };
        let length = u32::from(head[12] >> 4) * 4;
        let segment = Segment {
            flags: head[13],
            sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            acknowledged: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            window: u16::from_be_bytes([head[14], head[15]]),
            sound: length >= 20 && length <= wire && length as usize <= data.len(),
        };
        let ports = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
        if !segment.sound {
            self.malformed();
        } else if segment.begins() && self.manner.names == Listening::Everything {
            let options = data.get(20..length as usize).unwrap_or(&[]);
            let place = self.place(&link);
            self.names.syn(ip.source.ip(), &Syn::of(ip.hops, segment.window, options), place);
        }
        self.emit(ip, ports, false, segment, data, 0, length, wire, link, sink);
    }

    fn udp(&mut self, ip: &Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        let Some(head) = data.first_chunk::<8>().filter(|_| wire >= 8) else { return self.malformed() };
        let (from, to) = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
        // The length by UDP, which differs from that by IP where bytes were padded.
        let said = u32::from(u16::from_be_bytes([head[4], head[5]]));
        let said = if said >= 8 { said } else { wire };
        self.emit(ip, (from, to), false, Segment::default(), data, said, 8, wire, link, sink);
        if ip.bad_checksum && self.manner.checksums == Checksums::Drop {
            return;
        }
        let payload = data.get(8..).unwrap_or(&[]);
        self.tally.exports += u64::from(is_export(payload, said.saturating_sub(8) as usize));
        if self.manner.names.wants(from, to, payload) && !payload.is_empty() {
            let place = self.place(&link);
            let mac = link.has_addresses.then_some(link.source);
            let sender = SocketAddr::new(ip.source.ip(), from);
            let receiver = SocketAddr::new(ip.destination.ip(), to);
            self.names.datagram(sender, receiver, mac, payload, place);
        }
        if is_tunnel(from) || is_tunnel(to) {
            self.in_udp(ip, from, to, payload, link, sink);
        }
    }

    #[cold]
    fn in_udp(&mut self, ip: &Ip, from: u16, to: u16, payload: &[u8], link: Link, sink: &mut impl Sink) {
        let either = |port: u16| from == port || to == port;
        if either(4789) {
            // RFC 7348: the I flag, then the network's number.
            if let (Some(network), Some(inner)) = (be32(payload, 4), payload.get(8..)) {
                if payload.first().is_some_and(|flags| flags & 0x08 != 0) {
                    self.tunnel(
                        ip,
                        "vxlan",
                        Some(network >> 8),
                        inner,
                        link,
                        |decoder, data, link, sink| {
                            decoder.ethernet(data, link, sink);
                        },
                        sink,
                    );
                }
            }
        } else if either(6081) {
            // RFC 8926: version 0, options, what is inside.
            if let (Some(begin), Some(kind), Some(network)) = (payload.first(), be16(payload, 2), be32(payload, 4)) {
                let length = 8 + usize::from(begin & 0x3f) * 4;
                if begin >> 6 == 0 {
                    if let Some(inner) = payload.get(length..) {
                        self.tunnel(
                            ip,
                            "geneve",
                            Some(network >> 8),
                            inner,
                            link,
                            move |decoder, data, link, sink| match kind {
                                0x6558 => decoder.ethernet(data, link, sink),
                                0x0800 | 0x86dd => decoder.ip(data, link, sink),
                                _ => decoder.not_ip(kind),
                            },
                            sink,
                        );
                    }
                }
            }
        } else if either(2152) {
            if let Some((tunnel, inner)) = gtp(payload) {
                self.tunnel(
                    ip,
                    "gtp",
                    Some(tunnel),
                    inner,
                    link,
                    |decoder, data, link, sink| {
                        decoder.ip_inside(data, link, sink);
                    },
                    sink,
                );
            }
        } else if let Some(inner) = teredo(payload) {
            self.tunnel(
                ip,
                "teredo",
                None,
                inner,
                link,
                |decoder, data, link, sink| {
                    decoder.ip_inside(data, link, sink);
                },
                sink,
            );
        }
    }

    fn icmp(&mut self, ip: &Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        let Some(head) = data.first_chunk::<8>().filter(|_| wire >= 8) else { return self.malformed() };
        let (kind, code) = (head[0], head[1]);
        let answer = if ip.protocol == ICMP { icmp_answer(kind) } else { icmpv6_answer(kind) };
        let ports = (u16::from(kind), u16::from(answer.unwrap_or(code)));
        self.emit(ip, ports, answer.is_none(), Segment::default(), data, 0, 8, wire, link, sink);
    }

    /// Hand a packet on. `said` is the length of the datagram by UDP, `header` that of transport's own.
    #[allow(clippy::too_many_arguments)] // the layers of one packet
    #[inline]
    fn emit(
        &mut self,
        ip: &Ip,
        ports: (u16, u16),
        one_way: bool,
        segment: Segment,
        data: &[u8],
        said: u32,
        header: u32,
        wire: u32,
        link: Link,
        sink: &mut impl Sink,
    ) {
        let context = self.context(link.interface, link.tags, link.vlan, link.tunnel);
        let (key, reversed) = Key::of((ip.source, ports.0), (ip.destination, ports.1), ip.protocol, one_way, context);
        let length = if said > 0 { said } else { wire };
        let payload = data.get(header as usize..).unwrap_or(&[]);
        let elsewhere = ip.joined || self.elsewhere;
        let hash = std::hash::BuildHasher::hash_one(&self.hasher, key);
        let packet = Packet {
            key,
            hash,
            reversed,
            time: self.frame.time,
            number: self.frame.number,
            file: self.file,
            link,
            wire: ip.wire,
            bytes: ip.bytes,
            payload: length.saturating_sub(header),
            whole: data.len() >= wire as usize,
            hops: ip.hops,
            bad_checksum: ip.bad_checksum,
            segment,
            payload_at: if elsewhere {
                0
            } else {
                self.frame.at + (payload.as_ptr() as usize).wrapping_sub(self.base) as u32
            },
            payload_captured: if elsewhere { 0 } else { payload.len() as u32 },
        };
        sink.take(&packet, payload);
    }

    /// The number of what flows are held apart by.
    #[inline]
    fn context(&mut self, interface: u32, tags: u8, vlan: [u16; 2], tunnel: u32) -> u32 {
        let by_vlan = self.manner.by_vlan && tags > 0;
        let by_tunnel = self.manner.by_tunnel && tunnel > 0;
        if by_vlan || by_tunnel {
            let vlan = if by_vlan { (tags, vlan) } else { (0, [0, 0]) };
            return self.number((interface, vlan, if by_tunnel { tunnel } else { 0 }));
        }
        interface
    }

    fn number(&mut self, place: context::Place) -> u32 {
        if let Some((_, known)) = self.last_context.filter(|last| last.0 == place) {
            return known;
        }
        let number = match self.contexts.get(&place) {
            Some(known) => *known,
            None => {
                if self.contexts.len() >= CONTEXTS {
                    self.contexts.clear();
                }
                let number = lock(&self.shared.contexts).number(place.0, place.1, place.2);
                self.contexts.insert(place, number);
                number
            }
        };
        self.last_context = Some((place, number));
        number
    }

    /// Go into a tunnel.
    #[allow(clippy::too_many_arguments)] // what describes a tunnel, and what is in it
    #[cold]
    fn tunnel<S: Sink>(
        &mut self,
        ip: &Ip,
        kind: &'static str,
        number: Option<u32>,
        data: &[u8],
        link: Link,
        inside: impl FnOnce(&mut Decoder, &[u8], Link, &mut S),
        sink: &mut S,
    ) {
        if link.depth >= DEEPEST || (ip.bad_checksum && self.manner.checksums == Checksums::Drop) {
            return;
        }
        let tunnel = lock(&self.shared.contexts).tunnel(link.tunnel, kind, number, ip.source, ip.destination);
        let inner = Link { tunnel, depth: link.depth + 1, tags: 0, vlan: [0, 0], ..link };
        let (frame, elsewhere) = (self.frame, self.elsewhere);
        if ip.joined {
            // What was put together of pieces is not in the chunk, and all of it is there.
            self.elsewhere = true;
            self.frame.captured = self.frame.wire;
        }
        inside(self, data, inner, sink);
        (self.frame, self.elsewhere) = (frame, elsewhere);
    }

    /// IP in a tunnel: only where the length is just right, so that other things are not taken for it.
    fn ip_inside(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let missing = self.frame.wire.saturating_sub(self.frame.captured) as usize;
        let length = match data.first().map(|byte| byte >> 4) {
            Some(4) => be16(data, 2).map(usize::from),
            Some(6) => be16(data, 4).map(|length| usize::from(length) + 40),
            _ => None,
        };
        let bubble = data.get(6) == Some(&59); // Teredo bubbles may carry anything behind the header
        match length {
            Some(length) if length <= data.len() + missing && (length >= data.len() || bubble) => {
                self.ip(data, link, sink);
            }
            _ => self.malformed(),
        }
    }

    /// RFC 2784, 2890, 7637, 2637, and draft-foschiano-erspan.
    #[cold]
    fn gre(&mut self, ip: &Ip, data: &[u8], link: Link, sink: &mut impl Sink) {
        let (Some(flags), Some(kind)) = (be16(data, 0), be16(data, 2)) else { return self.malformed() };
        let version = flags & 7;
        let mut length = 4;
        let mut key = None;
        if flags & 0x8000 != 0 {
            length += 4;
        }
        if flags & 0x2000 != 0 {
            key = be32(data, length);
            length += 4;
        }
        if flags & 0x1000 != 0 {
            length += 4;
        }
        if flags & 0x0080 != 0 {
            length += 4;
        }
        if version > 1 || flags & 0x4000 != 0 {
            return self.malformed();
        }
        let mut kind = kind;
        match (version, kind) {
            (1, 0x880b) => {
                kind = match be16(data, length + 2) {
                    Some(0x0021) => 0x0800,
                    Some(0x0057) => 0x86dd,
                    _ => return self.not_ip(kind),
                };
                length += 4;
                key = None;
            }
            (1, _) => return self.malformed(),
            (_, 0x88be) if flags & 0x1000 != 0 => length += 8, // ERSPAN type II; type I has no header
            (_, 0x22eb) => {
                let optional = data.get(length + 11).is_some_and(|byte| byte & 1 != 0);
                length += if optional { 20 } else { 12 };
            }
            _ => {}
        }
        let Some(inner) = data.get(length..) else { return self.malformed() };
        let name = match kind {
            0x88be | 0x22eb => "erspan",
            _ => "gre",
        };
        self.tunnel(
            ip,
            name,
            key,
            inner,
            link,
            move |decoder, data, link, sink| match kind {
                0x6558 | 0x88be | 0x22eb => decoder.ethernet(data, link, sink),
                0x0800 | 0x86dd => decoder.ip_inside(data, link, sink),
                0x8847 | 0x8848 => decoder.mpls(data, link, sink),
                0x9000 | 0x8200..=0x8370 if kind & 0x0f == 0 => decoder.wireless(data, link, sink),
                _ => decoder.not_ip(kind),
            },
            sink,
        );
    }
}

/// Ports of UDP behind which are packets: VXLAN, Geneve, GTP and Teredo.
#[inline]
fn is_tunnel(port: u16) -> bool {
    matches!(port, 4789 | 6081 | 2152 | 3544)
}

/// The packet types of Linux cooked capture, in our numbers.
fn cooked_direction(kind: u16) -> u8 {
    match kind {
        0 => 1,
        1 => 3,
        2 => 4,
        3 => 5,
        4 => 2,
        _ => 0,
    }
}

/// The user data in GTP version 1 (3GPP TS 29.281), with the tunnel's number.
fn gtp(data: &[u8]) -> Option<(u32, &[u8])> {
    let flags = *data.first()?;
    // Version 1, GTP and not GTP', a G-PDU.
    if flags >> 4 != 0x3 || *data.get(1)? != 0xff {
        return None;
    }
    let tunnel = be32(data, 4)?;
    if flags & 0x07 == 0 {
        return Some((tunnel, data.get(8..)?));
    }
    let mut at = 12;
    let mut next = *data.get(11)?;
    if flags & 0x04 != 0 {
        for _ in 0..HEADERS {
            if next == 0 {
                break;
            }
            let length = usize::from(*data.get(at)?) * 4;
            if length == 0 {
                return None;
            }
            at += length;
            next = *data.get(at - 1)?;
        }
    }
    Some((tunnel, data.get(at..)?))
}

/// The IPv6 packet in a Teredo datagram (RFC 4380 section 5.1.1).
fn teredo(data: &[u8]) -> Option<&[u8]> {
    let mut data = data;
    if be16(data, 0)? == 1 {
        let length = 13 + usize::from(*data.get(2)?) + usize::from(*data.get(3)?);
        data = data.get(length..)?;
    }
    if be16(data, 0)? == 0 {
        data = data.get(8..)?;
    }
    (data.len() >= 40 && data.first()? >> 4 == 6).then_some(data)
}
