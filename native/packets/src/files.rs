//! The files of a reading, one after the other, and how far it has come in them.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::doubled::Doubled;
use crate::file::{CaptureReader, Chunk, Damage, Interface, Plain, Source, Stream, Times, CHUNK};
use crate::naming::Names;
use crate::options::Options;
use crate::twice::Twice;

/// Shared with whoever watches: read without waiting for the reading.
#[derive(Default)]
pub struct Progress {
    pub bytes: Arc<AtomicU64>,
    pub packets: AtomicU64,
    pub stop: Arc<AtomicBool>,
}

/// Where the bytes of a capture are.
pub enum Origin {
    Path(PathBuf),
    Bytes(Vec<u8>),
}

impl Origin {
    fn open(self, progress: &Progress) -> std::io::Result<Source> {
        let count = progress.bytes.clone();
        match self {
            Origin::Path(path) => Source::open(&path, count, progress.stop.clone()),
            Origin::Bytes(bytes) => Source::memory(bytes, count),
        }
    }
}

/// The files, one after the other.
///
/// Reading has two steps. Whoever reads claims what comes next, a block of a plain file, and reads it: several
/// threads do so at once. Then, in the order of claims, the packets in it are found. A stream is read in the
/// second step.
pub struct Files {
    waiting: VecDeque<(u32, Origin)>,
    interfaces: Arc<Mutex<Vec<Interface>>>,
    progress: Arc<Progress>,
    /// Claims are made in the last opened of these; packets are found in the first.
    open: VecDeque<Open>,
    damage: Vec<Damage>,
    /// Of files that were read.
    times: Vec<Times>,
    pub twice: Twice,
    pub doubled: Doubled,
    /// Those that stand in the files themselves.
    pub names: Names,
    claimed: u64,
    /// How many claims were made good.
    pub found: u64,
    since: i64,
    until: i64,
}

/// A file being read.
struct Open {
    file: u32,
    reader: CaptureReader,
    source: Opened,
}

enum Opened {
    /// With the offset of what is claimed next.
    Plain(Arc<Plain>, u64),
    /// It may have ended.
    Stream(Stream, bool),
}

/// The right to read something, once.
pub struct Claim {
    pub sequence: u64,
    pub file: u32,
    block: Option<(Arc<Plain>, u64)>,
}

impl Claim {
    /// Read what was claimed, as far as that may be done before those claimed earlier were made good.
    pub fn read(&self, chunk: &mut Chunk) -> std::io::Result<()> {
        chunk.sequence = self.sequence;
        match &self.block {
            Some((plain, offset)) => chunk.read(plain, *offset),
            None => Ok(()),
        }
    }
}

impl Files {
    /// The files to be read; those in memory have no names.
    pub fn new(
        origins: Vec<Origin>,
        interfaces: Arc<Mutex<Vec<Interface>>>,
        progress: Arc<Progress>,
        options: &Options,
    ) -> Files {
        Files {
            waiting: origins.into_iter().enumerate().map(|(at, origin)| (at as u32, origin)).collect(),
            interfaces,
            progress,
            open: VecDeque::new(),
            damage: Vec::new(),
            times: Vec::new(),
            twice: Twice::within(options.overlaps.clone()),
            doubled: Doubled::default(),
            names: Names::new(options.names),
            claimed: 0,
            found: 0,
            since: options.since.unwrap_or(i64::MIN),
            until: options.until.unwrap_or(i64::MAX),
        }
    }

    /// Everything that was wrong with the files so far.
    pub fn all_damage(&self) -> Vec<Damage> {
        let open = self.open.iter().flat_map(|open| open.reader.damage.iter());
        let mut all: Vec<Damage> = self.damage.iter().chain(open).cloned().collect();
        all.sort_by_key(|damage| damage.file);
        all
    }

    /// The times in each file that was read so far.
    pub fn all_times(&self) -> Vec<Times> {
        let open = self.open.iter().filter_map(|open| open.reader.clock.times(open.file));
        self.times.iter().cloned().chain(open).collect()
    }

    /// Claim what is to be read next; none where all is claimed.
    pub fn claim(&mut self) -> Option<Claim> {
        loop {
            if let Some(Open { file, source, .. }) = self.open.back_mut() {
                let block = match source {
                    Opened::Plain(plain, next) if *next < plain.length => {
                        let at = *next;
                        *next += CHUNK as u64;
                        Some(Some((plain.clone(), at)))
                    }
                    Opened::Stream(_, false) => Some(None),
                    Opened::Plain(..) | Opened::Stream(..) => None,
                };
                if let Some(block) = block {
                    self.claimed += 1;
                    return Some(Claim { sequence: self.claimed - 1, file: *file, block });
                }
            }
            if !self.open_next() {
                return None;
            }
        }
    }

    /// Open the next file; false where there is none.
    fn open_next(&mut self) -> bool {
        let Some((file, origin)) = self.waiting.pop_front() else { return false };
        match origin.open(&self.progress) {
            Ok(source) => {
                let mut reader = CaptureReader::new(file, self.interfaces.clone());
                reader.within(self.since, self.until);
                reader.noted.listening = self.names.listening;
                let source = match source {
                    Source::Plain(plain) => {
                        let plain = Arc::new(plain);
                        reader.ahead = Some(plain.clone());
                        Opened::Plain(plain, 0)
                    }
                    Source::Stream(stream) => Opened::Stream(stream, false),
                };
                self.open.push_back(Open { file, reader, source });
            }
            Err(error) => self.damage.push(Damage {
                file,
                offset: 0,
                packet: 0,
                reason: format!("the file cannot be opened: {error}"),
                resumed: None,
            }),
        }
        true
    }

    /// Claim the same, unless it is a block that begins at this offset or later.
    pub fn claim_before(&mut self, limit: u64) -> Option<Claim> {
        if self.open.back().is_some_and(|open| matches!(open.source, Opened::Plain(_, next) if next >= limit)) {
            return None;
        }
        self.claim()
    }

    /// The only file that there is to read, where nothing of it was claimed and it is a plain one.
    pub fn only_plain(&mut self) -> Option<(u32, Arc<Plain>)> {
        if self.open.is_empty() && self.waiting.len() == 1 {
            self.open_next();
        }
        match self.open.front() {
            Some(Open { file, source: Opened::Plain(plain, 0), .. }) if self.waiting.is_empty() => {
                Some((*file, plain.clone()))
            }
            _ => None,
        }
    }

    /// Whoever finds the packets of the file that is read now.
    pub fn reader(&self) -> Option<&CaptureReader> {
        self.open.front().map(|open| &open.reader)
    }

    /// Somebody else has read the rest of the only file.
    pub fn end_with(&mut self, later: CaptureReader) {
        if let Some(Open { reader, source: Opened::Plain(plain, next), .. }) = self.open.front_mut() {
            reader.end_with(later);
            *next = plain.length;
        }
    }

    /// Find the packets in what was read, in the order of claims.
    pub fn find(&mut self, claim: &Claim, read: std::io::Result<()>, chunk: &mut Chunk) {
        self.found = claim.sequence + 1;
        while self.open.front().is_some_and(|open| open.file != claim.file) {
            let Some(Open { file, reader, .. }) = self.open.pop_front() else { break };
            self.damage.extend(reader.damage);
            self.times.extend(reader.clock.times(file));
        }
        chunk.frames.clear();
        let Some(Open { reader, source, .. }) = self.open.front_mut() else { return };
        let before = reader.number();
        match (&claim.block, source) {
            (Some((plain, _)), _) => reader.index(plain, chunk, read),
            (None, Opened::Stream(stream, ended)) => *ended = *ended || !reader.next_chunk(stream, chunk),
            (None, Opened::Plain(..)) => {}
        }
        self.progress.packets.fetch_add(reader.number() - before, Ordering::Relaxed);
        self.twice.sort_out(chunk, claim.file);
        if claim.file == 0 {
            self.doubled.look(chunk);
        }
        if let Some(noted) = reader.take_noted(chunk.frames.first().map(|frame| frame.time)) {
            self.names.merge(noted);
        }
    }
}
