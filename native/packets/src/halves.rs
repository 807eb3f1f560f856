//! One file on two threads, each of which reads a half: for sums, which need no order of flows.
//!
//! Nothing goes from one thread to the other while they read. What flows are open in the middle of the file is known
//! only when its first half was read. So of the second half the packets of those flows wait that may have begun
//! before: all that come soon, and what follows them without a long silence. Where the second half did not begin
//! where a packet does, or another guess was wrong, its work is thrown away, and the rest is read in order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use hashbrown::HashTable;

use crate::decode::{Decoder, Shared, Sink};
use crate::file::{CaptureReader, Chunk, Plain, CHUNK};
use crate::files::{Files, Progress};
use crate::flow::{longest_silence, Table, SILENCE};
use crate::locked::lock;
use crate::packet::{Arrival, Key, Packet, Segment, SYN, TCP};
use crate::parallel::Rest;
use crate::sums::{Sums, SUMMED};

/// Smaller files are read before a second thread has begun.
const LEAST: u64 = 64 * CHUNK as u64;
/// So much earlier than the first packet of the second half may a packet be that comes behind it, in nanoseconds, and
/// so much later one before it.
const DISORDER: i64 = 5_000_000_000;
/// A SYN that comes later was hardly sent before, too: it begins another connection. Where many packets wait already,
/// it is one that comes as much later as a SYN that nobody answered is remembered.
const REPEATED: i64 = 60_000_000_000;
const REPEATED_SOON: i64 = 5_000_000_000;
const MANY: usize = MOST / 4;
/// How often flows are looked through for those that are over.
const SWEEP: i64 = 60_000_000_000;
/// More packets than these do not wait, nor are so many connections remembered: then too much happens at a time for
/// halves.
const MOST: usize = 1 << 17;

/// What reads a half: decoder, flows, and what those that are over add up to.
pub struct Half {
    pub decoder: Decoder,
    pub table: Table,
    pub sums: Sums,
}

/// How reading came to its end.
pub enum Outcome {
    Done(Box<Rest>),
    /// There is no second half, or its work was in vain: what is to be read on.
    InVain(Box<(Half, Files)>),
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
}

/// Packets that may belong to flows of the first half.
#[derive(Default)]
struct Waiting {
    packets: Vec<Packet>,
    /// How many waited behind a block, and the latest time before another one waits.
    blocks: Vec<(usize, i64)>,
    flows: HashTable<Unsure>,
    /// Connections that began with a SYN, at a time when others of the same ends could still go on.
    begun: HashTable<Begun>,
    /// When the first packet came, and the latest.
    begin: Option<i64>,
    latest: i64,
    is_wrong: bool,
}

/// A flow that may have begun in the first half.
struct Unsure {
    key: Key,
    hash: u64,
    /// When a packet of it came last.
    last: i64,
}

/// A connection that was said to begin: it does unless its SYN was sent before.
struct Begun {
    key: Key,
    hash: u64,
    time: i64,
    sequence: u32,
}

impl Waiting {
    /// Does this packet wait? Where one with its key does not, no later one does.
    #[inline]
    fn takes(&mut self, packet: &Packet) -> bool {
        !self.is_empty_at(packet.time, &packet.key) && self.considers(packet)
    }

    /// Is this moment so late that no packet with this key waits any more, nor any that can be late behind it?
    #[inline]
    fn is_empty_at(&self, time: i64, key: &Key) -> bool {
        self.flows.is_empty() && self.is_over(key) && time >= self.sure(key)
    }

    /// For how long the second half has gone on, whatever is out of order.
    #[inline]
    fn passed(&self) -> i64 {
        self.begin.map_or(i64::MIN, |begin| self.latest.saturating_sub(begin).saturating_sub(2 * DISORDER))
    }

    /// Do flows with this key that begin now do so in the second half?
    #[inline]
    fn is_over(&self, key: &Key) -> bool {
        self.passed() >= longest_silence(key)
    }

    /// Does a SYN that is sent now begin a connection?
    fn is_new(&self) -> bool {
        self.passed() >= if self.packets.len() < MANY { REPEATED } else { REPEATED_SOON }
    }

    /// A flow of the first half with this key that had no packet in the second before this moment is over.
    fn sure(&self, key: &Key) -> i64 {
        self.begin.unwrap_or(i64::MAX).saturating_add(longest_silence(key) + DISORDER)
    }

    fn considers(&mut self, packet: &Packet) -> bool {
        self.begin.get_or_insert(packet.time);
        self.come_to(packet.time);
        // It is late by more than is allowed for.
        self.is_wrong |= packet.time < self.latest.saturating_sub(DISORDER);
        let Packet { key, hash, time, segment, .. } = *packet;
        let (is_over, silence) = (self.is_over(&key), longest_silence(&key));
        let begins = key.protocol == TCP && segment.sound && segment.begins() && self.is_new();
        match self.flows.find_mut(hash, |flow| flow.key == key) {
            Some(flow) if !is_over || time < flow.last.saturating_add(silence) => flow.last = time.max(flow.last),
            Some(flow) => {
                // Whatever it was, it is over: this begins another one.
                flow.key.protocol = u8::MAX;
                return false;
            }
            None if is_over || self.begun.find(hash, |begun| begun.key == key).is_some() => return false,
            None if begins => {
                let begun = Begun { key, hash, time, sequence: segment.sequence };
                self.begun.insert_unique(hash, begun, |begun| begun.hash);
                return false;
            }
            None => {
                self.flows.insert_unique(hash, Unsure { key, hash, last: time }, |flow| flow.hash);
            }
        }
        self.packets.push(*packet);
        true
    }

    /// Time has come so far, by packets that were not looked at here, too.
    #[inline]
    fn come_to(&mut self, now: i64) {
        if now > self.latest {
            let before = std::mem::replace(&mut self.latest, now);
            if now.div_euclid(SWEEP) != before.div_euclid(SWEEP) {
                self.sweep();
            }
        }
    }

    fn sweep(&mut self) {
        let now = self.latest;
        self.flows.retain(|flow| now < flow.last.saturating_add(longest_silence(&flow.key) + DISORDER));
        self.flows.shrink_to(2 * self.flows.len(), |flow| flow.hash);
    }

    /// A block is over, and so are all flows that end by this time.
    fn pass(&mut self, now: i64) {
        self.come_to(now);
        match self.blocks.last_mut().filter(|block| block.0 == self.packets.len()) {
            Some(block) => block.1 = now,
            None => self.blocks.push((self.packets.len(), now)),
        }
        self.is_wrong |= self.packets.len() > MOST || self.begun.len() > MOST;
    }

    /// Give what waited to those flows that were open then.
    fn hand_over(&self, table: &mut Table, latest: i64) {
        let mut from = 0;
        for (to, time) in &self.blocks {
            for packet in self.packets.get(from..*to).unwrap_or(&[]) {
                table.take(packet, &[]);
            }
            table.pass(latest.max(*time));
            from = *to;
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
        // No packet of a flow that is known here waits.
        self.table.take_known(key, reversed, packet)
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

    /// All flows are over; false where sums are given up.
    fn end(&mut self) -> bool {
        self.table.end();
        self.add_up(1)
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
            waiting.pass(half.decoder.latest());
            self.has_pieces |= waiting.passed() < SILENCE && half.decoder.tally.fragments > 0;
            if waiting.is_wrong {
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
    if !to(|| CHUNK as u64, &mut files, &mut first, &stopped) {
        return Outcome::GivenUp;
    }
    let Some(reader) = files.reader().and_then(|reader| reader.from(&plain, middle)) else {
        return Outcome::InVain(Box::new((first, files)));
    };
    let begins = reader.position();
    let (waiting, progress) = (Waiting::default(), progress.clone());
    let mut second = Second { half: second, reader, waiting, progress, has_pieces: false };
    let (over, given_up, in_vain) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
    let read = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if !second.read(&plain, file, middle, &over) || !second.end() {
                given_up.store(true, Ordering::Relaxed);
            }
            in_vain.store(second.waiting.is_wrong, Ordering::Relaxed);
            second
        });
        let stopped = || stopped() || given_up.load(Ordering::Relaxed);
        let limit = || if in_vain.load(Ordering::Relaxed) { 0 } else { middle };
        let goes_on = to(limit, &mut files, &mut first, &stopped);
        let fits = files.reader().is_some_and(|reader| reader.position() == begins);
        if !goes_on || !fits {
            over.store(true, Ordering::Relaxed);
        }
        // Its panic goes on here.
        let second = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let follows = goes_on && fits && second.follows(&first, shared);
        (goes_on && !stopped()).then_some((second, follows))
    });
    match read {
        Some((second, true)) => together(files, first, second),
        Some((_, false)) => Outcome::InVain(Box::new((first, files))),
        None => Outcome::GivenUp,
    }
}

impl Second {
    /// All of it is read; false where sums are given up.
    fn end(&mut self) -> bool {
        self.waiting.is_wrong || self.half.end()
    }

    /// Were its guesses right, now that the first half is known?
    fn follows(&self, first: &Half, shared: &Shared) -> bool {
        let last = first.decoder.told().last.unwrap_or(i64::MIN);
        let begin = self.waiting.begin.unwrap_or(i64::MAX);
        let pieces = self.has_pieces && lock(&shared.fragments).left() > 0;
        let goes_on = |begun: &Begun| {
            let segment = Segment { flags: SYN, sequence: begun.sequence, sound: true, ..Segment::default() };
            first.table.would_go_on(&begun.key, begun.hash, begun.time, &segment)
        };
        !self.waiting.is_wrong
            && !pieces
            && last <= begin.saturating_add(DISORDER)
            && !self.waiting.begun.iter().any(goes_on)
    }
}

/// Read on in order, up to a block; false where sums are given up or the reading is stopped.
fn to(limit: impl Fn() -> u64, files: &mut Files, half: &mut Half, stopped: &impl Fn() -> bool) -> bool {
    let mut chunk = Chunk::default();
    while let Some(claim) = files.claim_before(limit()) {
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
fn together(mut files: Files, mut first: Half, second: Second) -> Outcome {
    let Second { half: mut later, reader, waiting, .. } = second;
    waiting.hand_over(&mut first.table, first.decoder.latest());
    later.decoder.names.put_behind(files.reader().map_or(0, CaptureReader::number));
    files.end_with(reader);
    let (mut decoders, mut tables, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for mut half in [first, later] {
        if !half.end() {
            return Outcome::GivenUp;
        }
        half.decoder.flush();
        decoders.push(half.decoder);
        tables.push(half.table);
        sums.push(half.sums);
    }
    Outcome::Done(Box::new(Rest { decoders, tables, files, sums }))
}
