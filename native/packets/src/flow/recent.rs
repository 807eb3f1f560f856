//! Where flows are that had a packet lately: the first thing that a packet asks for.

use super::Flow;
use crate::packet::Key;

/// Places for flows that had a packet lately: 16 KiB, which stay in the first cache or the second.
const PLACES: usize = 1 << 12;
/// The context of what is no flow any more. Contexts are counted from below, and are never so many.
const NOWHERE: u32 = u32::MAX;

/// Numbers of flows, each at the place that its key points to. It may be another flow's, or that of none: whoever asks
/// compares the key.
pub struct Recent(Box<[u32; PLACES]>);

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
    pub fn find(&self, key: &Key) -> u32 {
        self.0[Recent::place(key)]
    }

    /// The place of this flow in the table is free: no packet is to find it there.
    #[inline]
    pub fn forget(flow: &mut Flow) {
        flow.key.context = NOWHERE;
    }
}
