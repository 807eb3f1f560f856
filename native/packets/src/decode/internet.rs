//! IPv4 and IPv6, with options, extension headers and fragments: RFC 791, RFC 8200.
//!
//! Between whom an IPv6 packet goes in the end, a header behind the first one may say: Zeek's flows are theirs, and the
//! checksums of transport are computed with them.

use super::{Checksums, Decoder, Ip, Sink, HEADERS};
use crate::bytes::{be16, be32};
use crate::checksum;
use crate::fragments::{Identity, Piece};
use crate::locked::lock;
use crate::packet::{Address, Link, AH};

impl Decoder {
    #[inline]
    pub(super) fn ip(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        let wire = self.frame.wire.saturating_sub(self.frame.captured) as usize + data.len();
        match data.first().map(|byte| byte >> 4) {
            Some(4) => self.ipv4(data, wire, link, sink),
            Some(6) => self.ipv6(data, wire, link, sink),
            Some(_) => self.malformed(),
            None => self.unreadable(),
        }
    }

    #[inline]
    pub(super) fn ipv4(&mut self, data: &[u8], wire: usize, link: Link, sink: &mut impl Sink) {
        let Some(head) = data.first_chunk::<20>() else { return self.unreadable() };
        let length = usize::from(head[0] & 0x0f) * 4;
        let mut total = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if total == 0 {
            // Segmentation offloading leaves the length to the card, and the checksums, too.
            if self.manner.checksums == Checksums::Drop {
                self.tally.bad_checksums += 1;
                return;
            }
            total = wire;
        }
        if length < 20 || length > total || total > wire {
            return self.malformed();
        }
        let Some(header) = data.get(..length) else { return self.unreadable() };
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
            identification: u16::from_be_bytes([head[4], head[5]]),
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

    pub(super) fn ipv6(&mut self, data: &[u8], wire: usize, link: Link, sink: &mut impl Sink) {
        let Some(head) = data.first_chunk::<40>() else { return self.unreadable() };
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
            identification: 0,
            bad_checksum: false,
            joined: false,
            wire: self.frame.wire,
        };
        let body = data.get(40..total.min(data.len())).unwrap_or(&[]);
        self.extended(&mut ip, body, total - 40, link, sink);
    }

    /// Go through the headers between IP and transport (RFC 8200 section 4, RFC 4302).
    pub(super) fn extended(&mut self, ip: &mut Ip, data: &[u8], wire: usize, link: Link, sink: &mut impl Sink) {
        let (mut data, mut wire) = (data, wire);
        let begin = wire;
        let mut ends = Ends::default();
        for _ in 0..HEADERS {
            let length = match Behind::of(ip.protocol, data) {
                Behind::Header(length) => length,
                Behind::CutOff => return self.unreadable(),
                Behind::Nothing => return,
                Behind::Transport => return self.transport(*ip, data, wire as u32, link, sink),
            };
            let (Some(next), Some(rest)) = (data.first().copied(), data.get(length..)) else {
                return self.unreadable();
            };
            if length > wire {
                return self.malformed();
            }
            ends.take(ip.protocol, data.get(..length).unwrap_or(&[]));
            ip.source = ends.source.unwrap_or(ip.source);
            ip.destination = ends.destination.unwrap_or(ip.destination);
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
                // It is put together, too, of its one piece, and is then without this header.
                if rest.len() >= wire - length {
                    ip.bytes = ip.bytes.saturating_sub(length as u32);
                }
            }
            ip.protocol = next;
            data = rest;
            wire -= length;
        }
        self.malformed();
    }

    /// Behind IPv4 there may be an authentication header (RFC 4302), or one around another, and no other of these.
    #[cold]
    pub(super) fn authenticated(&mut self, ip: Ip, data: &[u8], wire: usize, link: Link, sink: &mut impl Sink) {
        let (mut ip, mut data, mut wire) = (ip, data, wire);
        for _ in 0..HEADERS {
            let Behind::Header(length) = Behind::of(AH, data) else { return self.unreadable() };
            let (Some(next), Some(rest)) = (data.first().copied(), data.get(length..)) else {
                return self.unreadable();
            };
            if length > wire {
                return self.malformed();
            }
            (ip.protocol, data, wire) = (next, rest, wire - length);
            if next != AH {
                return self.transport(ip, data, wire as u32, link, sink);
            }
        }
        self.malformed();
    }

    /// A part of a datagram: it counts when all of them are there.
    #[allow(clippy::too_many_arguments)] // what a fragment says about itself
    #[cold]
    pub(super) fn piece(
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
                return self.transport(ip, payload, wire as u32, link, sink);
            }
            self.tally.cut_off += 1;
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
}

/// What comes next behind an IP header, by its number.
pub(super) enum Behind {
    /// A header of so many bytes, and then something else.
    Header(usize),
    /// Such a header, but how long it is was not captured.
    CutOff,
    Transport,
    /// Nothing, or only what tells a mobile node's peers where it is (RFC 6275): no conversation.
    Nothing,
}

impl Behind {
    #[inline]
    pub(super) fn of(protocol: u8, data: &[u8]) -> Behind {
        let (more, unit) = match protocol {
            0 | 43 | 60 | 140 => (1, 8),
            51 => (2, 4),
            44 => return Behind::Header(8),
            59 | 135 => return Behind::Nothing,
            _ => return Behind::Transport,
        };
        data.get(1).map_or(Behind::CutOff, |units| Behind::Header((usize::from(*units) + more) * unit))
    }
}

/// Who sends and who is to receive in the end, where a header behind the first one says so. The first that does counts.
#[derive(Default)]
pub(super) struct Ends {
    pub source: Option<Address>,
    pub destination: Option<Address>,
}

impl Ends {
    /// Look at a header with this number.
    pub fn take(&mut self, protocol: u8, header: &[u8]) {
        match protocol {
            43 => self.destination = self.destination.or_else(|| final_destination(header)),
            60 => self.source = self.source.or_else(|| home_address(header)),
            _ => {}
        }
    }
}

/// The last address of a routing header (RFC 2460 section 4.4, RFC 6275 section 6.4), where it is still to be gone to.
#[cold]
fn final_destination(header: &[u8]) -> Option<Address> {
    let (units, kind, left) = (*header.get(1)?, *header.get(2)?, *header.get(3)?);
    let has_addresses = match kind {
        0 => units >= 2 && units % 2 == 0,
        2 => units == 2,
        _ => false,
    };
    if !has_addresses || left == 0 {
        return None;
    }
    Address::v6(header.get(header.len().checked_sub(16)?..)?)
}

/// The home address that a mobile node names as its own (RFC 6275 section 6.3).
#[cold]
fn home_address(header: &[u8]) -> Option<Address> {
    let mut options = header.get(2..)?;
    while let Some(kind) = options.first() {
        if *kind == 0 {
            options = options.get(1..)?;
            continue;
        }
        let length = usize::from(*options.get(1)?);
        let value = options.get(2..2 + length)?;
        if *kind == 201 && length == 16 {
            return Address::v6(value);
        }
        options = options.get(2 + length..)?;
    }
    None
}
