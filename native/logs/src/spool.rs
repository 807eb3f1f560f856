//! Segments of the spool: what a receiver wrote down before anybody looked at it.
//!
//! A header of 16 bytes (`whspool1`, number of the segment), then records: length, microseconds since 1970, kind, length
//! of the peer's text, its port (16 bytes, little endian), the peer, the message.

use std::io;

use whence_packets::Source;

pub const MAGIC: &[u8; 8] = b"whspool1";
const HEADER: usize = 16;
const HEAD: usize = 16;
/// No receiver writes more.
const LONGEST: usize = 1 << 20;
/// A gap: what was not stored. It is no line.
pub const GAP: u8 = 7;

/// One record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Of its first byte in the segment.
    pub offset: u64,
    pub received: i64,
    pub kind: u8,
    pub peer: &'a [u8],
    pub message: &'a [u8],
}

/// What comes next in a segment.
#[derive(Debug)]
pub enum Step<'a> {
    Record(Record<'a>),
    /// No whole record is there; it may still be written.
    End,
    /// What is there cannot be a record.
    Damaged(&'static str),
}

/// A segment, record by record.
pub struct Spool {
    source: Source,
    buffer: Vec<u8>,
    begin: usize,
    end: usize,
    offset: u64,
    /// The segment's number.
    pub number: u64,
}

impl Spool {
    /// Read from the record at an offset on; from the first where it is 0. None where there is no header yet.
    pub fn new(source: Source, start: u64) -> io::Result<Result<Spool, &'static str>> {
        let mut spool = Spool { source, buffer: vec![0; 4 << 20], begin: 0, end: 0, offset: 0, number: 0 };
        spool.fill()?;
        let Some((head, _)) = spool.buffer.get(..spool.end).and_then(|bytes| bytes.split_first_chunk::<HEADER>())
        else {
            return Ok(Err("shorter than the header of a segment"));
        };
        let Some((magic, number)) = head.split_first_chunk::<8>() else { return Ok(Err("no header of a segment")) };
        if magic != MAGIC {
            return Ok(Err("no header of a segment"));
        }
        spool.number = u64::from_le_bytes(number.try_into().unwrap_or_default());
        let mut skip = start.max(HEADER as u64);
        if let Source::Plain(_) = spool.source {
            spool.begin = 0;
            spool.end = 0;
            spool.offset = skip;
        } else {
            while skip > 0 {
                let most = (spool.end - spool.begin).min(usize::try_from(skip).unwrap_or(usize::MAX));
                spool.begin += most;
                skip -= most as u64;
                if skip > 0 && !spool.more()? {
                    break;
                }
            }
        }
        Ok(Ok(spool))
    }

    fn fill(&mut self) -> io::Result<usize> {
        let at = self.offset + self.end as u64;
        let Some(rest) = self.buffer.get_mut(self.end..) else { return Ok(0) };
        let count = self.source.read(rest, at)?;
        self.end += count;
        Ok(count)
    }

    fn more(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.begin..self.end, 0);
        self.offset += self.begin as u64;
        self.end -= self.begin;
        self.begin = 0;
        Ok(self.fill()? > 0)
    }

    /// Where the next record is.
    pub fn offset(&self) -> u64 {
        self.offset + self.begin as u64
    }

    /// How many bytes the record takes that stands at `begin`, if its head is there.
    fn length(&self) -> Option<Result<usize, &'static str>> {
        let head = self.buffer.get(self.begin..self.end)?.first_chunk::<HEAD>()?;
        let [a, b, c, d, _, _, _, _, _, _, _, _, kind, peer, _, _] = *head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > LONGEST {
            return Some(Err("a record longer than any can be"));
        }
        if !(1..=GAP).contains(&kind) {
            return Some(Err("a record of an unknown kind"));
        }
        Some(Ok(HEAD + usize::from(peer) + length))
    }

    /// The next record.
    pub fn next(&mut self) -> io::Result<Step<'_>> {
        loop {
            match self.length() {
                Some(Err(why)) => return Ok(Step::Damaged(why)),
                Some(Ok(length)) if length <= self.end - self.begin => {
                    let offset = self.offset();
                    let begin = self.begin;
                    self.begin += length;
                    let record = self.buffer.get(begin..begin + length).unwrap_or_default();
                    let Some((head, rest)) = record.split_first_chunk::<HEAD>() else { return Ok(Step::End) };
                    let [_, _, _, _, time @ .., kind, peer, _, _] = *head;
                    let (peer, message) = rest.split_at(usize::from(peer).min(rest.len()));
                    return Ok(Step::Record(Record {
                        offset,
                        received: i64::from_le_bytes(time),
                        kind,
                        peer,
                        message,
                    }));
                }
                _ if !self.more()? => return Ok(Step::End),
                _ => {}
            }
        }
    }
}
