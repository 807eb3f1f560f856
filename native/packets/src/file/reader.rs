//! Buffers full of whole packets, whatever the format.

use std::io;
use std::sync::{Arc, Mutex};

use super::pcap::{self, Pcap};
use super::pcapng::Pcapng;
use super::{Damage, Interface, Source};

/// Bytes read at once. It fits the second cache, so that finding the packets in it costs little.
const CHUNK: usize = 1 << 17;
/// The longest record that is kept: a packet of 16 MiB with its options.
const LONGEST: usize = (1 << 24) + (1 << 16);

/// One captured packet in a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Nanoseconds since 1970, UTC.
    pub time: i64,
    /// Number in its file, from 1.
    pub number: u64,
    /// Where its bytes begin in the chunk.
    pub at: u32,
    /// How many bytes were captured.
    pub captured: u32,
    /// How many there were on the wire.
    pub wire: u32,
    /// Index into the list of interfaces.
    pub interface: u32,
    /// LINKTYPE_ number.
    pub link: u16,
    /// 1 in, 2 out, 0 not known (epb_flags).
    pub direction: u8,
}

/// What the bytes at a place are.
pub enum Progress {
    /// A packet, and where the next record begins.
    Frame(usize, Frame),
    /// Something else; the next record begins there.
    Skip(usize),
    /// So many bytes are to be left out, more than the buffer has.
    Jump(u64),
    /// Not all there yet: so many bytes are needed from here.
    More(usize),
    /// Not what the format allows.
    Damage(String),
}

/// A buffer with whole packets in it.
#[derive(Default)]
pub struct Chunk {
    pub buffer: Vec<u8>,
    filled: usize,
    pub frames: Vec<Frame>,
    /// Position in the order of chunks, over all files.
    pub sequence: u64,
}

impl Chunk {
    /// The captured bytes of a frame.
    #[inline]
    pub fn bytes(&self, frame: &Frame) -> &[u8] {
        let begin = frame.at as usize;
        self.buffer.get(begin..begin + frame.captured as usize).unwrap_or(&[])
    }
}

enum Format {
    Unknown,
    Pcap(Pcap),
    Pcapng(Box<Pcapng>),
}

/// Packets of one file, chunk by chunk.
pub struct CaptureReader {
    source: Source,
    format: Format,
    interfaces: Arc<Mutex<Vec<Interface>>>,
    file: u32,
    carry: Vec<u8>,
    /// Offset in the file of the first byte in the chunk.
    offset: u64,
    jump: u64,
    number: u64,
    pub damage: Vec<Damage>,
    ended: bool,
    pub since: i64,
    pub until: i64,
}

/// More damaged places than these are counted but not described.
const DAMAGES: usize = 100;

impl CaptureReader {
    pub fn new(source: Source, file: u32, interfaces: Arc<Mutex<Vec<Interface>>>) -> CaptureReader {
        CaptureReader {
            source,
            format: Format::Unknown,
            interfaces,
            file,
            carry: Vec::new(),
            offset: 0,
            jump: 0,
            number: 0,
            damage: Vec::new(),
            ended: false,
            since: i64::MIN,
            until: i64::MAX,
        }
    }

    /// Read on; false at the end. A chunk without frames is possible.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> bool {
        chunk.frames.clear();
        if self.ended {
            return false;
        }
        let size = CHUNK.max(self.carry.len() * 2);
        if chunk.buffer.len() < size {
            chunk.buffer.resize(size, 0);
        }
        let carried = self.carry.len();
        if let Some(begin) = chunk.buffer.get_mut(..carried) {
            begin.copy_from_slice(&self.carry);
        }
        let mut failure = None;
        let room = chunk.buffer.get_mut(carried..size).unwrap_or(&mut []);
        let count = self.source.fill(room).unwrap_or_else(|error| {
            failure = Some(error);
            0
        });
        chunk.filled = carried + count;
        let last = count == 0;
        let Chunk { buffer, filled, frames, .. } = chunk;
        let data = buffer.get(..*filled).unwrap_or(&[]);
        let used = self.parse(data, frames, last);
        let rest = data.get(used..).unwrap_or(&[]);
        if last {
            self.finish(rest, used, failure);
        }
        self.carry.clear();
        self.carry.extend_from_slice(rest);
        self.offset += used as u64;
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Interface>> {
        self.interfaces.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn finish(&mut self, rest: &[u8], used: usize, failure: Option<io::Error>) {
        self.ended = true;
        let reason = match failure {
            Some(error) => format!("the file cannot be read on: {error}"),
            None if matches!(self.format, Format::Unknown) && self.offset + used as u64 == 0 && rest.is_empty() => {
                "the file is empty".to_string()
            }
            None if rest.is_empty() && self.jump == 0 => return,
            None => "the file ends in the middle of a packet".to_string(),
        };
        if self.damage.last().is_some_and(|damage| damage.resumed.is_none()) {
            return;
        }
        self.note(self.offset + used as u64, reason, None);
    }

    fn note(&mut self, offset: u64, reason: String, resumed: Option<u64>) {
        if self.damage.len() < DAMAGES {
            let (file, packet) = (self.file, self.number);
            self.damage.push(Damage { file, offset, packet, reason, resumed });
        }
    }

    /// Find the packets; say how many bytes were used.
    fn parse(&mut self, data: &[u8], frames: &mut Vec<Frame>, last: bool) -> usize {
        let mut at = self.jump.min(data.len() as u64) as usize;
        self.jump -= at as u64;
        if self.jump > 0 {
            return at;
        }
        if matches!(self.format, Format::Unknown) {
            match self.begin(data, last) {
                Some(begin) => at = begin,
                None => return if self.ended { data.len() } else { 0 },
            }
        }
        loop {
            let progress = match &mut self.format {
                Format::Pcap(format) => format.next(data, at),
                Format::Pcapng(format) => format.next(data, at, &self.interfaces),
                Format::Unknown => return at,
            };
            match progress {
                Progress::Frame(next, mut frame) => {
                    self.number += 1;
                    frame.number = self.number;
                    if frame.time >= self.since && frame.time <= self.until {
                        frames.push(frame);
                    }
                    at = next;
                }
                Progress::Skip(next) => at = next,
                Progress::Jump(count) => {
                    let here = (data.len() - at) as u64;
                    if count > here {
                        self.jump = count - here;
                        return data.len();
                    }
                    at += count as usize;
                }
                Progress::More(needed) if needed <= LONGEST => return at,
                Progress::More(_) => match self.resync(data, at, "a record is longer than can be") {
                    Some(next) => at = next,
                    None => return data.len(),
                },
                Progress::Damage(reason) => match self.resync(data, at, &reason) {
                    Some(next) => at = next,
                    None => return data.len(),
                },
            }
        }
    }

    /// Recognize the format.
    fn begin(&mut self, data: &[u8], last: bool) -> Option<usize> {
        if data.len() < pcap::FILE_HEADER && !last {
            return None;
        }
        let mut interfaces = self.lock();
        let index = interfaces.len() as u32;
        if let Some(format) = Pcap::begin(data, index) {
            interfaces.push(Interface { file: self.file, link: format.link, ..Interface::default() });
            drop(interfaces);
            self.format = Format::Pcap(format);
            return Some(pcap::FILE_HEADER);
        }
        drop(interfaces);
        if data.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            self.format = Format::Pcapng(Box::new(Pcapng::new(self.file)));
            return Some(0);
        }
        let reason = if data.is_empty() { "the file is empty" } else { "this is neither a pcap nor a pcapng file" };
        self.note(0, reason.to_string(), None);
        self.ended = true;
        None
    }

    /// Look for the next place behind damage that looks like packets; None stops reading here.
    fn resync(&mut self, data: &[u8], at: usize, reason: &str) -> Option<usize> {
        let next = match &mut self.format {
            Format::Pcap(format) => format.resume(data, at + 1),
            Format::Pcapng(format) => format.resume(data, at + 4),
            Format::Unknown => None,
        };
        self.note(self.offset + at as u64, reason.to_string(), next.map(|next| self.offset + next as u64));
        self.ended = next.is_none();
        next
    }

    /// Which file this is.
    pub fn file(&self) -> u32 {
        self.file
    }

    /// The number of the last packet read.
    pub fn number(&self) -> u64 {
        self.number
    }
}
