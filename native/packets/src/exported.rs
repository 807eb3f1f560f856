//! Flow exports in captures: datagrams of NetFlow v5 and v9, IPFIX and sFlow v5, by what they hold, on any port.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::net::{IpAddr, SocketAddr};

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::bytes::{be16, be32};
use crate::decode::Sink;
use crate::packet::{Packet, UDP};

/// A datagram that looks like a flow export, as it was captured.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    pub from: SocketAddr,
    /// Nanoseconds since 1970.
    pub captured: i64,
    pub payload: &'a [u8],
}

/// What became of the datagrams that look like flow exports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub datagrams: u64,
    /// The same datagram, seen at another place of the capture: it counts once.
    pub repeated: u64,
    /// Those of which the capture has only the beginning.
    pub cut_off: u64,
}

/// Does a datagram look like a flow export? `length` is that of the payload on the wire.
///
/// Two bytes say no to nearly all others; then lengths and numbers must fit together.
#[inline]
pub fn is_export(payload: &[u8], length: usize) -> bool {
    match payload.first_chunk() {
        Some([0, 5 | 9 | 10]) | Some([0, 0]) => fits(payload, length).unwrap_or(false),
        _ => false,
    }
}

fn fits(payload: &[u8], length: usize) -> Option<bool> {
    let second = be16(payload, 2)?;
    Some(match be16(payload, 0)? {
        // A header of 24 bytes, and 1 to 30 records of 48.
        5 => (1..=30).contains(&second) && length >= 24 + 48 * usize::from(second) && be32(payload, 8)? > 0,
        // RFC 3954: a header of 20 bytes, then a set: of templates (0), options templates (1), or data.
        9 => second > 0 && is_set(payload, 20, length, |id| id < 2)?,
        // RFC 7011: the length of the message, a header of 16 bytes, then a set.
        10 => usize::from(second) == length && is_set(payload, 16, length, |id| id == 2 || id == 3)?,
        // sFlow v5: the agent's address is of IPv4 or IPv6, then come few samples.
        0 if second == 5 => match be32(payload, 4)? {
            1 => be32(payload, 24)? <= 1024 && length >= 28,
            2 => be32(payload, 36)? <= 1024 && length >= 40,
            _ => false,
        },
        _ => false,
    })
}

/// Is there a set, of templates or of data by a template, that ends within the datagram?
fn is_set(payload: &[u8], at: usize, length: usize, is_template: impl Fn(u16) -> bool) -> Option<bool> {
    let (id, size) = (be16(payload, at)?, usize::from(be16(payload, at + 2)?));
    Some((id > 255 || is_template(id)) && size >= 4 && at + size <= length)
}

/// Datagrams that are remembered, and for how long, so that the same one at another place is known.
const REMEMBERED: usize = 1024;
const SOON: i64 = 1_000_000_000;

/// Where a datagram was seen: at which interface, in which tunnel, with how many hops left.
type Place = (u32, u32, u8);

/// Knows datagrams again that were captured at several places on their way. An exporter sends no two that are
/// the same: its counts go on.
#[derive(Default)]
pub struct Once {
    hasher: RandomState,
    seen: HashMap<u64, (i64, Place), RandomState>,
    order: VecDeque<u64>,
}

impl Once {
    fn is_first(&mut self, from: (IpAddr, u16), payload: &[u8], time: i64, place: Place) -> bool {
        let hash = self.hasher.hash_one((from, payload));
        if let Some((before, known)) = self.seen.get(&hash) {
            if *known != place && time.saturating_sub(*before).abs() < SOON {
                return false;
            }
        } else {
            self.order.push_back(hash);
            if self.order.len() > REMEMBERED {
                self.order.pop_front().map(|oldest| self.seen.remove(&oldest));
            }
        }
        self.seen.insert(hash, (time, place));
        true
    }
}

/// Takes exports out of what is decoded, and leaves everything else.
pub struct Picking<'a, F> {
    pub once: &'a mut Once,
    pub exported: &'a mut Exported,
    pub each: F,
}

impl<F: FnMut(Export)> Sink for Picking<'_, F> {
    fn take(&mut self, packet: &Packet, payload: &[u8]) {
        if packet.key.protocol != UDP || !is_export(payload, packet.payload as usize) {
            return;
        }
        // Bytes behind the datagram are padding of the frame.
        let payload = payload.get(..packet.payload as usize).unwrap_or(payload);
        let (address, port) = packet.source();
        let place = (packet.link.interface, packet.link.tunnel, packet.hops);
        self.exported.datagrams += 1;
        if !self.once.is_first((address.ip(), port), payload, packet.time, place) {
            self.exported.repeated += 1;
            return;
        }
        self.exported.cut_off += u64::from(payload.len() < packet.payload as usize);
        (self.each)(Export { from: SocketAddr::new(address.ip(), port), captured: packet.time, payload });
    }
}
