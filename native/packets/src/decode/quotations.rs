//! ICMP errors, and the packet that they quote: its IP header and at least 8 bytes behind it (RFC 792, RFC 1812 section
//! 4.3.2.3, RFC 4443 section 2.4).
//!
//! A quotation is cut off somewhere, its lengths and checksums may have been changed on the way, and nobody computes
//! them anew: none of them is looked at.

use super::internet::{Behind, Ends};
use super::{Decoder, Ip, HEADERS};
use crate::bytes::{be16, be32};
use crate::packet::{Address, Link, AH, ICMP, ICMPV6, SCTP, TCP, UDP};
use crate::refused::{Quoted, Refusal};
use crate::servers::{icmp_answer, icmpv6_answer};

/// The header of an error; the packet is behind it.
const HEADER: usize = 8;
const FRAGMENTATION_NEEDED: (u8, u8, u8) = (ICMP, 3, 4);
const PACKET_TOO_BIG: (u8, u8, u8) = (ICMPV6, 2, 0);

/// Does an ICMP type say that a packet did not arrive? A redirect quotes one, too, that did.
pub(super) fn is_error(protocol: u8, kind: u8) -> bool {
    match protocol {
        ICMP => matches!(kind, 3 | 11 | 12),
        _ => matches!(kind, 1..=4),
    }
}

impl Decoder {
    /// Keep what an error says, and about which packet.
    #[cold]
    pub(super) fn refusal(&mut self, ip: &Ip, data: &[u8], link: &Link) {
        let (Some([kind, code]), Some(packet)) = (data.first_chunk(), data.get(HEADER..)) else { return };
        let Some(quoted) = quoted(packet) else { return };
        let error = (ip.protocol, *kind, *code);
        let mut refusal = Refusal::on(link, (ip.source, ip.destination), error, quoted);
        refusal.fits = match error {
            FRAGMENTATION_NEEDED => be16(data, 6).map(u32::from),
            PACKET_TOO_BIG => be32(data, 4),
            _ => None,
        }
        .unwrap_or(0);
        let place = self.place(link);
        self.refused.take(refusal, place);
    }
}

fn quoted(packet: &[u8]) -> Option<Quoted> {
    match packet.first()? >> 4 {
        4 => of_ipv4(packet),
        6 => of_ipv6(packet),
        _ => None,
    }
}

fn of_ipv4(packet: &[u8]) -> Option<Quoted> {
    let head = packet.first_chunk::<20>()?;
    let length = usize::from(head[0] & 0x0f) * 4;
    if length < 20 {
        return None;
    }
    let is_first = be16(packet, 6)? & 0x1fff == 0;
    let (mut protocol, mut behind) = (head[9], packet.get(length..).filter(|_| is_first).unwrap_or(&[]));
    if protocol == AH && is_first {
        protocol = *behind.first()?;
        behind = match Behind::of(AH, behind) {
            Behind::Header(length) => behind.get(length..).unwrap_or(&[]),
            _ => &[],
        };
    }
    Some(Quoted {
        source: Address::v4(be32(packet, 12)?),
        destination: Address::v4(be32(packet, 16)?),
        protocol,
        ports: ports(protocol, behind),
    })
}

fn of_ipv6(packet: &[u8]) -> Option<Quoted> {
    let head = packet.first_chunk::<40>()?;
    let (source, destination) = (Address::v6(&head[8..24])?, Address::v6(&head[24..40])?);
    let (mut protocol, mut rest, mut ends) = (head[6], &packet[40..], Ends::default());
    for _ in 0..HEADERS {
        let Behind::Header(length) = Behind::of(protocol, rest) else { break };
        // Of a later fragment, what is behind this header is not what is said to be.
        let is_later = protocol == 44 && be16(rest, 2).is_none_or(|place| place & 0xfff8 != 0);
        ends.take(protocol, rest.get(..length).unwrap_or(&[]));
        protocol = rest.first().copied()?;
        rest = rest.get(length..).filter(|_| !is_later).unwrap_or(&[]);
    }
    Some(Quoted {
        source: ends.source.unwrap_or(source),
        destination: ends.destination.unwrap_or(destination),
        protocol,
        ports: ports(protocol, rest),
    })
}

/// What the flow of the packet has for ports.
fn ports(protocol: u8, data: &[u8]) -> Option<(u16, u16)> {
    let answer = match protocol {
        TCP | UDP | SCTP => return Some((be16(data, 0)?, be16(data, 2)?)),
        ICMP => icmp_answer(*data.first()?),
        ICMPV6 => icmpv6_answer(*data.first()?),
        _ => return Some((0, 0)),
    };
    let (kind, code) = (*data.first()?, *data.get(1)?);
    Some((u16::from(kind), u16::from(answer.unwrap_or(code))))
}
