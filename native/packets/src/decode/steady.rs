//! The shortest way, for what half of all packets or more are: a segment without SYN, in IPv4 and Ethernet and nothing
//! else, of a connection that is known and had a packet lately.
//!
//! Every field is at a place that is known beforehand, so that all is read with one look at the length. It goes from the
//! bytes to the counters of its flow: no description of the packet is made. Whatever is not as said is left to
//! `plain` and `fully`, untouched; they say what a packet means. A test holds the ways beside each other.

use super::{Checksums, Decoder, Sink};
use crate::checksum;
use crate::file::Frame;
use crate::packet::{Arrival, Key, Segment, SYN, TCP};

/// Where the headers begin, and where they end without options.
const IP: usize = 14;
const TRANSPORT: usize = IP + 20;
const PAYLOAD: usize = TRANSPORT + 20;

impl Decoder {
    /// Hand a frame to the flow that it goes on with; false where it is anything else.
    #[inline]
    pub(super) fn steady(&mut self, frame: &Frame, data: &[u8], sink: &mut impl Sink) -> bool {
        let Some(head) = data.first_chunk::<PAYLOAD>() else { return false };
        let two = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        let four = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let is_ip = four(IP - 2) >> 8 == 0x08_0045 && two(IP + 6) & 0x3fff == 0 && head[IP + 9] == TCP;
        let flags = head[TRANSPORT + 13];
        if !is_ip || flags & SYN != 0 || frame.link != 1 || self.manner.checksums != Checksums::Ignore {
            return false;
        }
        let captured = data.len() - IP;
        let wire = frame.wire.saturating_sub(frame.captured) as usize + captured;
        let (total, header) = (usize::from(two(IP + 2)), usize::from(head[TRANSPORT + 12] >> 4) * 4);
        let Some(ip) = head[IP..].first_chunk::<20>() else { return false };
        if header < 20 || total > wire || 20 + header > total.min(captured) || !checksum::valid_header(ip) {
            return false;
        }
        let (source, destination) = ((four(IP + 12), two(TRANSPORT)), (four(IP + 16), two(TRANSPORT + 2)));
        let (key, reversed) = Key::v4(source, destination, TCP, frame.interface);
        let arrival = Arrival {
            time: frame.time,
            wire: frame.wire,
            bytes: total as u32,
            payload: (total - 20 - header) as u32,
            whole: captured >= total,
            hops: head[IP + 8],
            segment: Segment {
                flags,
                sequence: four(TRANSPORT + 4),
                acknowledged: four(TRANSPORT + 8),
                window: two(TRANSPORT + 14),
                sound: true,
            },
        };
        sink.take_known(&key, reversed, &arrival)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::plain::common::*;
    use super::super::{Manner, Shared};
    use super::{Arrival, Checksums, Decoder, Frame, Key, Sink, SYN, TCP};
    use crate::flow::Table;
    use crate::naming::Listening;
    use crate::packet::{Packet, ACK, FIN, RST, UDP};

    /// A table of flows that knows the short way to them, and how often it was gone.
    struct Short(Table, usize);

    impl Sink for Short {
        fn take(&mut self, packet: &Packet, payload: &[u8]) {
            self.0.take(packet, payload);
        }

        fn take_known(&mut self, key: &Key, reversed: bool, packet: &Arrival) -> bool {
            let is_known = self.0.take_known(key, reversed, packet);
            self.1 += usize::from(is_known);
            is_known
        }
    }

    /// One that does not.
    struct Long(Table);

    impl Sink for Long {
        fn take(&mut self, packet: &Packet, payload: &[u8]) {
            self.0.take(packet, payload);
        }
    }

    /// The two ends of a conversation, and the numbers of their next bytes.
    struct Conversation {
        ports: [u16; 2],
        next: [u32; 2],
        kind: usize,
    }

    impl Conversation {
        fn new(chance: &mut Chance) -> Conversation {
            let start = |chance: &mut Chance| [1, 7000, u32::MAX - 900][chance.below(3)];
            let ports = [1024 + chance.below(6) as u16, [443, 53, 1024][chance.below(3)]];
            Conversation { ports, next: [start(chance), start(chance)], kind: chance.below(8) }
        }

        /// Its next packet, mostly as it should be.
        fn frame(&mut self, chance: &mut Chance) -> Vec<u8> {
            let here = chance.below(2);
            let payload = vec![chance.below(256) as u8; [0, 0, 1, 9, 300][chance.below(5)]];
            let odd = [SYN, SYN | ACK, FIN | ACK, RST, RST | ACK, FIN, 0][chance.below(7)];
            let flags = if chance.one_in(7) { odd } else { ACK };
            let late = if chance.one_in(30) { chance.below(5000) as u32 } else { 0 };
            let (from, to) = (self.ports[here], self.ports[1 - here]);
            let numbers = (self.next[here].wrapping_sub(late), self.next[1 - here]);
            let segment = tcp(from, to, numbers.0, numbers.1, flags, &payload);
            let taken = payload.len() as u32 + u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
            self.next[here] = numbers.0.wrapping_add(taken);
            let (source, destination) = if here == 0 { (A, B) } else { (B, A) };
            match self.kind {
                0 => ethernet(0x86dd, &ipv6(TCP, &segment)),
                1 => ethernet(0x8100, &joined(&[&[0, 42, 8, 0], &ipv4(source, destination, TCP, &segment)])),
                2 => ethernet(0x0800, &ipv4(source, destination, UDP, &udp(from, to, &payload))),
                3 => joined(&[&ethernet(0x0800, &ipv4(source, destination, TCP, &segment)), &[0; 6]]),
                _ => ethernet(0x0800, &ipv4(source, destination, TCP, &segment)),
            }
        }
    }

    /// Read what chance makes on all ways, and on the longest only; say how many packets went the short one.
    fn compare(names: Listening, most: usize, seed: u64) -> usize {
        let hasher = foldhash::fast::RandomState::default();
        let manner = Manner::of_all(names);
        let decoder = || Decoder::new(manner.clone(), Arc::new(Shared::default()), hasher.clone());
        let table = || Table::new(most, Checksums::Ignore, names);
        let (mut quick, mut short) = (decoder(), Short(table(), 0));
        let (mut full, mut long) = (decoder(), Long(table()));
        let mut chance = Chance(seed);
        let mut open: Vec<_> = (0..12).map(|_| Conversation::new(&mut chance)).collect();
        let mut time: i64 = 1_700_000_000_000_000_000;
        for number in 1..=20_000 {
            let at = chance.below(open.len());
            if chance.one_in(60) {
                open[at] = Conversation::new(&mut chance);
            }
            let mut data = open[at].frame(&mut chance);
            for _ in 0..chance.below(40) / 37 {
                let at = chance.below(data.len().min(60));
                data[at] = [0, 0xff, chance.below(256) as u8, data[at] ^ 1 << chance.below(8)][chance.below(4)];
                if !chance.one_in(3) {
                    mend(&mut data);
                }
            }
            let whole = data.len() as u32;
            data.truncate(data.len() - chance.below(30) / 29 * chance.below(60).min(data.len()));
            time += match chance.below(400) {
                0 => chance.below(400) as i64 * 1_000_000_000,
                1 => -2_000_000_000,
                _ => chance.below(30_000_000) as i64,
            };
            let wire = whole + chance.below(20) as u32 / 19 * 8;
            let (captured, link) = (data.len() as u32, if chance.one_in(200) { 101 } else { 1 });
            let frame = Frame { time, number, at: 100, captured, wire, interface: 0, link, direction: 0 };
            quick.frame(&frame, &data, 0, &mut short);
            if full.admits(&frame, &data, 0) {
                full.fully(&frame, &data, &mut long);
            }
            if number % 500 == 0 || number == 20_000 {
                short.0.pass(quick.latest());
                long.0.pass(full.latest());
                if number == 20_000 {
                    short.0.end();
                    long.0.end();
                }
                assert_eq!(format!("{:?}", short.0.finished), format!("{:?}", long.0.finished), "until {number}");
                short.0.finished.clear();
                long.0.finished.clear();
            }
        }
        assert_eq!(quick.tally, full.tally);
        assert_eq!(short.0.early, long.0.early);
        let said = |decoder: Decoder, table: Table| {
            [decoder.names, table.names]
                .map(|names| names.into_rows().map(|said| format!("{said:?}")).collect::<Vec<_>>())
        };
        assert_eq!(said(quick, short.0), said(full, long.0));
        short.1
    }

    #[test]
    fn flows_are_the_same_on_every_way() {
        for (names, least) in [(Listening::Nothing, 8000), (Listening::Addresses, 8000), (Listening::Everything, 2000)]
        {
            for (seed, most) in [(1, 100), (0x9e37_79b9_7f4a_7c15, 16), (7 << 40, 1000)] {
                let count = compare(names, most, seed);
                assert!(count > least, "{count} of 20000 {names:?} {seed}");
            }
        }
    }
}
