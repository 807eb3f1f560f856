//! The short way to a flow, for packets of one that is known and goes on: by far most of all packets.
//!
//! A packet needs no hash over all that makes its flow, no look into the index, and nothing about it that only the first
//! packet of a flow, or a name in its payload, would be asked for. Whatever is not plain here is left to `Table::take`,
//! untouched; what a packet does to its flow is said in one place for both. A test holds the two beside each other.

use super::table::{add, Table};
use crate::packet::{Arrival, Key, Way, SYN};

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
