//! The middle of a connection, where nearly all segments are: both ends are open, and the segment is what comes next.

use super::{delta, once, Connection, End, Established};
use crate::flow::History;
use crate::packet::{Arrival, Way, ACK, FIN, RST, SYN};

/// Both ends were seen.
const BOTH: u8 = 3;

impl End {
    /// Payload at a position that is most likely where the one before ended.
    #[inline]
    fn receive_next(&mut self, begin: u64, length: u32) {
        let end = begin.saturating_add(u64::from(length));
        let is_next = begin == self.delivered && begin >= self.trimmed && begin >= self.furthest;
        let keeps = self.waiting.is_empty() && !self.was_acked(begin) && !self.nothing_acked();
        if is_next && !self.skips && keeps {
            (self.had_data, self.furthest, self.delivered) = (true, end, end);
        } else {
            self.receive(begin, end, Established);
        }
    }

    /// Has the other end said that it has more than what comes before this position?
    #[inline]
    fn was_acked(&self, position: u64) -> bool {
        let acked = End::full(self.acked, self.acked_wraps).wrapping_sub(self.start) as u64;
        position < acked
    }
}

impl Connection {
    /// Take in a segment that changes no state: it does to the connection what `packet` would do, in fewer steps. False
    /// where it is any other; then nothing was done.
    #[inline]
    pub(super) fn goes_on_with(&mut self, packet: &Arrival, way: Way, history: &mut History) -> bool {
        let segment = &packet.segment;
        let open = self.ends[0].state == Established && self.ends[1].state == Established && self.seen == BOTH;
        if !open || segment.flags & (SYN | FIN | RST | ACK) != ACK || segment.window == 0 {
            return false;
        }
        let (here, there) = (way as usize, 1 - way as usize);
        let (end, peer) = (&self.ends[here], &self.ends[there]);
        let wrapped = end.last_wraps | peer.acked_wraps;
        let past = segment.sequence.wrapping_add(packet.payload);
        let is_next = segment.sequence == end.last && past >= end.last && wrapped == 0;
        let position = delta(segment.sequence, end.start_number());
        let acked = delta(segment.acknowledged, peer.start_number());
        if !is_next || position < 0 || acked < 0 || end.fins | peer.fins != 0 {
            return false;
        }
        let forward = delta(segment.acknowledged, peer.acked);
        let acked = acked as u64;
        let trims = acked > peer.trimmed;
        if (forward > 0) & (segment.acknowledged < peer.acked)
            || trims & ((acked > peer.delivered) | !peer.waiting.is_empty())
            || delta(past, end.last) < 0
        {
            return false;
        }
        let shift = 16 * way as u32;
        let (bit, letter) = if packet.payload > 0 { (once::DATA, b'D') } else { (once::ACK, b'A') };
        history.check(bit << shift, if way == Way::Forth { letter } else { letter.to_ascii_lowercase() });
        let peer = &mut self.ends[there];
        peer.acked = if forward > 0 { segment.acknowledged } else { peer.acked };
        peer.trimmed = peer.trimmed.max(acked);
        let end = &mut self.ends[here];
        end.last = past;
        if packet.payload > 0 && packet.whole {
            end.receive_next(position as u64, packet.payload);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Segment;

    /// Marsaglia's xorshift: the same numbers each time.
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, limit: u64) -> u32 {
            (self.next() % limit) as u32
        }

        fn one_in(&mut self, many: u64) -> bool {
            self.next() % many == 0
        }
    }

    fn packet(segment: Segment, payload: u32, time: i64) -> Arrival {
        Arrival { time, wire: 60, bytes: 40, payload, whole: true, hops: 64, segment }
    }

    /// A conversation that is mostly as it should be: the numbers that come next, each way.
    fn segments(chance: &mut Chance) -> Vec<(Arrival, Way)> {
        let starts = [0, 1, 7, 1 << 20, i32::MAX as u32 - 700, u32::MAX - 3000, u32::MAX];
        let mut next = [starts[chance.below(7) as usize], starts[chance.below(7) as usize]];
        let handshake = !chance.one_in(4);
        let trouble = [3, 20, 400][chance.below(3) as usize];
        let mut flags = vec![SYN, SYN | ACK, ACK];
        flags.truncate(if handshake { 3 } else { 0 });
        let mut made = Vec::new();
        for at in 0..chance.below(60) + 3 {
            let mut way = if at < 3 && handshake { [0, 1, 0][at as usize] } else { chance.below(2) as usize };
            let mut flag = flags.get(at as usize).copied().unwrap_or(ACK);
            let mut length = if at < 3 && handshake || chance.one_in(2) { 0 } else { chance.below(1461) };
            let (mut sequence, mut acknowledged) = (next[way], next[1 - way]);
            let (mut window, mut whole) = (500, true);
            if chance.one_in(trouble) {
                match chance.below(10) {
                    0 => sequence = sequence.wrapping_sub(chance.below(3000)),
                    1 => sequence = sequence.wrapping_add(chance.below(40_000)),
                    2 => acknowledged = acknowledged.wrapping_sub(chance.below(3000)),
                    3 => acknowledged = acknowledged.wrapping_add(chance.below(40_000)),
                    4 => flag = chance.below(64) as u8,
                    5 => flag |= [FIN, RST, FIN | RST][chance.below(3) as usize],
                    6 => window = 0,
                    7 => whole = false,
                    8 => (sequence, acknowledged) = (chance.next() as u32, chance.next() as u32),
                    _ => way = 1 - way,
                }
            }
            if chance.one_in(2000) {
                length = 1 << 31;
            }
            let taken = length.wrapping_add(u32::from(flag & SYN != 0)).wrapping_add(u32::from(flag & FIN != 0));
            next[way] = sequence.wrapping_add(taken);
            let segment = Segment { flags: flag, sequence, acknowledged, window, sound: true };
            let way = if way == 0 { Way::Forth } else { Way::Back };
            made.push((Arrival { whole, ..packet(segment, length, i64::from(at) * 1000) }, way));
        }
        made
    }

    #[test]
    fn what_comes_next_does_the_same_either_way() {
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
        let (mut quick, mut all) = (0, 0);
        for _ in 0..10_000 {
            let (mut one, mut other) = (Connection::new(), Connection::new());
            let (mut letters, mut others) = (History::default(), History::default());
            let mut done = Vec::new();
            for (packet, way) in segments(&mut chance) {
                done.push((packet.segment, packet.payload, way));
                let before = one.clone();
                let verdict = other.any_packet(&packet, way, &mut others, 0);
                all += 1;
                if one.goes_on_with(&packet, way, &mut letters) {
                    quick += 1;
                    assert!(!verdict.flip, "{done:?}");
                } else {
                    assert_eq!(one, before, "{done:?}");
                    one.any_packet(&packet, way, &mut letters, 0);
                }
                assert_eq!((&one, &letters), (&other, &others), "{done:?}");
            }
        }
        assert!(quick > all / 10, "{quick} of {all}");
    }
}
