//! Link layers: Ethernet and its tags, 802.11, PPP, MPLS, FDDI, Linux cooked capture, NFLOG, PPI.

use super::{Decoder, Sink, HEADERS, LAYERS};
use crate::bytes::{be16, be32, le16, Order};
use crate::locked::lock;
use crate::naming::{Listening, Protocol};
use crate::packet::{Link, TAGS};

impl Decoder {
    /// By LINKTYPE_ number, https://www.tcpdump.org/linktypes.html.
    pub(super) fn link(&mut self, kind: u16, data: &[u8], link: Link, sink: &mut impl Sink) {
        match kind {
            1 => self.ethernet(data, link, sink),
            12 | 14 | 101 | 228 | 229 => self.ip(data, link, sink),
            0 | 108 => self.null(data, link, sink),
            9 => self.ppp(data, link, sink),
            50 | 104 => self.serial(data, link, sink),
            // FDDI. Its addresses are left out: in which order their bits are depends on who captured.
            10 => self.llc(data.get(13..).unwrap_or(&[]), link, sink),
            51 => self.pppoe(data, link, sink),
            105 => self.wireless(data, 1, link, sink),
            113 => self.cooked(data, link, sink),
            127 => self.radiotap(data, link, sink),
            192 => self.per_packet_information(data, link, sink),
            239 => self.nflog(data, link, sink),
            276 => self.cooked_2(data, link, sink),
            _ => *self.tally.links.entry(kind).or_default() += 1,
        }
    }

    pub(super) fn ethernet(&mut self, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        let Some(head) = data.get(..14) else { return self.unreadable() };
        let mut kind = u16::from_be_bytes([head[12], head[13]]);
        let mut data = data;
        if kind == 0x8903 {
            // Cisco FabricPath: 16 bytes before the frame.
            let Some(inner) = data.get(16..).filter(|inner| inner.len() >= 14) else { return self.unreadable() };
            data = inner;
            kind = u16::from_be_bytes([inner[12], inner[13]]);
        }
        let (Some(destination), Some(source), Some(rest)) = (data.get(..6), data.get(6..12), data.get(14..)) else {
            return self.unreadable();
        };
        link.destination.copy_from_slice(destination);
        link.source.copy_from_slice(source);
        link.has_addresses = true;
        self.typed(kind, rest, link, sink);
    }

    /// What an EtherType, or a length below 1536, says about the rest of the frame.
    #[inline]
    pub(super) fn typed(&mut self, kind: u16, data: &[u8], mut link: Link, sink: &mut impl Sink) {
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
                    return self.unreadable();
                };
                // VLAN 0 is none: the tag says how urgent the frame is (IEEE 802.1Q 6.9.1), and mostly one way only.
                if tag & 0x0fff != 0 {
                    let at = usize::from(link.tags).min(TAGS - 1);
                    link.vlan[at] = tag & 0x0fff;
                    link.tags = at as u8 + 1;
                }
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
                _ => self.unreadable(),
            },
            0x88e7 => match data.get(4..) {
                Some(inner) => self.ethernet(inner, link, sink), // IEEE 802.1ah, the I-tag before the frame
                None => self.unreadable(),
            },
            // Cisco's metadata, which say the group of the sender, in a header of one length.
            0x8909 => match (data.get(1), be16(data, 6), data.get(8..)) {
                (Some(1), Some(inner), Some(rest)) => self.typed(inner, rest, link, sink),
                (None, ..) | (Some(1), ..) => self.unreadable(),
                _ => self.not_ip(kind),
            },
            0x88e5 => self.tally.encrypted += 1, // IEEE 802.1AE
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

    pub(super) fn not_ip(&mut self, kind: u16) {
        let kind = if kind < 1536 { 0 } else { kind };
        // A liar can use every type there is; the map has 65536 entries at most.
        *self.tally.not_ip.entry(kind).or_default() += 1;
    }

    pub(super) fn announcement(&mut self, protocol: Protocol, data: &[u8], link: &Link) {
        if self.manner.names == Listening::Everything {
            let place = self.place(link);
            self.names.frame(link.source, protocol, data, place);
        }
    }

    /// IEEE 802.2, with SNAP behind it or not.
    pub(super) fn llc(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        if let Some(packet) = data.strip_prefix(&[6, 6, 3]) {
            return self.ip(packet, link, sink); // RFC 948
        }
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

    pub(super) fn mpls(&mut self, mut data: &[u8], link: Link, sink: &mut impl Sink) {
        for _ in 0..HEADERS {
            let (Some(label), Some(rest)) = (be32(data, 0), data.get(4..)) else { return self.unreadable() };
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
                None => self.unreadable(),
            };
        }
        self.malformed();
    }

    /// RFC 2516, the session stage.
    pub(super) fn pppoe(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        match data.get(6..) {
            Some(rest) => self.ppp(rest, link, sink),
            None => self.unreadable(),
        }
    }

    pub(super) fn ppp(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let Some((protocol, rest)) = in_ppp(data) else { return self.unreadable() };
        match protocol {
            0x0021 | 0x0057 => self.ip(rest, link, sink),
            0x0281 | 0x0283 => self.mpls(rest, link, sink),
            _ => self.not_ip(0x8864),
        }
    }

    /// A serial line: Cisco's HDLC, whose address is 0x0f or, to all, 0x8f, and then an EtherType; or PPP.
    fn serial(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        match (data.first(), be16(data, 2), data.get(4..)) {
            (Some(0x0f | 0x8f), Some(kind), Some(rest)) => self.typed(kind, rest, link, sink),
            (Some(0x0f | 0x8f), ..) => self.unreadable(),
            _ => self.ppp(data, link, sink),
        }
    }

    pub(super) fn null(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        match data.get(4..) {
            Some(rest) if matches!(rest.first().map(|byte| byte >> 4), Some(4 | 6)) => self.ip(rest, link, sink),
            Some(_) => self.not_ip(0),
            None => self.unreadable(),
        }
    }

    /// Linux cooked capture.
    pub(super) fn cooked(&mut self, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        let (Some(kind), Some(protocol), Some(rest)) = (be16(data, 0), be16(data, 14), data.get(16..)) else {
            return self.unreadable();
        };
        if be16(data, 4) == Some(6) {
            link.source.copy_from_slice(data.get(6..12).unwrap_or(&[0; 6]));
            link.has_addresses = true;
        }
        link.direction = cooked_direction(kind);
        self.cooked_frame(be16(data, 2), protocol, rest, link, sink);
    }

    /// What a cooked capture says to be in a frame: an EtherType, or IEEE 802.2, whose length it leaves out. Of an
    /// interface that monitors (ARPHRD_IEEE80211), it is a frame of 802.11.
    fn cooked_frame(&mut self, kind: Option<u16>, protocol: u16, data: &[u8], link: Link, sink: &mut impl Sink) {
        match protocol {
            _ if kind == Some(801) => self.wireless(data, 1, link, sink),
            _ if kind == Some(803) => self.radiotap(data, link, sink),
            4 => self.llc(data, link, sink),
            0..=1535 => self.not_ip(0),
            _ => self.typed(protocol, data, link, sink),
        }
    }

    /// Linux cooked capture, version 2: each packet says its interface.
    pub(super) fn cooked_2(&mut self, data: &[u8], mut link: Link, sink: &mut impl Sink) {
        let (Some(protocol), Some(index), Some(rest)) = (be16(data, 0), be32(data, 4), data.get(20..)) else {
            return self.unreadable();
        };
        if data.get(11) == Some(&6) {
            link.source.copy_from_slice(data.get(12..18).unwrap_or(&[0; 6]));
            link.has_addresses = true;
        }
        link.direction = cooked_direction(data.get(10).copied().map_or(0, u16::from));
        link.interface = lock(&self.shared.contexts).cooked_interface(link.interface, index);
        self.cooked_frame(be16(data, 8), protocol, rest, link, sink);
    }

    /// PPI, CACE's Per-Packet Information: where somebody stood who captured, and then the frame, of any link type.
    fn per_packet_information(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let header = le16(data, 2).map(usize::from).filter(|length| *length >= 8);
        let kind = Order::Little.u32(data, 4).and_then(|kind| u16::try_from(kind).ok());
        match (kind, header.and_then(|length| data.get(length..))) {
            // A frame in which nothing but further headers are would go round and round.
            (Some(kind), Some(frame)) if kind != 192 => self.link(kind, frame, link, sink),
            _ => self.unreadable(),
        }
    }

    /// What netfilter logged: attributes in the byte order of the machine that captured, one of them the packet.
    pub(super) fn nflog(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let (Some(&[family, 0]), Some(mut rest)) = (data.first_chunk(), data.get(4..)) else {
            return self.unreadable();
        };
        while let Some([_, _, low, high]) = rest.first_chunk() {
            // Types are below 256, which tells the order.
            let order = if *low == 0 && *high != 0 { Order::Big } else { Order::Little };
            let (Some(length), Some(kind)) = (order.u16(rest, 0), order.u16(rest, 2)) else { break };
            if kind == 9 {
                return match (family, rest.get(4..)) {
                    (2 | 10, Some(packet)) => self.ip(packet, link, sink),
                    _ => self.not_ip(0),
                };
            }
            let Some(next) = rest.get((usize::from(length) + 3) & !3..).filter(|_| length >= 4) else { break };
            rest = next;
        }
        self.unreadable();
    }

    /// What a radio noted of a frame (https://www.radiotap.org), and then the frame.
    fn radiotap(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let Some(frame) = le16(data, 2).and_then(|length| data.get(usize::from(length)..)) else {
            return self.unreadable();
        };
        let is_padded = radiotap_flags(data).is_some_and(|flags| flags & 0x20 != 0);
        self.wireless(frame, if is_padded { 4 } else { 1 }, link, sink);
    }

    /// IEEE 802.11 data frames that are not encrypted; the header is filled up to a multiple of so many bytes.
    pub(super) fn wireless(&mut self, data: &[u8], multiple: usize, mut link: Link, sink: &mut impl Sink) {
        let (Some(control), Some(flags)) = (data.first().copied(), data.get(1).copied()) else {
            return self.unreadable();
        };
        let is_data = control & 0x0c == 0x08 && control & 0x40 == 0;
        if !is_data {
            return self.not_ip(0);
        }
        if flags & 0x40 != 0 {
            self.tally.encrypted += 1;
            return;
        }
        let (to_system, from_system) = (flags & 1 != 0, flags & 2 != 0);
        let (destination, source) = match (to_system, from_system) {
            (false, false) => (4, 10),
            (true, false) => (16, 10),
            (false, true) => (4, 16),
            (true, true) => (16, 24),
        };
        let mut length = if to_system && from_system { 30 } else { 24 };
        let mut aggregate = false;
        let mut may_be_mesh = false;
        if control & 0x80 != 0 {
            aggregate = data.get(length).is_some_and(|byte| byte & 0x80 != 0);
            may_be_mesh = to_system && from_system && data.get(length + 1).is_some_and(|byte| byte & 1 != 0);
            length += 2;
            if flags & 0x80 != 0 {
                length += 4;
            }
        }
        length = length.next_multiple_of(multiple);
        // Between stations of a mesh: flags, TTL, a number, and up to two addresses. Without one, the bit means
        // something else.
        if let Some([extension @ 0..=2, _, _, _, _, _]) = data.get(length..length + 6).filter(|_| may_be_mesh) {
            length += 6 + 6 * usize::from(*extension);
        }
        let (Some(destination), Some(source), Some(rest)) =
            (data.get(destination..destination + 6), data.get(source..source + 6), data.get(length..))
        else {
            return self.unreadable();
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
            let Some(inner) = rest.get(14..14 + length) else { return self.unreadable() };
            link.destination.copy_from_slice(&head[..6]);
            link.source.copy_from_slice(&head[6..12]);
            self.llc(inner, link, sink);
            rest = rest.get((14 + length + 3) & !3..).unwrap_or(&[]);
        }
    }
}

/// The flags that a radio noted, where it did: behind the words that say what is there, and the time.
fn radiotap_flags(data: &[u8]) -> Option<u8> {
    let first = Order::Little.u32(data, 4)?;
    let (mut at, mut word) = (8, first);
    while word & 1 << 31 != 0 {
        word = Order::Little.u32(data, at)?;
        at += 4;
    }
    if first & 1 != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    data.get(at).copied().filter(|_| first & 2 != 0)
}

/// What a frame of PPP carries: the protocol, which may be compressed (RFC 1661), and what is behind it.
pub(super) fn in_ppp(data: &[u8]) -> Option<(u16, &[u8])> {
    let data = data.strip_prefix(&[0xff, 0x03]).unwrap_or(data);
    match data.first() {
        Some(byte) if byte & 1 == 1 => Some((u16::from(*byte), data.get(1..)?)),
        _ => Some((be16(data, 0).unwrap_or(0), data.get(2..)?)),
    }
}

/// The packet types of Linux cooked capture, in our numbers.
pub(super) fn cooked_direction(kind: u16) -> u8 {
    match kind {
        0 => 1,
        1 => 3,
        2 => 4,
        3 => 5,
        4 => 2,
        _ => 0,
    }
}
