//! Classic pcap (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html), read by hand: the
//! record header is four numbers, and this loop is the innermost of a program that is to be as fast
//! as counting.

use super::frame::{Frame, Progress};
use crate::bytes::Order;

pub const FILE_HEADER: usize = 24;
/// No capture file has larger packets; libpcap refuses more than 262144 bytes, and so does everybody.
pub const MAXIMUM_CAPTURED: u32 = 1 << 24;
/// How far to look for the next record behind a damaged one.
const SEARCH: usize = 1 << 18;
/// So many records in a row must look right before a place is taken for the beginning of one.
const CHAIN: usize = 3;

#[derive(Clone)]
pub struct Pcap {
    order: Order,
    nanoseconds: bool,
    header: usize,
    pub link: u16,
    snap: u32,
    interface: u32,
}

impl Pcap {
    /// Read the file header; None where it is not one of pcap.
    pub fn begin(data: &[u8], interface: u32) -> Option<Pcap> {
        let (order, nanoseconds, header) = match (Order::Little.u32(data, 0)?, Order::Big.u32(data, 0)?) {
            (0xa1b2_c3d4, _) => (Order::Little, false, 16),
            (_, 0xa1b2_c3d4) => (Order::Big, false, 16),
            (0xa1b2_3c4d, _) => (Order::Little, true, 16),
            (_, 0xa1b2_3c4d) => (Order::Big, true, 16),
            // "Modified" pcap of old Linux: ifindex, protocol and packet type follow each header.
            (0xa1b2_cd34, _) => (Order::Little, false, 24),
            (_, 0xa1b2_cd34) => (Order::Big, false, 24),
            _ => return None,
        };
        let snap = order.u32(data, 16)?;
        // The upper bits say how long the frame check sequence is, which IP lengths cut off anyway.
        let link = order.u32(data, 20)? as u16;
        Some(Pcap { order, nanoseconds, header, link, snap, interface })
    }

    /// Go through records as long as they are whole and begin before `limit`; say where the next one begins.
    #[inline]
    pub fn run(&self, data: &[u8], at: usize, limit: usize, take: impl FnMut(Frame)) -> usize {
        match self.order {
            Order::Little => self.run_of(u32::from_le_bytes, data, at, limit, take),
            Order::Big => self.run_of(u32::from_be_bytes, data, at, limit, take),
        }
    }

    #[inline]
    fn run_of(
        &self,
        number: impl Fn([u8; 4]) -> u32,
        data: &[u8],
        mut at: usize,
        limit: usize,
        mut take: impl FnMut(Frame),
    ) -> usize {
        let scale = if self.nanoseconds { 1 } else { 1000 };
        while at < limit {
            let Some(head) = data.get(at..).and_then(|rest| rest.first_chunk::<16>()) else { break };
            let word = |at: usize| number([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            let (captured, wire) = (word(8), word(12));
            let begin = at + self.header;
            let end = begin + captured as usize;
            if captured > MAXIMUM_CAPTURED || end > data.len() {
                break;
            }
            take(Frame {
                time: i64::from(word(0)) * 1_000_000_000 + i64::from(word(4)) * scale,
                number: 0,
                at: begin as u32,
                captured,
                // Some writers leave the length on the wire out.
                wire: wire.max(captured),
                interface: self.interface,
                link: self.link,
                direction: 0,
            });
            at = end;
        }
        at
    }

    /// Read the next record at `at`.
    #[inline]
    pub fn next(&self, data: &[u8], at: usize) -> Progress {
        let Some(head) = data.get(at..).and_then(|rest| rest.get(..16)) else {
            return Progress::More(self.header);
        };
        let captured = self.order.u32(head, 8).unwrap_or(0);
        if captured > MAXIMUM_CAPTURED {
            return Progress::Damage(format!("a packet of {captured} bytes cannot be"));
        }
        let mut found = None;
        let end = self.run(data, at, at + 1, |frame| found = Some(frame));
        match found {
            Some(frame) => Progress::Frame(end, frame),
            None => Progress::More(self.header + captured as usize),
        }
    }

    /// Where does the next plausible chain of records begin, at or behind `from`?
    pub fn resume(&self, data: &[u8], from: usize) -> Option<usize> {
        let last = data.len().min(from.saturating_add(SEARCH));
        (from..last).find(|at| self.chain(data, *at))
    }

    fn chain(&self, data: &[u8], mut at: usize) -> bool {
        let mut before: Option<u32> = None;
        for _ in 0..CHAIN {
            let order = self.order;
            let (Some(seconds), Some(fraction), Some(captured), Some(wire)) =
                (order.u32(data, at), order.u32(data, at + 4), order.u32(data, at + 8), order.u32(data, at + 12))
            else {
                return false;
            };
            let limit = if self.nanoseconds { 1_000_000_000 } else { 1_000_000 };
            let snap = if self.snap == 0 { 262_144 } else { self.snap.clamp(64, MAXIMUM_CAPTURED) };
            let near = before.is_none_or(|before| seconds.abs_diff(before) < 86_400);
            if fraction >= limit || captured == 0 || captured > snap || wire < captured || wire > 1 << 20 || !near {
                return false;
            }
            before = Some(seconds);
            at += self.header + captured as usize;
        }
        at <= data.len()
    }
}
