//! Which datagrams of UDP have packets in them, and where those begin.

use super::HEADERS;
use crate::bytes::{be16, be32};
use crate::packet::{IPIP, IPV6};

/// Ports of UDP behind which are packets: VXLAN, Geneve, GTP, Teredo, AYIYA and GRE.
#[inline]
pub(super) fn is_tunnel(port: u16) -> bool {
    matches!(port, 4789 | LINUX_VXLAN | 6081 | 2123 | 2152 | 3544 | 5072 | GRE)
}

/// VXLAN as Linux has it where nobody names a port, and with it many a network of containers.
pub(super) const LINUX_VXLAN: u16 = 8472;

/// Does a datagram to that port, which is registered for something else, look like VXLAN? The I flag and no other, zeros
/// where RFC 7348 wants them, and a frame with IP or ARP in it.
pub(super) fn looks_like_vxlan(data: &[u8]) -> bool {
    let kind = be16(data, 8 + 12);
    matches!(data, [8, 0, 0, 0, _, _, _, 0, ..]) && matches!(kind, Some(0x0800 | 0x0806 | 0x86dd | 0x8100))
}

/// GRE in UDP (RFC 8086): both sides send to this port.
pub(super) const GRE: u16 = 4754;

/// Does a datagram to the port of GRE begin like it? Clients choose that port, too, and what is sent to them is any
/// other thing: no flags but those of RFC 2784 and 2890, and an EtherType.
pub(super) fn looks_like_gre(data: &[u8]) -> bool {
    matches!(data, [flags, 0, kind, _, ..] if flags & 0x4f == 0 && *kind >= 0x06)
}

/// Does a datagram on any other port look like a tunnel? Three bytes say no to nearly all.
#[inline]
pub(super) fn looks_like_tunnel(payload: &[u8]) -> bool {
    match payload.first_chunk::<3>() {
        Some(head) if looks_like_ayiya(head) => true,
        Some([0x60..=0x6f, ..] | [0, 0 | 1, _]) => looks_like_teredo(payload).unwrap_or(false),
        _ => false,
    }
}

/// AYIYA as its clients send it: a signature of 20 bytes by SHA-1, with a shared secret, and the packet to be forwarded.
#[inline]
pub(super) fn looks_like_ayiya(head: &[u8; 3]) -> bool {
    head[1..] == [0x52, 0x11]
}

/// Teredo by what it holds, as Zeek knows it: IPv6 from or to an address of Teredo's, or any IPv6 behind an origin
/// indication, before which may be an authentication.
#[cold]
fn looks_like_teredo(data: &[u8]) -> Option<bool> {
    const PREFIX: Option<u32> = Some(0x2001_0000);
    let head = data.first_chunk::<40>()?;
    if head[0] >> 4 == 6 {
        return Some(be32(head, 8) == PREFIX || be32(head, 24) == PREFIX);
    }
    let origin = match head[1] {
        1 => data.get(13 + usize::from(head[2]) + usize::from(head[3])..)?,
        _ => data,
    };
    Some(be16(origin, 0)? == 0 && origin.len() >= 48 && origin.get(8)? >> 4 == 6)
}

/// The user data in GTP version 1 (3GPP TS 29.281), with the tunnel's number.
pub(super) fn gtp(data: &[u8]) -> Option<(u32, &[u8])> {
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
pub(super) fn teredo(data: &[u8]) -> Option<&[u8]> {
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

/// The packet in an AYIYA datagram (draft-massar-v6ops-ayiya-02), where it is to be forwarded: behind an identity and a
/// signature.
pub(super) fn ayiya(data: &[u8]) -> Option<&[u8]> {
    let head = data.first_chunk::<8>()?;
    let length = 8 + (1 << (head[0] >> 4)) + usize::from(head[1] >> 4) * 4;
    let is_packet = head[2] & 0x0f == 1 && matches!(head[3], IPIP | IPV6);
    data.get(length..).filter(|inner| is_packet && !inner.is_empty())
}
