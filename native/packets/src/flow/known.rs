//! The short way to a flow, for packets of one that is known and goes on: by far most of all packets.
//!
//! A packet needs no hash over all that makes its flow, no look into the index, and nothing about it that only the first
//! packet of a flow, or a name in its payload, would be asked for. Whatever is not plain here is left to `Table::take`,
//! untouched; what a packet does to its flow is said in one place for both. A test holds the two beside each other.

use super::table::{add, Table};
use super::Flow;
use crate::packet::{Arrival, Key, Way, SYN};

/// Places for flows that had a packet lately: 16 KiB, which stay in the first cache or the second.
const PLACES: usize = 1 << 12;
/// The context of what is no flow any more. Contexts are counted from below, and are never so many.
const NOWHERE: u32 = u32::MAX;

/// Numbers of flows, each at the place that its key points to. It may be another flow's, or that of none: whoever asks
/// compares the key.
pub(super) struct Recent(Box<[u32; PLACES]>);

impl Default for Recent {
    fn default() -> Recent {
        Recent(Box::new([u32::MAX; PLACES]))
    }
}

impl Recent {
    /// Where a flow with this key would be. Who makes many flows meet here on purpose gets the long way, no more.
    #[inline]
    fn place(key: &Key) -> usize {
        let ports = u64::from(key.low_port) << 16 | u64::from(key.high_port);
        let (low, high) = (key.low.last_bits(), key.high.last_bits());
        let mixed = (low ^ high.rotate_left(32) ^ ports << 13).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 52) as usize % PLACES
    }

    #[inline]
    pub fn note(&mut self, key: &Key, at: u32) {
        self.0[Recent::place(key)] = at;
    }

    #[inline]
    fn find(&self, key: &Key) -> u32 {
        self.0[Recent::place(key)]
    }

    /// The place of this flow in the table is free: no packet is to find it there.
    #[inline]
    pub fn forget(flow: &mut Flow) {
        flow.key.context = NOWHERE;
    }
}

impl Table {
    /// Take in a packet with a sound header, whose checksums nobody asks for, if it belongs to a flow that is known and
    /// lasts; false where that is to be found out by `take`, and then nothing was done.
    #[inline(always)]
    pub fn take_known(&mut self, key: &Key, reversed: bool, packet: &Arrival) -> bool {
        let at = self.recent.find(key);
        let Some(flow) = self.flows.get_mut(at as usize).filter(|flow| flow.key == *key) else { return false };
        let way = if reversed == flow.reversed { Way::Forth } else { Way::Back };
        // A SYN may begin another connection.
        if packet.segment.flags & SYN != 0
            || !flow.surely_lasts(packet.time) && flow.expiry() <= packet.time
            || self.hears_streams && packet.payload > 0 && flow.hears(way)
            || self.sketches && !flow.is_tcp()
        {
            return false;
        }
        let Some(way) = add(flow, way, packet) else { return false };
        if self.sketches {
            flow.sketch_segment(way, packet);
        }
        true
    }
}
