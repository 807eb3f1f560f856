//! TCP, UDP, SCTP and ICMP, and the packet that is handed on.

use std::net::SocketAddr;

use super::datagrams::{is_tunnel, looks_like_tunnel};
use super::quotations::is_error;
use super::{Checksums, Decoder, Ip, Sink};
use crate::bytes::be16;
use crate::checksum;
use crate::exported::is_export;
use crate::naming::Listening;
use crate::packet::{Key, Link, Packet, Segment, AH, GRE, ICMP, ICMPV6, IPIP, IPV6, SCTP, TCP, UDP};
use crate::servers::{icmp_answer, icmpv6_answer};
use crate::syn::Syn;

impl Decoder {
    #[inline]
    pub(super) fn transport(&mut self, mut ip: Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
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
                let (Some(from), Some(to)) = (be16(data, 0), be16(data, 2)) else { return self.unreadable() };
                self.emit(&ip, (from, to), false, Segment::default(), data, 0, 12, wire, link, sink);
            }
            // Behind IPv6 the header was gone through already.
            AH => self.authenticated(ip, data, wire as usize, link, sink),
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

    pub(super) fn sums_up(&self, ip: &Ip, data: &[u8]) -> bool {
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
    pub(super) fn tcp(&mut self, ip: &Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        if wire < 20 {
            return self.malformed();
        }
        let Some(head) = data.first_chunk::<20>() else { return self.unreadable() };
        let length = u32::from(head[12] >> 4) * 4;
        let segment = Segment {
            flags: head[13],
            sequence: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            acknowledged: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            window: u16::from_be_bytes([head[14], head[15]]),
            // Options may be cut off: nothing that flows depend on is in them.
            sound: length >= 20 && length <= wire,
        };
        let ports = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
        if !segment.sound {
            self.malformed();
        } else if segment.begins() && self.manner.names == Listening::Everything {
            if let Some(options) = data.get(20..length as usize) {
                let place = self.place(&link);
                self.names.syn(ip.source.ip(), &Syn::of(ip.hops, segment.window, options), place);
            }
        }
        self.emit(ip, ports, false, segment, data, 0, length, wire, link, sink);
    }

    pub(super) fn udp(&mut self, ip: &Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        if wire < 8 {
            return self.malformed();
        }
        let Some(head) = data.first_chunk::<8>() else { return self.beginning(ip, data, wire, link, sink) };
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
        if is_tunnel(from) || is_tunnel(to) || looks_like_tunnel(payload) {
            self.in_udp(ip, from, to, payload, link, sink);
        }
    }

    pub(super) fn icmp(&mut self, ip: &Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        if wire < 8 {
            return self.malformed();
        }
        let Some(&[kind, code]) = data.first_chunk() else { return self.unreadable() };
        if is_error(ip.protocol, kind) {
            self.refusal(ip, data, &link);
        }
        let answer = if ip.protocol == ICMP { icmp_answer(kind) } else { icmpv6_answer(kind) };
        let ports = (u16::from(kind), u16::from(answer.unwrap_or(code)));
        self.emit(ip, ports, answer.is_none(), Segment::default(), data, 0, 8, wire, link, sink);
    }

    /// Of the header of UDP only the beginning was captured: the ports, or not even these.
    #[cold]
    fn beginning(&mut self, ip: &Ip, data: &[u8], wire: u32, link: Link, sink: &mut impl Sink) {
        let (Some(from), Some(to)) = (be16(data, 0), be16(data, 2)) else { return self.unreadable() };
        self.emit(ip, (from, to), false, Segment::default(), data, 0, 8, wire, link, sink);
    }

    /// Hand a packet on. `said` is the length of the datagram by UDP, `header` that of transport's own.
    #[allow(clippy::too_many_arguments)] // the layers of one packet
    #[inline]
    pub(super) fn emit(
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
        let payload = data.get(data.len().min(header as usize)..).unwrap_or(&[]);
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
            identification: ip.identification,
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
}
