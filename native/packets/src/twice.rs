//! Packets that several files have, where the times of the files overlap: two tools captured at the same place, say.
//!
//! The first file that has a packet keeps it. What makes two of them the same are their first bytes, with what IP and
//! transport number them by, how long they were, and when: two tools on one machine note the time some microseconds
//! apart. As many packets of a file are left out as another has, and no more.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::file::{Chunk, Frame};

/// Bytes that are compared: headers, and of what was cut short no more was kept.
const COMPARED: usize = 64;
/// So many nanoseconds apart, at most, may two tools have noted the same packet.
const APART: i64 = 100_000;
/// More packets are not kept to compare: 64 MiB.
const MOST: usize = 1 << 21;

/// Nanoseconds since 1970, both included: when two files or more were captured; and how far apart the same packet may be
/// noted in them. It is less where one is a copy of the other than where two tools captured.
pub type Window = (i64, i64, i64);

struct Seen {
    hash: u64,
    time: i64,
    file: u32,
    /// The file that had it last.
    again: u32,
}

#[derive(Default)]
pub struct Twice {
    windows: Vec<Window>,
    hasher: RandomState,
    seen: HashTable<Seen>,
    /// Packets left out, by file, and when the first and the last of them were captured.
    pub left_out: Vec<LeftOut>,
    /// Packets that were not compared, since there were too many.
    pub not_compared: u64,
}

/// Packets of a file that another has, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub file: u32,
    pub other: u32,
    pub packets: u64,
    pub first: i64,
    pub last: i64,
}

impl Twice {
    pub fn within(windows: Vec<Window>) -> Twice {
        Twice { windows, ..Twice::default() }
    }

    /// Leave out of a chunk what a file before this one had.
    #[inline]
    pub fn sort_out(&mut self, chunk: &mut Chunk, file: u32) {
        if !self.windows.is_empty() {
            self.compare(chunk, file);
        }
    }

    #[cold]
    fn compare(&mut self, chunk: &mut Chunk, file: u32) {
        let mut frames = std::mem::take(&mut chunk.frames);
        frames.retain(|frame| {
            let within = self.windows.iter().filter(|(begin, end, _)| (*begin..=*end).contains(&frame.time));
            let apart = within.map(|(_, _, apart)| *apart).max();
            apart.is_none_or(|apart| self.is_new(frame, chunk.bytes(frame), file, apart))
        });
        chunk.frames = frames;
    }

    fn hash(&self, frame: &Frame, data: &[u8], part: i64) -> u64 {
        let begin = data.get(..COMPARED).unwrap_or(data);
        self.hasher.hash_one((begin, frame.wire, frame.link, part))
    }

    fn is_new(&mut self, frame: &Frame, data: &[u8], file: u32, apart: i64) -> bool {
        let apart = apart.clamp(0, APART) as u64;
        let part = frame.time.div_euclid(APART);
        for part in [part, part - 1, part + 1] {
            let hash = self.hash(frame, data, part);
            let is_it = |seen: &Seen| {
                seen.hash == hash && seen.file != file && seen.again != file && seen.time.abs_diff(frame.time) <= apart
            };
            if let Some(seen) = self.seen.find_mut(hash, is_it) {
                seen.again = file;
                let other = seen.file;
                self.note(file, other, frame.time);
                return false;
            }
        }
        if self.seen.len() >= MOST {
            self.not_compared += 1;
            return true;
        }
        let seen = Seen { hash: self.hash(frame, data, part), time: frame.time, file, again: file };
        self.seen.insert_unique(seen.hash, seen, |seen| seen.hash);
        true
    }

    fn note(&mut self, file: u32, other: u32, time: i64) {
        match self.left_out.iter_mut().find(|known| (known.file, known.other) == (file, other)) {
            Some(known) => {
                known.packets += 1;
                (known.first, known.last) = (known.first.min(time), known.last.max(time));
            }
            None => self.left_out.push(LeftOut { file, other, packets: 1, first: time, last: time }),
        }
    }
}
