//! pcapng (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html).

use std::sync::Mutex;

use super::frame::{Frame, Progress};
use super::pcap::MAXIMUM_CAPTURED;
use super::Interface;
use crate::bytes::Order;
use crate::locked::lock;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const NAMES: u32 = 4;
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;
/// Blocks of other kinds that are longer are passed over without being kept.
const LONGEST_OTHER: u32 = 1 << 16;
const SEARCH: usize = 1 << 18;
/// More interfaces in a file are damage.
const INTERFACES: usize = 1 << 16;

/// How the time stamps of an interface count.
#[derive(Clone, Copy)]
struct Clock {
    /// Ticks a second.
    rate: u64,
    /// Seconds to add.
    offset: i64,
}

struct Known {
    index: u32,
    link: u16,
    snap: u32,
    clock: Clock,
}

pub struct Pcapng {
    file: u32,
    order: Order,
    /// Interfaces of this section.
    known: Vec<Known>,
    last: i64,
}

/// The time of a packet, in an enhanced packet block and in an old one: of which bytes of it the interface is, and of
/// how many; then come the two halves of the time.
const STAMPED: [(u32, usize, usize); 2] = [(PACKET, 8, 4), (OLD_PACKET, 8, 2)];
/// So much of a block says what it is, and when its packet was captured.
const BEGINNING: usize = 20;

impl Pcapng {
    pub fn new(file: u32) -> Pcapng {
        Pcapng { file, order: Order::Little, known: Vec::new(), last: 0 }
    }

    /// Packets without a time that are before the first one with a time are as old as that one: nobody knows better.
    /// `look` gives bytes at a place of the file, as many as there are.
    pub fn look_for_time(&mut self, look: impl Fn(u64, usize) -> Vec<u8>) {
        let (mut ahead, unknown) = (Pcapng::new(self.file), Mutex::default());
        let (mut offset, mut has_untimed) = (0, false);
        loop {
            let begin = look(offset, BEGINNING);
            let size = ahead.order.u32(&begin, 4).unwrap_or(0);
            let Some(kind) = ahead.order.u32(&begin, 0) else { return };
            if kind == SECTION || kind == INTERFACE {
                let wanted = if kind == SECTION { 28 } else { size.min(LONGEST_OTHER) as usize };
                let block = look(offset, wanted);
                // Of a section only the order of bytes counts, which is taken in even if there is more of it.
                ahead.next(&block, 0, &unknown);
            }
            let Some(length) = ahead.order.u32(&begin, 4).filter(|length| *length >= 12) else { return };
            if let Some((_, at, width)) = STAMPED.iter().find(|stamped| stamped.0 == kind) {
                if has_untimed {
                    self.last = ahead.time_of(&begin, *at, *width).unwrap_or(0);
                }
                return;
            }
            has_untimed |= kind == SIMPLE_PACKET;
            offset += u64::from(length);
        }
    }

    fn time_of(&self, block: &[u8], at: usize, width: usize) -> Option<i64> {
        let interface = if width == 2 { u32::from(self.order.u16(block, at)?) } else { self.order.u32(block, at)? };
        let (high, low) = (self.order.u32(block, at + 4)?, self.order.u32(block, at + 8)?);
        let ticks = u64::from(high) << 32 | u64::from(low);
        Some(self.known.get(interface as usize)?.clock.nanoseconds(ticks))
    }

    pub fn next(&mut self, data: &[u8], at: usize, interfaces: &Mutex<Vec<Interface>>) -> Progress {
        let Some(rest) = data.get(at..) else { return Progress::More(12) };
        let Some(kind) = self.order.u32(rest, 0) else { return Progress::More(12) };
        if kind == SECTION {
            let order = match rest.get(8..12) {
                Some([0x4d, 0x3c, 0x2b, 0x1a]) => Order::Little,
                Some([0x1a, 0x2b, 0x3c, 0x4d]) => Order::Big,
                Some(_) => return Progress::Damage("a section without byte order".to_string()),
                None => return Progress::More(28),
            };
            self.order = order;
            self.known.clear();
        }
        let Some(length) = self.order.u32(rest, 4) else { return Progress::More(12) };
        if length < 12 || length % 4 != 0 {
            return Progress::Damage(format!("a block of {length} bytes cannot be"));
        }
        let wanted = matches!(kind, INTERFACE | OLD_PACKET | SIMPLE_PACKET | NAMES | STATISTICS | PACKET);
        if !wanted && length > LONGEST_OTHER {
            return Progress::Jump(u64::from(length));
        }
        if length > MAXIMUM_CAPTURED + (1 << 16) {
            return Progress::Damage(format!("a block of {length} bytes cannot be"));
        }
        let size = length as usize;
        let Some(block) = rest.get(..size) else { return Progress::More(size) };
        if self.order.u32(block, size - 4) != Some(length) {
            return Progress::Damage("the two lengths of a block differ".to_string());
        }
        let body = block.get(8..size - 4).unwrap_or(&[]);
        let next = at + size;
        match kind {
            INTERFACE => match self.interface(body, interfaces) {
                Some(()) => Progress::Skip(next),
                None => Progress::Damage("an interface block is too short".to_string()),
            },
            PACKET => self.packet(body, at + 8, next),
            OLD_PACKET => self.old_packet(body, at + 8, next),
            SIMPLE_PACKET => self.simple_packet(body, at + 8, next),
            STATISTICS => {
                self.statistics(body, interfaces);
                Progress::Skip(next)
            }
            NAMES => Progress::Names(next, matches!(self.order, Order::Big)),
            _ => Progress::Skip(next),
        }
    }

    fn interface(&mut self, body: &[u8], interfaces: &Mutex<Vec<Interface>>) -> Option<()> {
        let link = self.order.u16(body, 0)?;
        let snap = self.order.u32(body, 4)?;
        let mut clock = Clock { rate: 1_000_000, offset: 0 };
        let mut name = String::new();
        self.options(body.get(8..)?, |order, code, value| match code {
            2 => name = String::from_utf8_lossy(value).trim_end_matches('\0').to_string(),
            9 => {
                if let Some(resolution) = value.first() {
                    let exponent = u32::from(resolution & 0x7f);
                    let base: u64 = if resolution & 0x80 != 0 { 2 } else { 10 };
                    clock.rate = base.checked_pow(exponent).unwrap_or(1_000_000);
                }
            }
            14 => clock.offset = order.u64(value, 0).unwrap_or(0) as i64,
            _ => {}
        });
        let mut all = lock(interfaces);
        if all.len() >= INTERFACES {
            return None;
        }
        let index = all.len() as u32;
        all.push(Interface { file: self.file, name, link, packets: 0, drops: None });
        self.known.push(Known { index, link, snap, clock });
        Some(())
    }

    fn packet(&mut self, body: &[u8], at: usize, next: usize) -> Progress {
        let order = self.order;
        let fields = (|| {
            Some((
                order.u32(body, 0)?,
                order.u32(body, 4)?,
                order.u32(body, 8)?,
                order.u32(body, 12)?,
                order.u32(body, 16)?,
            ))
        })();
        let Some((interface, high, low, captured, wire)) = fields else {
            return Progress::Damage("a packet block is too short".to_string());
        };
        let padded = (captured as usize).saturating_add(3) & !3;
        let mut direction = 0;
        if let Some(options) = body.get(20usize.saturating_add(padded)..) {
            if !options.is_empty() {
                self.options(options, |order, code, value| {
                    if code == 2 {
                        direction = (order.u32(value, 0).unwrap_or(0) & 3) as u8;
                    }
                });
            }
        }
        let ticks = u64::from(high) << 32 | u64::from(low);
        self.frame(interface, Some(ticks), captured, wire, direction, body.len().saturating_sub(20), at + 20, next)
    }

    fn old_packet(&mut self, body: &[u8], at: usize, next: usize) -> Progress {
        let order = self.order;
        let fields = (|| {
            Some((
                order.u16(body, 0)?,
                order.u32(body, 4)?,
                order.u32(body, 8)?,
                order.u32(body, 12)?,
                order.u32(body, 16)?,
            ))
        })();
        let Some((interface, high, low, captured, wire)) = fields else {
            return Progress::Damage("a packet block is too short".to_string());
        };
        let ticks = u64::from(high) << 32 | u64::from(low);
        let room = body.len().saturating_sub(20);
        self.frame(u32::from(interface), Some(ticks), captured, wire, 0, room, at + 20, next)
    }

    fn simple_packet(&mut self, body: &[u8], at: usize, next: usize) -> Progress {
        let Some(wire) = self.order.u32(body, 0) else {
            return Progress::Damage("a packet block is too short".to_string());
        };
        let room = body.len() - 4;
        let snap = self.known.first().map_or(0, |known| known.snap);
        let limit = if snap == 0 { u32::MAX } else { snap };
        let captured = wire.min(limit).min(room as u32);
        self.frame(0, None, captured, wire, 0, room, at + 4, next)
    }

    #[allow(clippy::too_many_arguments)] // the fields of one block
    fn frame(
        &mut self,
        interface: u32,
        ticks: Option<u64>,
        captured: u32,
        wire: u32,
        direction: u8,
        room: usize,
        at: usize,
        next: usize,
    ) -> Progress {
        if captured as usize > room {
            return Progress::Damage(format!("a packet of {captured} bytes in a block of {room}"));
        }
        let Some(known) = self.known.get(interface as usize) else {
            return Progress::Damage(format!("a packet of interface {interface}, which is not described"));
        };
        if let Some(ticks) = ticks {
            self.last = known.clock.nanoseconds(ticks);
        }
        Progress::Frame(
            next,
            Frame {
                time: self.last,
                number: 0,
                at: at as u32,
                captured,
                wire: wire.max(captured),
                interface: known.index,
                link: known.link,
                direction,
            },
        )
    }

    fn statistics(&self, body: &[u8], interfaces: &Mutex<Vec<Interface>>) {
        let Some(index) = self.order.u32(body, 0).and_then(|id| self.known.get(id as usize)).map(|known| known.index)
        else {
            return;
        };
        let mut drops = None;
        if let Some(options) = body.get(12..) {
            self.options(options, |order, code, value| {
                if code == 5 || code == 7 {
                    drops = Some(drops.unwrap_or(0u64).max(order.u64(value, 0).unwrap_or(0)));
                }
            });
        }
        let mut all = lock(interfaces);
        if let (Some(interface), Some(count)) = (all.get_mut(index as usize), drops) {
            // The counters run from the beginning of the capture: the last block has the sum.
            interface.drops = Some(interface.drops.unwrap_or(0).max(count));
        }
    }

    fn options(&self, mut rest: &[u8], mut each: impl FnMut(Order, u16, &[u8])) {
        while let (Some(code), Some(length)) = (self.order.u16(rest, 0), self.order.u16(rest, 2)) {
            let length = usize::from(length);
            let Some(value) = rest.get(4..4 + length) else { return };
            if code == 0 {
                return;
            }
            each(self.order, code, value);
            let Some(next) = rest.get(4 + ((length + 3) & !3)..) else { return };
            rest = next;
        }
    }

    /// When the last packet was captured; 0 before the first.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Where does the next whole block of a known kind begin?
    pub fn resume(&self, data: &[u8], from: usize) -> Option<usize> {
        let last = data.len().min(from.saturating_add(SEARCH));
        // Blocks are aligned to each other, but not to the buffer.
        (from..last).find(|at| {
            let at = *at;
            let kind = self.order.u32(data, at);
            let length = self.order.u32(data, at + 4).unwrap_or(0) as usize;
            matches!(kind, Some(PACKET | SECTION | STATISTICS | INTERFACE))
                && (12..1 << 20).contains(&length)
                && length % 4 == 0
                && self.order.u32(data, at + length - 4) == Some(length as u32)
        })
    }
}

impl Clock {
    fn nanoseconds(self, ticks: u64) -> i64 {
        let whole = match self.rate {
            1_000_000 => i128::from(ticks) * 1000,
            1_000_000_000 => i128::from(ticks),
            rate => i128::from(ticks) * 1_000_000_000 / i128::from(rate.max(1)),
        };
        let all = whole + i128::from(self.offset) * 1_000_000_000;
        i64::try_from(all).unwrap_or(i64::MAX)
    }
}
