//! Buffers full of whole packets, whatever the format.

use std::io;
use std::sync::{Arc, Mutex};

use super::buffer::Buffer;
use super::clock::Clock;
use super::frame::{Frame, Progress};
use super::pcap::{self, Pcap};
use super::pcapng::Pcapng;
use super::{Damage, Interface, Plain, Stream};
use crate::locked::lock;
use crate::naming::{Names, Place};

/// Bytes read at once. It fits the second cache, so that finding the packets in it costs little.
pub const CHUNK: usize = 1 << 17;
/// How far behind damage the next packet is looked for.
const LOOK: usize = 1 << 19;
/// The longest record that is kept: a packet of 16 MiB with its options.
const LONGEST: usize = (1 << 24) + (1 << 16);

/// A buffer with whole packets in it.
#[derive(Default)]
pub struct Chunk {
    buffer: Buffer,
    filled: usize,
    /// Where its first byte is in the file.
    offset: u64,
    pub frames: Vec<Frame>,
    /// Position in the order of chunks, over all files.
    pub sequence: u64,
}

impl Chunk {
    /// The captured bytes of a frame.
    #[inline]
    pub fn bytes(&self, frame: &Frame) -> &[u8] {
        self.part(frame.at, frame.captured)
    }

    /// Bytes at a place; none where they are not all there.
    #[inline]
    pub fn part(&self, at: u32, length: u32) -> &[u8] {
        let begin = at as usize;
        self.buffer.as_slice().get(begin..begin + length as usize).unwrap_or(&[])
    }

    fn bytes_read(&self) -> &[u8] {
        self.buffer.as_slice().get(..self.filled).unwrap_or(&[])
    }

    /// Read a block of a plain file; nobody needs to know yet where its packets begin.
    pub fn read(&mut self, plain: &Plain, offset: u64) -> io::Result<()> {
        (self.filled, self.offset) = (0, offset);
        self.read_on(plain, CHUNK).map(|_| ())
    }

    /// Read more, up to so many bytes in all; false where there are no more. For bytes that the file does not have
    /// there is no room: a few of them may say that a packet is of 16 MiB.
    fn read_on(&mut self, plain: &Plain, wanted: usize) -> io::Result<bool> {
        let there = usize::try_from(plain.length.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let wanted = wanted.min(there.max(CHUNK));
        self.buffer.grow(wanted);
        let room = self.buffer.as_mut_slice().get_mut(self.filled..wanted).unwrap_or(&mut []);
        let count = plain.read_at(room, self.offset + self.filled as u64)?;
        self.filled += count;
        Ok(count > 0)
    }
}

enum Format {
    Unknown,
    Pcap(Pcap),
    Pcapng(Box<Pcapng>),
}

/// Packets of one file, chunk by chunk.
pub struct CaptureReader {
    format: Format,
    interfaces: Arc<Mutex<Vec<Interface>>>,
    file: u32,
    /// Of a stream: the beginning of a record that the chunk before did not have the end of.
    carry: Vec<u8>,
    /// Of a stream: bytes read.
    received: u64,
    /// Offset in the file at which the next record begins.
    position: u64,
    number: u64,
    pub clock: Clock,
    pub damage: Vec<Damage>,
    /// Names that stand in the file itself.
    pub noted: Names,
    ended: bool,
    /// The file, where one can look ahead in it.
    pub ahead: Option<Arc<Plain>>,
    since: i64,
    until: i64,
}

/// More damaged places than these are counted but not described.
const DAMAGES: usize = 100;

impl CaptureReader {
    pub fn new(file: u32, interfaces: Arc<Mutex<Vec<Interface>>>) -> CaptureReader {
        CaptureReader {
            format: Format::Unknown,
            interfaces,
            file,
            carry: Vec::new(),
            received: 0,
            position: 0,
            number: 0,
            clock: Clock::default(),
            damage: Vec::new(),
            noted: Names::default(),
            ended: false,
            ahead: None,
            since: i64::MIN,
            until: i64::MAX,
        }
    }

    /// Only packets between these moments are wanted.
    pub fn within(&mut self, since: i64, until: i64) {
        (self.since, self.until) = (since, until);
        (self.clock.since, self.clock.until) = (since, until);
    }

    /// Another reader of the same file that begins behind `offset`, where packets seem to begin: only who reads up to
    /// there knows whether they do. None where the format does not allow it.
    pub fn from(&self, plain: &Plain, offset: u64) -> Option<CaptureReader> {
        let Format::Pcap(format) = &self.format else { return None };
        let mut begin = vec![0; LOOK];
        let count = plain.look_at(&mut begin, offset).ok()?;
        let at = format.resume(begin.get(..count)?, 0)?;
        let mut reader = CaptureReader::new(self.file, self.interfaces.clone());
        reader.format = Format::Pcap(format.clone());
        reader.position = offset + at as u64;
        reader.within(self.since, self.until);
        reader.noted.listening = self.noted.listening;
        (!self.ended).then_some(reader)
    }

    /// Take over what a reader found that began where this one stands.
    pub fn end_with(&mut self, later: CaptureReader) {
        let number = self.number;
        self.clock.end_with(later.clock, number);
        self.damage.extend(later.damage.into_iter().map(|place| Damage { packet: number + place.packet, ..place }));
        self.damage.truncate(DAMAGES);
        self.number += later.number;
        (self.position, self.ended) = (later.position, later.ended);
    }

    /// Read on in a stream; false at the end. A chunk without frames is possible.
    pub fn next_chunk(&mut self, stream: &mut Stream, chunk: &mut Chunk) -> bool {
        chunk.frames.clear();
        if self.ended {
            return false;
        }
        let carried = self.carry.len();
        let size = CHUNK.max(carried * 2);
        chunk.buffer.grow(size);
        let buffer = chunk.buffer.as_mut_slice();
        if let Some(begin) = buffer.get_mut(..carried) {
            begin.copy_from_slice(&self.carry);
        }
        let room = buffer.get_mut(carried..size).unwrap_or(&mut []);
        let read = stream.fill(room);
        let count = *read.as_ref().unwrap_or(&0);
        (chunk.filled, chunk.offset) = (carried + count, self.received - carried as u64);
        self.received += count as u64;
        let last = count == 0;
        if read.is_ok() {
            self.parse(chunk, usize::MAX, last);
        }
        if last && !self.ended {
            self.finish(chunk, read.err());
        }
        let used = self.place(chunk).min(chunk.filled);
        self.carry.clear();
        self.carry.extend_from_slice(chunk.bytes_read().get(used..).unwrap_or(&[]));
        true
    }

    /// Find the packets that begin in a block of a plain file, which the chunk has read. In order of the blocks.
    pub fn index(&mut self, plain: &Plain, chunk: &mut Chunk, read: io::Result<()>) {
        chunk.frames.clear();
        let mut failure = read.err();
        let end = chunk.offset + CHUNK as u64;
        let mut last = chunk.filled < CHUNK || end >= plain.length;
        if self.ended || (self.position >= end && !last) {
            return;
        }
        let mut over = failure.is_some();
        while !over {
            // The last packet that begins here may end in the next block.
            let Some(wanted) = self.parse(chunk, CHUNK, false) else { break };
            over = match chunk.read_on(plain, wanted) {
                Ok(more) => !more,
                Err(error) => {
                    failure = Some(error);
                    true
                }
            };
            if over {
                self.parse(chunk, CHUNK, true);
                last = true;
            }
        }
        if (last || failure.is_some()) && !self.ended {
            self.finish(chunk, failure);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Interface>> {
        lock(&self.interfaces)
    }

    /// Where the next record begins in a chunk; behind its end if it is left out.
    fn place(&self, chunk: &Chunk) -> usize {
        usize::try_from(self.position.saturating_sub(chunk.offset)).unwrap_or(usize::MAX)
    }

    fn finish(&mut self, chunk: &Chunk, failure: Option<io::Error>) {
        self.ended = true;
        self.clock.end(self.number);
        let reason = match failure {
            Some(error) => format!("the file cannot be read on: {error}"),
            None if self.position == chunk.offset + chunk.filled as u64 => return,
            None => "the file ends in the middle of a packet".to_string(),
        };
        if self.damage.last().is_some_and(|damage| damage.resumed.is_none()) {
            return;
        }
        self.note(self.position, reason, None);
    }

    fn note(&mut self, offset: u64, reason: String, resumed: Option<u64>) {
        if self.damage.len() < DAMAGES {
            let (file, packet) = (self.file, self.number);
            self.damage.push(Damage { file, offset, packet, reason, resumed });
        }
    }

    /// Find the packets that begin before `limit`. What is given is how many bytes the chunk must have for the
    /// next of them; none where all were found.
    fn parse(&mut self, chunk: &mut Chunk, limit: usize, last: bool) -> Option<usize> {
        if matches!(self.format, Format::Unknown) && !self.begin(chunk.bytes_read(), last) {
            return (!self.ended).then_some(pcap::FILE_HEADER);
        }
        let mut at = self.place(chunk);
        let Chunk { buffer, filled, frames, offset, .. } = chunk;
        let data = buffer.as_slice().get(..*filled).unwrap_or(&[]);
        let mut wanted = None;
        while at < limit.min(data.len()) {
            if let Format::Pcap(format) = &self.format {
                let (since, until, number, clock) = (self.since, self.until, &mut self.number, &mut self.clock);
                at = format.run(data, at, limit, |frame| {
                    *number += 1;
                    clock.pass(frame.time, *number);
                    if frame.time >= since && frame.time <= until {
                        frames.push(Frame { number: *number, ..frame });
                    }
                });
                if at >= limit.min(data.len()) {
                    break;
                }
            }
            let progress = match &mut self.format {
                Format::Pcap(format) => format.next(data, at),
                Format::Pcapng(format) => format.next(data, at, &self.interfaces),
                Format::Unknown => break,
            };
            let damage = match progress {
                Progress::Frame(next, mut frame) => {
                    self.number += 1;
                    frame.number = self.number;
                    self.clock.pass(frame.time, self.number);
                    if frame.time >= self.since && frame.time <= self.until {
                        frames.push(frame);
                    }
                    at = next;
                    continue;
                }
                Progress::Skip(next) => {
                    at = next;
                    continue;
                }
                Progress::Names(next, big_endian) => {
                    let body = data.get(at + 8..next - 4).unwrap_or(&[]);
                    self.names(body, big_endian, *offset + at as u64);
                    at = next;
                    continue;
                }
                Progress::Jump(count) => {
                    at = at.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
                    continue;
                }
                Progress::More(needed) if needed <= LONGEST => {
                    wanted = Some(at + needed);
                    break;
                }
                Progress::More(_) => "a record is longer than can be".to_string(),
                Progress::Damage(reason) => reason,
            };
            if data.len() - at < LOOK && !last {
                wanted = Some(at + LOOK);
                break;
            }
            match self.resync(data, *offset, at, damage) {
                Some(next) => at = next,
                None => at = data.len(),
            }
        }
        self.position = offset.saturating_add(at as u64);
        wanted
    }

    /// Recognize the format; false where that needs more bytes, or there is none.
    fn begin(&mut self, data: &[u8], last: bool) -> bool {
        if data.len() < pcap::FILE_HEADER && !last {
            return false;
        }
        let mut interfaces = self.lock();
        let index = interfaces.len() as u32;
        if let Some(format) = Pcap::begin(data, index) {
            interfaces.push(Interface { file: self.file, link: format.link, ..Interface::default() });
            drop(interfaces);
            self.format = Format::Pcap(format);
            self.position = pcap::FILE_HEADER as u64;
            return true;
        }
        drop(interfaces);
        if data.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            let mut format = Pcapng::new(self.file);
            format.look_for_time(|offset, count| self.look(data, offset, count));
            self.format = Format::Pcapng(Box::new(format));
            return true;
        }
        let reason = if data.is_empty() { "the file is empty" } else { "this is neither a pcap nor a pcapng file" };
        self.note(0, reason.to_string(), None);
        self.ended = true;
        false
    }

    /// Bytes at a place of the file, whose first ones these are.
    fn look(&self, data: &[u8], offset: u64, count: usize) -> Vec<u8> {
        let begin = usize::try_from(offset).unwrap_or(usize::MAX);
        match (data.get(begin..begin.saturating_add(count)), &self.ahead) {
            (Some(part), _) => part.to_vec(),
            (None, Some(plain)) => {
                let mut part = vec![0; count];
                let there = plain.look_at(&mut part, offset).unwrap_or(0);
                part.truncate(there);
                part
            }
            (None, None) => data.get(begin..).unwrap_or(&[]).to_vec(),
        }
    }

    /// Look for the next place behind damage that looks like packets; None stops reading here.
    fn resync(&mut self, data: &[u8], offset: u64, at: usize, reason: String) -> Option<usize> {
        let next = match &mut self.format {
            Format::Pcap(format) => format.resume(data, at + 1),
            Format::Pcapng(format) => format.resume(data, at + 4),
            Format::Unknown => None,
        };
        self.note(offset + at as u64, reason, next.map(|next| offset + next as u64));
        self.ended = next.is_none();
        next
    }

    /// Take in a block of names. No packet said them: the one before the block tells when.
    #[cold]
    fn names(&mut self, body: &[u8], big_endian: bool, offset: u64) {
        let time = self.last_time();
        let place = Place { time, file: self.file, packet: self.number, interface: u32::MAX };
        self.noted.block(body, big_endian, &format!("name resolution block at byte {offset}"), place);
    }

    fn last_time(&self) -> i64 {
        match &self.format {
            Format::Pcapng(format) => format.last(),
            Format::Pcap(_) | Format::Unknown => 0,
        }
    }

    /// Names that stand in the file, once there is a time for them: that of the first packet, where they are
    /// before it. `first` is when the first of the packets that were found last was captured.
    pub fn take_noted(&mut self, first: Option<i64>) -> Option<Names> {
        let time = first.unwrap_or(self.last_time());
        if self.noted.is_empty() || (time == 0 && !self.ended) {
            return None;
        }
        let listening = self.noted.listening;
        let mut noted = std::mem::replace(&mut self.noted, Names::new(listening));
        noted.date(time);
        Some(noted)
    }

    /// The offset at which the next record begins.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The number of the last packet read.
    pub fn number(&self) -> u64 {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::super::Source;
    use super::*;

    /// Read a pcap with one record that says it has so many bytes: how large the buffer becomes, and what is wrong.
    fn read_one(captured: u32) -> (usize, String) {
        let mut file = 0xa1b2_c3d4u32.to_le_bytes().to_vec();
        file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
        file.extend([0; 8]);
        file.extend(captured.to_le_bytes());
        file.extend(captured.to_le_bytes());
        file.extend([0; 60]);
        let Source::Plain(plain) = Source::memory(file, Arc::default()).unwrap() else { panic!("not a plain file") };
        let (mut reader, mut chunk) = (CaptureReader::new(0, Arc::default()), Chunk::default());
        let read = chunk.read(&plain, 0);
        reader.index(&plain, &mut chunk, read);
        (chunk.buffer.as_slice().len(), reader.damage[0].reason.clone())
    }

    #[test]
    fn there_is_no_room_for_what_a_file_does_not_have() {
        const PAGES: usize = CHUNK + (1 << 13);
        let (room, reason) = read_one(1 << 24);
        assert!(room <= PAGES, "{room}");
        assert_eq!(reason, "the file ends in the middle of a packet");
        // Nor to look for the next packet.
        let (room, reason) = read_one(u32::MAX);
        assert!(room <= PAGES, "{room}");
        assert_eq!(reason, "a packet of 4294967295 bytes cannot be");
    }
}
