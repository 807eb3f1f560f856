//! A reading: files in, batches of finished flows out, on one thread or several.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use crate::arp::{Arp, Asked};
use crate::context::COOKED;
use crate::decode::{Decoder, Manner, Shared, Sink, Tally};
use crate::doubled;
use crate::exported::{Export, Exported, Once, Picking};
use crate::file::{Chunk, Damage, Interface, Times};
use crate::files::{Claim, Files, Origin, Progress};
use crate::flow::{Begun, Connection, Flow, Table};
use crate::halves::{self, Half, Outcome};
use crate::locked::lock;
use crate::naming::{Names, Said};
use crate::options::Options;
use crate::packet::{Arrival, Key, Packet};
use crate::parallel::{share, Rest, Workers};
use crate::refused::{Refusals, Refused};
use crate::sums::{Sums, SUMMED};
use crate::twice::{LeftOut, Twice};

/// What was read, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub tally: Tally,
    pub files: Vec<String>,
    pub interfaces: Vec<Interface>,
    pub damage: Vec<Damage>,
    pub incomplete_fragments: u64,
    pub early_flows: u64,
    pub names_left_out: u64,
    pub arp_left_out: u64,
    pub refusals_left_out: u64,
    pub begun: Begun,
    /// Of each file with packets.
    pub times: Vec<Times>,
    pub left_out: Vec<LeftOut>,
    pub not_compared: u64,
    /// Of a sample of packets, how many came twice.
    pub doubled: doubled::Count,
    pub ended: bool,
}

/// Bytes a flow costs beside itself: its place in the index, what waits to be handed out.
const OVERHEAD: usize = 64;
/// Threads of one reading at most.
const MOST_THREADS: usize = 64;
/// Finished flows are handed out when there are so many.
const BATCH: usize = 2048;

pub struct Reading {
    options: Options,
    pub progress: Arc<Progress>,
    shared: Arc<Shared>,
    interfaces: Arc<Mutex<Vec<Interface>>>,
    engine: Engine,
    /// How many flows to hand out at once.
    batch: usize,
    ended: bool,
    early: u64,
    begun: Begun,
    damage: Vec<Damage>,
    times: Vec<Times>,
    twice: Twice,
    doubled: doubled::Count,
    names: Names,
    arp: Arp,
    refused: Refusals,
    tally: Tally,
    /// Of a reading in halves: what the decoder of the second has.
    later: Option<Arc<Shared>>,
    /// Of a reading for sums, on several threads: what each table's flows add up to.
    added: Vec<Sums>,
    /// Of a reading for exports: what is read next, those that were seen, and how many.
    claim: Option<Claim>,
    once: Once,
    exported: Exported,
}

/// What several threads begin with.
type Parts = (Vec<Decoder>, Vec<Table>, Files);

enum Engine {
    Single(Box<Single>),
    /// Nobody has read yet.
    Waiting(Option<Box<Parts>>),
    Parallel(Workers),
    Over,
}

struct Single {
    chunk: Chunk,
    table: Table,
    decoder: Decoder,
    files: Files,
}

impl Sink for Table {
    #[inline]
    fn take(&mut self, packet: &Packet, payload: &[u8]) {
        Table::take(self, packet, payload);
    }

    #[inline]
    fn take_known(&mut self, key: &Key, reversed: bool, packet: &Arrival) -> bool {
        Table::take_known(self, key, reversed, packet)
    }
}

impl Single {
    /// Read until so many flows are over; false at the end, none when told to stop.
    fn read(&mut self, progress: &Progress, batch: usize) -> Option<bool> {
        while self.table.finished.len() < batch {
            if progress.stop.load(Ordering::Relaxed) {
                return None;
            }
            let Some(claim) = self.files.claim() else {
                self.table.end();
                return Some(false);
            };
            let read = claim.read(&mut self.chunk);
            self.files.find(&claim, read, &mut self.chunk);
            for frame in &self.chunk.frames {
                self.decoder.frame(frame, self.chunk.bytes(frame), claim.file, &mut self.table);
            }
            self.table.pass(self.decoder.latest());
        }
        Some(true)
    }
}

impl Reading {
    pub fn new(options: Options) -> Reading {
        let origins = options.files.iter().cloned().map(Origin::Path).collect();
        Reading::of(origins, options)
    }

    /// Read captures that are in memory.
    pub fn from_bytes(captures: Vec<Vec<u8>>, options: Options) -> Reading {
        Reading::of(captures.into_iter().map(Origin::Bytes).collect(), options)
    }

    fn of(origins: Vec<Origin>, options: Options) -> Reading {
        let shared = Arc::new(Shared::default());
        let hasher = foldhash::fast::RandomState::default();
        let manner = Manner {
            checksums: options.checksums,
            filter: options.filter.clone(),
            by_link: options.by_link.clone(),
            names: options.names,
            by_vlan: options.by_vlan,
            by_tunnel: options.by_tunnel,
        };
        let progress: Arc<Progress> = Arc::default();
        let interfaces: Arc<Mutex<Vec<Interface>>> = Arc::default();
        let files = Files::new(origins, interfaces.clone(), progress.clone(), &options);
        let threads = options.threads.clamp(1, MOST_THREADS);
        let decoder = || Decoder::new(manner.clone(), shared.clone(), hasher.clone());
        let table = || {
            let mut table = Table::new(options.flows / threads, options.checksums, options.names);
            table.guesses_servers = options.guesses_servers;
            table
        };
        let engine = if threads == 1 {
            let (table, decoder) = (table(), decoder());
            Engine::Single(Box::new(Single { chunk: Chunk::default(), table, decoder, files }))
        } else {
            let decoders = (0..threads).map(|_| decoder()).collect();
            let tables = (0..threads).map(|_| table()).collect();
            Engine::Waiting(Some(Box::new((decoders, tables, files))))
        };
        Reading {
            progress,
            interfaces,
            engine,
            shared,
            options,
            batch: BATCH,
            ended: false,
            early: 0,
            begun: Begun::default(),
            damage: Vec::new(),
            times: Vec::new(),
            twice: Twice::default(),
            doubled: doubled::Count::default(),
            names: Names::default(),
            arp: Arp::default(),
            refused: Refusals::default(),
            tally: Tally::default(),
            later: None,
            added: Vec::new(),
            claim: None,
            once: Once::default(),
            exported: Exported::default(),
        }
    }

    /// Of a reading for flow exports, on one thread: the number of the file that is read next. None where all is
    /// read, or the reading was stopped.
    pub fn next_file(&mut self) -> Option<u32> {
        let Engine::Single(single) = &mut self.engine else { return None };
        if !self.progress.stop.load(Ordering::Relaxed) {
            self.claim = self.claim.take().or_else(|| single.files.claim());
            if let Some(claim) = &self.claim {
                return Some(claim.file);
            }
        }
        self.gather();
        None
    }

    /// Read on in that file, and hand over what looks like flow exports, in place of making flows.
    pub fn exports(&mut self, each: impl FnMut(Export)) {
        let (Some(claim), Engine::Single(single)) = (self.claim.take(), &mut self.engine) else { return };
        let Single { chunk, decoder, files, .. } = &mut **single;
        let read = claim.read(chunk);
        files.find(&claim, read, chunk);
        let mut picking = Picking { once: &mut self.once, exported: &mut self.exported, each };
        for frame in &chunk.frames {
            decoder.frame(frame, chunk.bytes(frame), claim.file, &mut picking);
        }
    }

    /// What became of the flow exports read.
    pub fn exported(&self) -> Exported {
        self.exported
    }

    /// Look at the first bytes of connections, whichever names are wanted: flows have a server name and JA4 then.
    /// Before anything was read.
    pub fn hear_streams(&mut self) {
        self.each_table(|table| table.hears_streams = true);
    }

    /// Make sketches of the packets of each flow, before anything was read.
    pub fn sketch(&mut self) {
        self.each_table(|table| table.sketches = true);
    }

    /// Prepare the tables of flows that have not begun.
    fn each_table(&mut self, prepare: impl Fn(&mut Table)) {
        match &mut self.engine {
            Engine::Single(single) => prepare(&mut single.table),
            Engine::Waiting(parts) => parts.iter_mut().flat_map(|parts| parts.1.iter_mut()).for_each(prepare),
            Engine::Parallel(_) | Engine::Over => {}
        }
    }

    /// The next finished flows; none at the end, or when told to stop.
    pub fn next_flows(&mut self) -> Option<Vec<Flow>> {
        self.start(|_| Vec::new());
        match &mut self.engine {
            Engine::Single(single) => {
                let more = single.read(&self.progress, BATCH)?;
                let finished = &mut single.table.finished;
                let rest = finished.split_off(finished.len().min(BATCH));
                let flows = std::mem::replace(finished, rest);
                if !more && single.table.finished.is_empty() {
                    self.gather();
                }
                Some(flows).filter(|flows| !flows.is_empty())
            }
            Engine::Parallel(workers) => {
                let flows = workers.next_flows();
                if flows.is_none() {
                    self.gather();
                }
                flows
            }
            Engine::Waiting(_) | Engine::Over => None,
        }
    }

    /// Threads start when somebody reads, not before.
    fn start(&mut self, sums: impl FnOnce(usize) -> Vec<Sums>) {
        let Engine::Waiting(parts) = &mut self.engine else { return };
        let Some(parts) = parts.take() else { return };
        let (decoders, tables, files) = *parts;
        let sums = sums(tables.len());
        let workers = Workers::start(decoders, tables, sums, files, self.progress.clone(), self.batch);
        self.engine = Engine::Parallel(workers);
    }

    /// Read the only file in halves, where that can be done, or some of it: false where it cannot, and nothing was read.
    fn read_halves(&mut self, hasher: &foldhash::fast::RandomState) -> bool {
        let Engine::Waiting(parts) = &mut self.engine else { return false };
        let Some((decoders, tables, files)) = parts.as_deref_mut() else { return false };
        if decoders.len() != 2 || tables.iter().any(|table| table.hears_streams) {
            return false;
        }
        let Some(file) = halves::middle(files) else { return false };
        let Some(parts) = parts.take() else { return false };
        let (decoders, tables, files) = *parts;
        let mut halves = decoders.into_iter().zip(tables).map(|(decoder, table)| Half {
            decoder,
            table,
            sums: Sums::of(hasher.clone()),
        });
        let (Some(first), Some(mut second)) = (halves.next(), halves.next()) else { return false };
        let own = Arc::new(Shared { contexts: self.shared.contexts.clone(), ..Shared::default() });
        second.decoder.share(own.clone());
        self.engine = Engine::Over;
        match halves::read(files, file, first, second, &self.shared, &self.progress) {
            Outcome::Done(rest) => {
                self.later = Some(own).filter(|_| rest.decoders.len() > 1);
                let stopped = self.progress.stop.load(Ordering::Relaxed);
                self.keep(*rest, stopped);
            }
            Outcome::InVain(rest) => {
                let (Half { decoder, mut table, sums }, files) = *rest;
                let decoders = vec![decoder.another(), decoder];
                let other = table.split(|hash| share(hash, 2) == 1);
                let (tables, sums) = (vec![table, other], vec![sums, Sums::of(hasher.clone())]);
                let workers = Workers::start(decoders, tables, sums, files, self.progress.clone(), self.batch);
                self.engine = Engine::Parallel(workers);
            }
            Outcome::GivenUp => {}
        }
        true
    }

    /// Read everything and add it up; none where sums were given up, or the reading was stopped.
    pub fn sums(&mut self, internal: &[(IpAddr, u8)]) -> Option<Sums> {
        let mut sums = Sums::default();
        self.batch = SUMMED;
        if let Engine::Single(single) = &mut self.engine {
            // The same room for finished flows again and again.
            while single.read(&self.progress, SUMMED)? {
                if !sums.add(&single.table.finished) {
                    return None;
                }
                single.table.finished.clear();
            }
        }
        // On several threads each adds up what it has; nothing comes of `next_flows` then.
        let hasher = sums.hasher();
        if !self.read_halves(&hasher) {
            self.start(|tables| (0..tables).map(|_| Sums::of(hasher.clone())).collect());
        }
        while let Some(flows) = self.next_flows() {
            if !sums.add(&flows) {
                return None;
            }
        }
        let mut added = std::mem::take(&mut self.added).into_iter();
        let mut sums = added.next().unwrap_or(sums);
        if !self.ended || !added.all(|more| sums.merge(more)) {
            return None;
        }
        let arp = self.take_arp();
        sums.end(arp, internal).then_some(sums)
    }

    /// All is read: gather what decoders and tables know.
    fn gather(&mut self) {
        // The workers forget it as they go.
        let stopped = self.progress.stop.load(Ordering::Relaxed);
        let rest = match std::mem::replace(&mut self.engine, Engine::Over) {
            Engine::Single(single) => {
                let mut single = *single;
                single.decoder.flush();
                let (decoders, tables) = (vec![single.decoder], vec![single.table]);
                Rest { decoders, tables, files: single.files, sums: Vec::new() }
            }
            Engine::Parallel(workers) => match workers.finish() {
                Some(rest) => rest,
                None => return,
            },
            Engine::Waiting(_) | Engine::Over => return,
        };
        self.keep(rest, stopped);
    }

    fn keep(&mut self, rest: Rest, stopped: bool) {
        let Rest { decoders, tables, files, sums } = rest;
        for mut decoder in decoders {
            self.tally.merge(&decoder.tally);
            self.names.merge(std::mem::take(&mut decoder.names));
            self.arp.merge(std::mem::take(&mut decoder.arp));
            self.refused.merge(std::mem::take(&mut decoder.refused));
        }
        for mut table in tables {
            self.early += table.early;
            self.begun.merge(table.begun);
            self.names.merge(std::mem::take(&mut table.names));
        }
        self.added = sums;
        self.damage = files.all_damage();
        self.times = files.all_times();
        self.twice = files.twice;
        self.doubled = files.doubled.count();
        self.names.merge(files.names);
        self.ended = !stopped;
    }

    /// How many active flows fit into so many bytes.
    pub fn flows_within(memory: u64) -> usize {
        let each = std::mem::size_of::<Flow>() + std::mem::size_of::<Connection>() + OVERHEAD;
        (memory / each as u64).clamp(1024, 1 << 26) as usize
    }

    /// Names said so far; all of them once the flows are read.
    pub fn take_names(&mut self) -> impl Iterator<Item = Said> + Send + 'static {
        std::mem::take(&mut self.names).into_rows()
    }

    /// What these addresses are called: (address, relation, name), each as often as a table would have a row of it.
    pub fn called(&self, addresses: &[IpAddr]) -> Vec<(IpAddr, &'static str, String)> {
        self.names.of(addresses)
    }

    pub fn take_arp(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.arp).into_rows()
    }

    /// Who was told no, by whom, and about which packets.
    pub fn refused(&self) -> Vec<Refused> {
        self.refused.rows()
    }

    pub fn has_ended(&self) -> bool {
        self.ended
    }

    pub fn files(&self) -> Vec<String> {
        self.options.files.iter().map(|path| path.display().to_string()).collect()
    }

    /// The name of an interface by its number.
    pub fn interface_name(&self) -> impl Fn(u32) -> String + Send + Sync + 'static {
        let (shared, interfaces) = (self.shared.clone(), self.interfaces.clone());
        move |number| {
            let cooked =
                number.checked_sub(COOKED).and_then(|at| lock(&shared.contexts).cooked_names.get(at as usize).copied());
            match cooked {
                Some((_, index)) => format!("ifindex:{index}"),
                None => lock(&interfaces).get(number as usize).map_or(String::new(), |known| known.name.clone()),
            }
        }
    }

    pub fn tunnel_name(&self) -> impl Fn(u32) -> String + Send + Sync + 'static {
        let shared = self.shared.clone();
        move |number| lock(&shared.contexts).tunnel_name(number).to_string()
    }

    pub fn summary(&self) -> Summary {
        let mut tally = self.tally.clone();
        let mut damage = self.damage.clone();
        match &self.engine {
            Engine::Single(single) => {
                tally.merge(&single.decoder.told());
                damage = single.files.all_damage();
            }
            Engine::Parallel(workers) => damage = workers.damage(),
            Engine::Waiting(_) | Engine::Over => {}
        }
        let mut interfaces = lock(&self.interfaces).clone();
        for (number, interface) in interfaces.iter_mut().enumerate() {
            interface.packets = tally.interfaces.get(&(number as u32)).copied().unwrap_or(0);
        }
        Summary {
            tally,
            files: self.files(),
            interfaces,
            damage,
            incomplete_fragments: [Some(&self.shared), self.later.as_ref()]
                .into_iter()
                .flatten()
                .map(|shared| lock(&shared.fragments).left())
                .sum(),
            early_flows: self.early,
            names_left_out: self.names.left_out,
            arp_left_out: self.arp.left_out,
            refusals_left_out: self.refused.left_out,
            begun: self.begun,
            times: self.times.clone(),
            left_out: self.twice.left_out.clone(),
            not_compared: self.twice.not_compared,
            doubled: self.doubled,
            ended: self.ended,
        }
    }
}

/// The link type of the first packets of a file; none where it cannot be read.
pub fn link_type(path: &std::path::Path) -> Option<u16> {
    let mut reading = Reading::new(Options { files: vec![path.to_path_buf()], ..Options::default() });
    let Engine::Single(single) = &mut reading.engine else { return None };
    let chunk = &mut single.chunk;
    while let Some(claim) = single.files.claim() {
        let read = claim.read(chunk);
        single.files.find(&claim, read, chunk);
        if let Some(frame) = chunk.frames.first() {
            return Some(frame.link);
        }
    }
    let known = lock(&reading.interfaces).first().map(|interface| interface.link);
    known
}
