//! One file on several threads.
//!
//! Finding the packets in a file must go through it in order, and so must a flow's packets through its
//! state. What lies before and between, reading and decoding, may be done in any order. So each worker
//! reads the next chunk of the file, finds its packets when those before were found, decodes them, and
//! lays them down by share: a share is the flows whose hash says so. Then it takes the packets of its own
//! share, in the order of chunks, because its processor has those flows at hand; and those of another
//! share where too many wait and nobody works on it. Every worker does some of everything; nobody waits
//! for a slower stage.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{sync_channel, Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::decode::{Decoder, Sink};
use crate::file::Chunk;
use crate::files::{Files, Progress};
use crate::flow::{Flow, Table};
use crate::locked::lock;
use crate::packet::{Packet, TCP};
use crate::sums::Sums;

/// So many chunks may wait in a share before its worker stops to read more.
const WAITING: usize = 8;
/// Where so many wait in a share, others than its own worker take them.
const MANY: usize = WAITING / 2;
const PAUSE: Duration = Duration::from_micros(50);
/// How often whoever waits for its turn looks whether all are to stop.
const PATIENCE: Duration = Duration::from_millis(20);
/// Batches that wait for whoever reads.
const BATCHES: usize = 2;

/// Stops the others where a worker panics: they would wait for its chunk for ever.
struct Alarm<'a>(&'a Progress);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop.store(true, Ordering::Relaxed);
        }
    }
}

/// In place of where a payload is in its chunk: it is not there, but so far behind this among those kept beside.
const BESIDE: u32 = 1 << 31;

/// Packets, and the payload of those segments that were put together of pieces, which is in no chunk.
#[derive(Default)]
struct Decoded {
    packets: Vec<Packet>,
    beside: Vec<u8>,
}

impl Decoded {
    #[inline]
    fn push(&mut self, packet: &Packet, payload: &[u8]) {
        self.packets.push(*packet);
        // Of other protocols no flow looks at the payload.
        if packet.payload_captured == 0 && !payload.is_empty() && packet.key.protocol == TCP {
            self.keep(payload);
        }
    }

    #[cold]
    fn keep(&mut self, payload: &[u8]) {
        let Ok(at) = u32::try_from(self.beside.len()) else { return };
        if let Some(packet) = self.packets.last_mut().filter(|_| at < BESIDE) {
            packet.payload_at = BESIDE | at;
            packet.payload_captured = payload.len() as u32;
            self.beside.extend_from_slice(payload);
        }
    }

    #[inline]
    fn payload<'a>(&'a self, packet: &Packet, chunk: &'a Chunk) -> &'a [u8] {
        match packet.payload_at.checked_sub(BESIDE) {
            None => chunk.part(packet.payload_at, packet.payload_captured),
            Some(at) => {
                let begin = at as usize;
                self.beside.get(begin..begin + packet.payload_captured as usize).unwrap_or(&[])
            }
        }
    }

    fn clear(&mut self) {
        self.packets.clear();
        self.beside = Vec::new();
    }
}

struct Part {
    decoded: Decoded,
    /// The latest time in the chunk, or in another before it.
    latest: i64,
    chunk: Arc<Chunk>,
}

struct Share {
    /// Packets by chunk. Its lock is held for moments only, so that nobody waits for who takes packets in.
    waiting: Mutex<BTreeMap<u64, Part>>,
    flows: Mutex<Ordered>,
}

/// A table, and the chunk that comes next for it.
struct Ordered {
    table: Table,
    next: u64,
    /// The latest time in the chunks so far.
    latest: i64,
    /// Where flows that are over are added up, if they are not handed out.
    sums: Option<Sums>,
}

/// What the workers have together.
struct Hall {
    files: Mutex<Files>,
    /// Told when the packets of a chunk were found.
    found: Condvar,
    progress: Arc<Progress>,
    shares: Vec<Share>,
    chunks: Mutex<Vec<Chunk>>,
    lists: Mutex<Vec<Decoded>>,
    working: AtomicUsize,
    /// How many flows to hand out at once.
    batch: usize,
}

/// Workers, and what they hand out.
pub struct Workers {
    hall: Arc<Hall>,
    threads: Vec<JoinHandle<Decoder>>,
    flows: Option<Receiver<Vec<Flow>>>,
}

/// What is left when all is read.
pub struct Rest {
    pub decoders: Vec<Decoder>,
    pub tables: Vec<Table>,
    pub files: Files,
    /// Of each table, where its flows were added up.
    pub sums: Vec<Sums>,
}

impl Workers {
    /// Begin to read. Flows that are over are handed out, or added to `sums`, of which there are none or as many as
    /// tables; nothing is handed out then, and where sums are given up the reading stops.
    pub fn start(
        decoders: Vec<Decoder>,
        tables: Vec<Table>,
        sums: Vec<Sums>,
        files: Files,
        progress: Arc<Progress>,
        batch: usize,
    ) -> Workers {
        // Something may have been read already.
        let next = files.found;
        let sums = sums.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        let shares = tables
            .into_iter()
            .zip(sums)
            .map(|(table, sums)| Share {
                waiting: Mutex::default(),
                flows: Mutex::new(Ordered { table, next, latest: i64::MIN, sums }),
            })
            .collect();
        let hall = Arc::new(Hall {
            files: Mutex::new(files),
            found: Condvar::new(),
            progress,
            shares,
            chunks: Mutex::default(),
            lists: Mutex::default(),
            working: AtomicUsize::new(decoders.len()),
            batch,
        });
        let (sender, receiver) = sync_channel(BATCHES);
        let threads = decoders
            .into_iter()
            .enumerate()
            .map(|(own, decoder)| {
                let (hall, sender) = (hall.clone(), sender.clone());
                std::thread::spawn(move || hall.work(own, decoder, &sender))
            })
            .collect();
        Workers { hall, threads, flows: Some(receiver) }
    }

    /// The next finished flows; none when all is read or the reading was stopped.
    pub fn next_flows(&self) -> Option<Vec<Flow>> {
        self.flows.as_ref()?.recv().ok()
    }

    /// All workers are done: give back what they had. A worker's panic goes on here.
    pub fn finish(mut self) -> Option<Rest> {
        self.flows = None;
        let mut decoders = Vec::new();
        for thread in self.threads.drain(..) {
            match thread.join() {
                Ok(decoder) => decoders.push(decoder),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        let hall = self.hall.clone();
        drop(self);
        let hall = Arc::into_inner(hall)?;
        let (mut tables, mut sums) = (Vec::new(), Vec::new());
        for share in hall.shares {
            let ended = share.flows.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
            tables.push(ended.table);
            sums.extend(ended.sums);
        }
        let files = hall.files.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        Some(Rest { decoders, tables, files, sums })
    }

    pub fn damage(&self) -> Vec<crate::file::Damage> {
        lock(&self.hall.files).all_damage()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Whoever is stopped in the middle: the workers find nobody to hand out to, and go.
        self.hall.progress.stop.store(!self.threads.is_empty(), Ordering::Relaxed);
        self.flows = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// The share, of so many, of flows with this hash.
#[inline]
pub fn share(hash: u64, shares: usize) -> usize {
    (hash >> 24) as usize % shares.max(1)
}

/// Packets laid down by share.
struct Shares<'a> {
    parts: &'a mut [Decoded],
}

impl Sink for Shares<'_> {
    #[inline]
    fn take(&mut self, packet: &Packet, payload: &[u8]) {
        let share = share(packet.hash, self.parts.len());
        if let Some(part) = self.parts.get_mut(share) {
            part.push(packet, payload);
        }
    }
}

impl Hall {
    fn work(&self, own: usize, mut decoder: Decoder, sender: &SyncSender<Vec<Flow>>) -> Decoder {
        let _alarm = Alarm(&self.progress);
        let mut parts: Vec<Decoded> = Vec::new();
        loop {
            if self.progress.stop.load(Ordering::Relaxed) {
                break;
            }
            if self.shares.iter().any(|share| lock(&share.waiting).len() >= WAITING) {
                // Whoever has the chunk that all wait for is not running just now.
                std::thread::sleep(PAUSE);
                if self.drain(own, sender, false) {
                    continue;
                }
                break;
            }
            let mut chunk = lock(&self.chunks).pop().unwrap_or_default();
            let Some(file) = self.next_chunk(&mut chunk) else { break };
            while parts.len() < self.shares.len() {
                parts.push(lock(&self.lists).pop().unwrap_or_default());
            }
            for frame in &chunk.frames {
                decoder.frame(frame, chunk.bytes(frame), file, &mut Shares { parts: &mut parts });
            }
            let (sequence, latest) = (chunk.sequence, decoder.latest());
            let chunk = Arc::new(chunk);
            for (share, decoded) in self.shares.iter().zip(parts.drain(..)) {
                lock(&share.waiting).insert(sequence, Part { decoded, latest, chunk: chunk.clone() });
            }
            drop(chunk);
            if !self.drain(own, sender, false) {
                break;
            }
        }
        if self.working.fetch_sub(1, Ordering::AcqRel) == 1 && !self.progress.stop.load(Ordering::Relaxed) {
            self.end(sender);
        }
        decoder.flush();
        decoder
    }

    /// Read the next packets; none where there are no more. Says which file they are of.
    fn next_chunk(&self, chunk: &mut Chunk) -> Option<u32> {
        let claim = lock(&self.files).claim()?;
        let read = claim.read(chunk);
        let mut files = lock(&self.files);
        while files.found != claim.sequence {
            if self.progress.stop.load(Ordering::Relaxed) {
                return None;
            }
            let waited = self.found.wait_timeout(files, PATIENCE);
            files = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
        files.find(&claim, read, chunk);
        drop(files);
        self.found.notify_all();
        Some(claim.file)
    }

    /// Take what waits in the own share, and in others where it is much or all is wanted; false when nobody wants
    /// the flows any more.
    fn drain(&self, own: usize, sender: &SyncSender<Vec<Flow>>, all: bool) -> bool {
        let (before, from) = self.shares.split_at(own.min(self.shares.len()));
        for (step, share) in from.iter().chain(before).enumerate() {
            if step > 0 && !all && lock(&share.waiting).len() < MANY {
                continue;
            }
            let mut guard = match share.flows.try_lock() {
                Ok(guard) => guard,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) if !all => continue,
                Err(TryLockError::WouldBlock) => lock(&share.flows),
            };
            if !self.drain_share(share, &mut guard, sender) {
                return false;
            }
        }
        true
    }

    fn drain_share(&self, share: &Share, flows: &mut Ordered, sender: &SyncSender<Vec<Flow>>) -> bool {
        loop {
            let Some(mut part) = lock(&share.waiting).remove(&flows.next) else { return true };
            flows.next += 1;
            for packet in &part.decoded.packets {
                flows.table.take(packet, part.decoded.payload(packet, &part.chunk));
            }
            flows.latest = flows.latest.max(part.latest);
            flows.table.pass(flows.latest);
            part.decoded.clear();
            lock(&self.lists).push(part.decoded);
            if let Some(chunk) = Arc::into_inner(part.chunk) {
                let mut chunks = lock(&self.chunks);
                if chunks.len() < WAITING {
                    chunks.push(chunk);
                }
            }
            if flows.table.finished.len() >= self.batch && !self.hand_out(flows, sender) {
                return false;
            }
        }
    }

    /// Hand flows out that are over, or add them up; false when nobody wants them any more.
    fn hand_out(&self, flows: &mut Ordered, sender: &SyncSender<Vec<Flow>>) -> bool {
        let finished = &mut flows.table.finished;
        let Some(sums) = &mut flows.sums else { return sender.send(std::mem::take(finished)).is_ok() };
        let goes_on = finished.chunks(self.batch.max(1)).all(|flows| sums.add(flows));
        finished.clear();
        if !goes_on {
            self.progress.stop.store(true, Ordering::Relaxed);
        }
        goes_on
    }

    /// The last worker hands out what is left.
    fn end(&self, sender: &SyncSender<Vec<Flow>>) {
        if !self.drain(0, sender, true) {
            return;
        }
        for share in &self.shares {
            let mut ended = lock(&share.flows);
            ended.table.end();
            if ended.sums.is_some() {
                if !self.hand_out(&mut ended, sender) {
                    return;
                }
                continue;
            }
            let mut flows = std::mem::take(&mut ended.table.finished);
            while !flows.is_empty() {
                let rest = flows.split_off(flows.len().min(self.batch));
                if sender.send(std::mem::replace(&mut flows, rest)).is_err() {
                    return;
                }
            }
        }
    }
}
