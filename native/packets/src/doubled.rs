//! Whether a capture has each packet twice, as a mirror of both directions of several ports has: by a sample of packets
//! that a sender numbered, so that no two of his are the same.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::bytes::be16;
use crate::file::{Chunk, Frame};
use crate::packet::{ICMPV6, TCP, UDP};

/// So many frames are looked at, the first ones.
const FRAMES: u64 = 4096;
/// Bytes that are compared.
const COMPARED: usize = 128;
/// A mirror writes both within this time, in nanoseconds.
const SOON: i64 = 1_000_000;
const ETHERNET: usize = 14;
const TAG: usize = 4;

#[derive(Default)]
pub struct Doubled {
    hasher: RandomState,
    /// When a packet came, and how often.
    seen: HashMap<u64, (i64, u32), RandomState>,
    frames: u64,
    count: Count,
}

/// Packets of the sample, each counted once, and those of them that came exactly twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub sampled: u64,
    pub twice: u64,
}

impl Doubled {
    /// Look at what was read next, of one file.
    #[inline]
    pub fn look(&mut self, chunk: &Chunk) {
        if self.frames < FRAMES {
            self.compare(chunk);
        }
    }

    pub fn count(&self) -> Count {
        self.count
    }

    #[cold]
    fn compare(&mut self, chunk: &Chunk) {
        for frame in &chunk.frames {
            self.frames += 1;
            let data = chunk.bytes(frame);
            if is_numbered(frame.link, data) {
                self.note(frame, data);
            }
        }
    }

    fn note(&mut self, frame: &Frame, data: &[u8]) {
        let begin = data.get(..COMPARED).unwrap_or(data);
        let hash = self.hasher.hash_one((begin, frame.wire, frame.link, frame.interface));
        match self.seen.get_mut(&hash) {
            Some((time, times)) if frame.time.saturating_sub(*time).abs() <= SOON => {
                *times += 1;
                match times {
                    2 => self.count.twice += 1,
                    // Whatever comes three times is none of a mirror's.
                    3 => self.count.twice -= 1,
                    _ => {}
                }
            }
            _ => {
                self.count.sampled += 1;
                self.seen.insert(hash, (frame.time, 1));
            }
        }
    }
}

/// Has its sender made it unlike all others: IPv4 by its identification, IPv6 at least by a checksum over all of it?
fn is_numbered(link: u16, data: &[u8]) -> bool {
    let packet = match link {
        1 => ethernet(data),
        12 | 14 | 101 | 228 | 229 => Some(data),
        113 => data.get(16..),
        276 => data.get(20..),
        _ => None,
    };
    let Some(packet) = packet else { return false };
    match packet.first().map(|byte| byte >> 4) {
        Some(4) => be16(packet, 4).is_some_and(|identification| identification != 0),
        Some(6) => packet.get(6).is_some_and(|next| matches!(*next, TCP | UDP | ICMPV6)),
        _ => false,
    }
}

fn ethernet(data: &[u8]) -> Option<&[u8]> {
    let mut at = ETHERNET;
    while matches!(be16(data, at - 2)?, 0x8100 | 0x88a8) {
        at += TAG;
    }
    matches!(be16(data, at - 2)?, 0x0800 | 0x86dd).then(|| data.get(at..))?
}
