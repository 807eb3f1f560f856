//! What tells whether two places saw the same packets of a conversation, or each a part of them, as the members of a
//! bond do over which it is spread packet by packet.
//!
//! Packets get numbers by what nobody on their way changes, and of each of eight lots of numbers the least is kept: a
//! min-wise sketch (Broder, On the resemblance and containment of documents, 1997). Places that saw the same packets
//! have the same least numbers, though each missed some; places that saw others have others. Where a machine put
//! segments together, they are other packets: so the payload is counted as well, each time that it came by.

use crate::packet::{Packet, Segment, Way, TCP};

const LOTS: usize = 8;
/// Bytes of payload that make a datagram another one: beyond what all of a connection have in QUIC (RFC 9000, 17.3).
const LOOKED_AT: usize = 24;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// The least number of each lot, which is its highest bits; `u32::MAX` where there was none.
    least: [u32; LOTS],
    /// Payload of all packets each way, also what came again.
    pub carried: [u64; 2],
    /// Of some packets too little was captured: their numbers are not known.
    is_partial: bool,
}

impl Default for Sketch {
    fn default() -> Sketch {
        Sketch { least: [u32::MAX; LOTS], carried: [0; 2], is_partial: false }
    }
}

impl Sketch {
    /// Note a packet, of which this payload was captured.
    pub fn note(&mut self, way: Way, packet: &Packet, payload: &[u8]) {
        if packet.key.protocol == TCP {
            return self.segment(way, &packet.segment, packet.payload);
        }
        self.carried[way as usize] += u64::from(packet.payload);
        let looked_at = LOOKED_AT.min(packet.payload as usize);
        // What was put together of pieces is elsewhere in pieces.
        let captured = payload.get(..looked_at).filter(|_| packet.payload_captured as usize >= looked_at);
        let Some(captured) = captured else {
            self.is_partial = true;
            return;
        };
        let head = u64::from(packet.identification) << 32 | u64::from(packet.payload);
        let words = captured.chunks(8).map(|part| part.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        self.keep(words.fold(mixed(0, head), mixed));
    }

    /// Note a segment of TCP.
    #[inline]
    pub fn segment(&mut self, way: Way, segment: &Segment, payload: u32) {
        self.carried[way as usize] += u64::from(payload);
        let numbers = u64::from(segment.sequence) << 32 | u64::from(segment.acknowledged);
        self.keep(mixed(mixed(0, numbers), u64::from(payload)));
    }

    #[inline]
    fn keep(&mut self, number: u64) {
        let number = (number >> 32) as u32;
        if let Some(least) = self.least.get_mut(number as usize >> (u32::BITS - LOTS.ilog2())) {
            *least = number.min(*least);
        }
    }

    /// The least numbers; none where packets are missing among them.
    pub fn numbers(&self) -> Option<impl Iterator<Item = u32> + '_> {
        let known = self.least.iter().copied().filter(|number| *number != u32::MAX);
        (!self.is_partial).then_some(known)
    }

    /// The ends have changed roles.
    pub fn flip(&mut self) {
        self.carried.swap(0, 1);
    }
}

/// Its highest bits depend on all of both: the finalizer of SplitMix64 (Steele and others, 2014), without its last step.
#[inline]
fn mixed(known: u64, word: u64) -> u64 {
    let mixed = (known ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb)
}
