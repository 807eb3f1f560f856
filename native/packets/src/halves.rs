//! One file on two threads, each of which reads a half: for sums, which need no order of flows.
//!
//! Nothing goes from one thread to the other while they read. What flows are open in the middle of the file is known
//! only when its first half was read. So of the second half the packets of those flows wait that may have begun
//! before: all that come soon, and what follows them without a long silence. Where the second half did not begin
//! where a packet does, or another guess was wrong, its work is thrown away, and the first thread reads on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use hashbrown::HashTable;

use crate::decode::{Decoder, Shared, Sink};
use crate::file::{CaptureReader, Chunk, Plain, CHUNK};
use crate::files::{Files, Progress};
use crate::flow::{longest_silence, may_be_patient, Table, LONG_SILENCE, SILENCE};
use crate::locked::lock;
use crate::packet::{Arrival, Key, Packet};
use crate::parallel::Rest;
use crate::sums::{Sums, SUMMED};

/// Smaller files are read before a second thread has begun.
const LEAST: u64 = 64 * CHUNK as u64;
/// So much earlier than the first packet of the second half may a packet be that comes behind it, in nanoseconds, and
/// so much later one before it.
const DISORDER: i64 = 60_000_000_000;
/// More packets than these do not wait: then too much happens at a time for halves.
const MOST: usize = 1 << 16;

/// What reads a half: decoder, flows, and what those that are over add up to.
pub struct Half {
    pub decoder: Decoder,
    pub table: Table,
    pub sums: Sums,
}

/// How reading came to its end.
pub enum Outcome {
    Done(Box<Rest>),
    /// Sums cannot tell what a table could, or the reading was stopped.
    GivenUp,
}

/// The second half, while it is read.
struct Second {
    half: Half,
    reader: CaptureReader,
    waiting: Waiting,
    progress: Arc<Progress>,
    /// Whether pieces of datagrams came early, which may belong to others in the first half.
    has_pieces: bool,
    is_wrong: bool,
}

/// Packets that may belong to flows of the first half.
#[derive(Default)]
struct Waiting {
    packets: Vec<Packet>,
    flows: HashTable<Unsure>,
    /// When the first packet came, and the latest.
    begin: Option<i64>,
    latest: i64,
    /// Flows that begin now do so in the second half: those that are never silent for very long, and the others.
    is_over: bool,
    is_over_for_all: bool,
    is_wrong: bool,
}

/// A flow that may have begun in the first half.
struct Unsure {
    key: Key,
    hash: u64,
    /// When a packet of it came last.
    last: i64,
}

impl Waiting {
    /// Does this packet wait?
    #[inline]
    fn takes(&mut self, packet: &Packet) -> bool {
        !self.is_empty_at(packet.time, &packet.key) && self.considers(packet)
    }

    /// Is this moment so late that no packet with this key waits any more, nor any that can be late behind it?
    #[inline]
    fn is_empty_at(&self, time: i64, key: &Key) -> bool {
        self.is_over
            && self.flows.is_empty()
            && (self.is_over_for_all || !may_be_patient(key))
            && time >= self.sure(key)
    }

    /// A flow of the first half with this key that had no packet in the second before this moment is over.
    fn sure(&self, key: &Key) -> i64 {
        self.begin.unwrap_or(i64::MAX).saturating_add(longest_silence(key) + DISORDER)
    }

    fn considers(&mut self, packet: &Packet) -> bool {
        self.begin.get_or_insert(packet.time);
        if packet.time > self.latest {
            self.pass(packet.time);
        }
        // It is late by more than is allowed for.
        self.is_wrong |= packet.time < self.latest.saturating_sub(DISORDER);
        let is_over = if may_be_patient(&packet.key) { self.is_over_for_all } else { self.is_over };
        match self.flows.find_mut(packet.hash, |flow| flow.key == packet.key) {
            Some(flow) if !is_over || packet.time < flow.last.saturating_add(longest_silence(&packet.key)) => {
                flow.last = packet.time.max(flow.last);
            }
            Some(flow) => {
                // Whatever it was, it is over: this begins another one.
                flow.key.protocol = u8::MAX;
                return false;
            }
            None if is_over => return false,
            None => {
                let Packet { key, hash, time, .. } = *packet;
                self.flows.insert_unique(hash, Unsure { key, hash, last: time }, |flow| flow.hash);
            }
        }
        self.packets.push(*packet);
        true
    }

    /// Time has come so far, by packets that were not looked at here, too.
    fn come_to(&mut self, now: i64) {
        if now > self.latest {
            self.pass(now);
        }
    }

    /// Time goes on.
    #[inline]
    fn pass(&mut self, now: i64) {
        let before = std::mem::replace(&mut self.latest, now);
        if now.div_euclid(DISORDER) != before.div_euclid(DISORDER) {
            let begin = self.begin.unwrap_or(i64::MAX);
            let is_over = |silence: i64| now >= begin.saturating_add(silence + 2 * DISORDER);
            self.is_over = self.is_over || is_over(SILENCE);
            self.is_over_for_all = self.is_over_for_all || is_over(LONG_SILENCE);
            self.flows.retain(|flow| now < flow.last.saturating_add(longest_silence(&flow.key) + DISORDER));
        }
    }
}

/// Where packets of the second half go.
struct Divided<'a> {
    table: &'a mut Table,
    waiting: &'a mut Waiting,
}

impl Sink for Divided<'_> {
    #[inline]
    fn take(&mut self, packet: &Packet, payload: &[u8]) {
        if !self.waiting.takes(packet) {
            self.table.take(packet, payload);
        }
    }

    #[inline]
    fn take_known(&mut self, key: &Key, reversed: bool, packet: &Arrival) -> bool {
        self.waiting.is_empty_at(packet.time, key) && self.table.take_known(key, reversed, packet)
    }
}

impl Half {
    /// Add up flows that are over, if they are many enough; false where sums are given up.
    fn add_up(&mut self, least: usize) -> bool {
        if self.table.finished.len() < least {
            return true;
        }
        let goes_on = self.table.finished.chunks(SUMMED).all(|flows| self.sums.add(flows));
        self.table.finished.clear();
        goes_on
    }
}

impl Second {
    /// Read it; false where sums are given up.
    fn read(&mut self, plain: &Plain, file: u32, begin: u64, over: &AtomicBool) -> bool {
        let (mut chunk, mut offset) = (Chunk::default(), begin);
        let Second { half, reader, waiting, .. } = self;
        while offset < plain.length && !over.load(Ordering::Relaxed) {
            let read = chunk.read(plain, offset);
            let before = reader.number();
            reader.index(plain, &mut chunk, read);
            self.progress.packets.fetch_add(reader.number() - before, Ordering::Relaxed);
            let mut sink = Divided { table: &mut half.table, waiting };
            for frame in &chunk.frames {
                half.decoder.frame(frame, chunk.bytes(frame), file, &mut sink);
            }
            half.table.pass(half.decoder.latest());
            waiting.come_to(half.decoder.latest());
            self.has_pieces |= !waiting.is_over && half.decoder.tally.fragments > 0;
            self.is_wrong |= waiting.is_wrong || waiting.packets.len() > MOST;
            if self.is_wrong {
                return true;
            }
            if !half.add_up(SUMMED) {
                return false;
            }
            offset += CHUNK as u64;
        }
        true
    }
}

/// The file, and where its halves meet: none where it is not of the kind, or too small.
pub fn middle(files: &mut Files) -> Option<(u32, Arc<Plain>, u64)> {
    let (file, plain) = files.only_plain()?;
    let middle = plain.length / 2 / CHUNK as u64 * CHUNK as u64;
    (plain.length >= LEAST).then_some((file, plain, middle))
}

/// Read all of a file, in halves that meet at `middle`. `shared` is what the decoder of the first has; pieces of
/// datagrams it does not share with the other.
pub fn read(
    mut files: Files,
    (file, plain, middle): (u32, Arc<Plain>, u64),
    mut first: Half,
    second: Half,
    shared: &Shared,
    progress: &Arc<Progress>,
) -> Outcome {
    // Its first block says of which format it is.
    let stopped = || progress.stop.load(Ordering::Relaxed);
    if !to(CHUNK as u64, &mut files, &mut first, &stopped) {
        return Outcome::GivenUp;
    }
    let begun = files.reader().and_then(|reader| reader.from(&plain, middle));
    let (over, given_up) = (AtomicBool::new(false), AtomicBool::new(false));
    let read = std::thread::scope(|scope| {
        let later = begun.map(|reader| {
            let begins = reader.position();
            let mut second = Second {
                half: second,
                reader,
                waiting: Waiting::default(),
                progress: progress.clone(),
                has_pieces: false,
                is_wrong: false,
            };
            let (plain, over, given_up) = (&plain, &over, &given_up);
            let thread = scope.spawn(move || {
                if !second.read(plain, file, middle, over) {
                    given_up.store(true, Ordering::Relaxed);
                }
                second
            });
            (begins, thread)
        });
        let limit = if later.is_some() { middle } else { u64::MAX };
        let stopped = || stopped() || given_up.load(Ordering::Relaxed);
        let mut goes_on = to(limit, &mut files, &mut first, &stopped);
        let fits = later.as_ref().is_none_or(|(begins, _)| files.reader().is_some_and(|one| one.position() == *begins));
        if !goes_on || !fits {
            over.store(true, Ordering::Relaxed);
        }
        // Its panic goes on here.
        let second = later.map(|(_, thread)| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        goes_on = goes_on && !stopped();
        let second = second.filter(|second| goes_on && fits && second.follows(&first, shared));
        if goes_on && second.is_none() {
            goes_on = to(u64::MAX, &mut files, &mut first, &stopped);
        }
        goes_on.then_some(second)
    });
    match read {
        Some(second) => together(files, first, second),
        None => Outcome::GivenUp,
    }
}

impl Second {
    /// Were its guesses right, now that the first half is known?
    fn follows(&self, first: &Half, shared: &Shared) -> bool {
        let last = first.decoder.told().last.unwrap_or(i64::MIN);
        let begin = self.waiting.begin.unwrap_or(i64::MAX);
        let pieces = self.has_pieces && lock(&shared.fragments).left() > 0;
        !self.is_wrong && !pieces && last <= begin.saturating_add(DISORDER)
    }
}

/// Read on in order, up to a block; false where sums are given up or the reading is stopped.
fn to(limit: u64, files: &mut Files, half: &mut Half, stopped: &impl Fn() -> bool) -> bool {
    let mut chunk = Chunk::default();
    while let Some(claim) = files.claim_before(limit) {
        if stopped() {
            return false;
        }
        let read = claim.read(&mut chunk);
        files.find(&claim, read, &mut chunk);
        for frame in &chunk.frames {
            half.decoder.frame(frame, chunk.bytes(frame), claim.file, &mut half.table);
        }
        half.table.pass(half.decoder.latest());
        if !half.add_up(SUMMED) {
            return false;
        }
    }
    true
}

/// Both halves are read: what waited goes to the flows of the first.
fn together(mut files: Files, mut first: Half, second: Option<Second>) -> Outcome {
    let mut halves = Vec::new();
    if let Some(Second { mut half, reader, waiting, .. }) = second {
        for packet in &waiting.packets {
            first.table.take(packet, &[]);
        }
        half.decoder.names.put_behind(files.reader().map_or(0, CaptureReader::number));
        files.end_with(reader);
        halves.push(half);
    }
    halves.insert(0, first);
    let (mut decoders, mut tables, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for mut half in halves {
        half.table.end();
        if !half.add_up(1) {
            return Outcome::GivenUp;
        }
        half.decoder.flush();
        decoders.push(half.decoder);
        tables.push(half.table);
        sums.push(half.sums);
    }
    Outcome::Done(Box::new(Rest { decoders, tables, files, sums }))
}
