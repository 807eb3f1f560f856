//! Packets in packets: VXLAN, Geneve, GTP, Teredo, AYIYA, GRE and its kin (in UDP, too), IP in IP.

use super::datagrams::{ayiya, gtp, looks_like_ayiya, looks_like_gre, looks_like_vxlan, teredo, GRE, LINUX_VXLAN};
use super::links::in_ppp;
use super::{Checksums, Decoder, Ip, Sink, DEEPEST};
use crate::bytes::{be16, be32};
use crate::locked::lock;
use crate::packet::{Link, Vlans};

impl Decoder {
    #[cold]
    pub(super) fn in_udp(&mut self, ip: &Ip, from: u16, to: u16, payload: &[u8], link: Link, sink: &mut impl Sink) {
        let either = |port: u16| from == port || to == port;
        if either(4789) || to == LINUX_VXLAN && looks_like_vxlan(payload) {
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
        } else if either(2152) || either(2123) {
            // GTP is not carried in GTP: what looks like it there is something else, as Zeek has it.
            let is_inside = lock(&self.shared.contexts).tunnel_kind(link.tunnel) == "gtp";
            if let Some((tunnel, inner)) = gtp(payload).filter(|_| !is_inside) {
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
        } else if to == GRE && looks_like_gre(payload) {
            self.gre(ip, payload, link, sink);
        } else if either(5072) || (!either(3544) && payload.first_chunk().is_some_and(looks_like_ayiya)) {
            if let Some(inner) = ayiya(payload) {
                self.tunnel(
                    ip,
                    "ayiya",
                    None,
                    inner,
                    link,
                    |decoder, data, link, sink| {
                        decoder.ip(data, link, sink);
                    },
                    sink,
                );
            }
        } else if let Some(inner) = teredo(payload) {
            let by_port = either(3544);
            self.tunnel(
                ip,
                "teredo",
                None,
                inner,
                link,
                move |decoder, data, link, sink| {
                    // What only looks like Teredo and is none contradicts nothing.
                    if by_port || decoder.is_just_right(data) {
                        decoder.ip_inside(data, link, sink);
                    }
                },
                sink,
            );
        }
    }

    /// Go into a tunnel.
    #[allow(clippy::too_many_arguments)] // what describes a tunnel, and what is in it
    #[cold]
    pub(super) fn tunnel<S: Sink>(
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
        let inner = Link { tunnel, depth: link.depth + 1, tags: 0, vlan: Vlans::default(), ..link };
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
    pub(super) fn ip_inside(&mut self, data: &[u8], link: Link, sink: &mut impl Sink) {
        if self.is_just_right(data) {
            self.ip(data, link, sink);
        } else {
            self.malformed();
        }
    }

    fn is_just_right(&self, data: &[u8]) -> bool {
        let missing = self.frame.wire.saturating_sub(self.frame.captured) as usize;
        let length = match data.first().map(|byte| byte >> 4) {
            Some(4) => be16(data, 2).map(usize::from),
            Some(6) => be16(data, 4).map(|length| usize::from(length) + 40),
            _ => None,
        };
        let bubble = data.get(6) == Some(&59); // Teredo bubbles may carry anything behind the header
        length.is_some_and(|length| length <= data.len() + missing && (length >= data.len() || bubble))
    }

    /// RFC 2784, 2890, 7637, 2637, and draft-foschiano-erspan.
    #[cold]
    pub(super) fn gre(&mut self, ip: &Ip, data: &[u8], link: Link, sink: &mut impl Sink) {
        let (Some(flags), Some(kind)) = (be16(data, 0), be16(data, 2)) else { return self.unreadable() };
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
        // Routing, and flags that no standard defines.
        if version > 1 || flags & 0x4078 != 0 {
            return self.malformed();
        }
        let mut kind = kind;
        match (version, kind) {
            (1, 0x880b) => {
                let Some((protocol, rest)) = data.get(length..).and_then(in_ppp) else { return self.not_ip(kind) };
                kind = match protocol {
                    0x0021 => 0x0800,
                    0x0057 => 0x86dd,
                    _ => return self.not_ip(kind),
                };
                length = data.len() - rest.len();
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
        let Some(inner) = data.get(length..) else { return self.unreadable() };
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
                // Frames may be padded inside version 0.
                0x0800 | 0x86dd if version == 0 => decoder.ip(data, link, sink),
                0x0800 | 0x86dd => decoder.ip_inside(data, link, sink),
                0x8847 | 0x8848 => decoder.mpls(data, link, sink),
                0x9000 | 0x8200..=0x8370 if kind & 0x0f == 0 => decoder.wireless(data, 1, link, sink),
                _ => decoder.not_ip(kind),
            },
            sink,
        );
    }
}
