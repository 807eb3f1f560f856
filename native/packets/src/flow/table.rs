//! Active flows, found by key and forgotten by time.

use std::net::SocketAddr;

use hashbrown::HashTable;

use super::recent::Recent;
use super::tcp::FLIPPED;
use super::{Flow, History};
use crate::decode::Checksums;
use crate::naming::{Heard, Listening, Names, Place};
use crate::packet::{Arrival, Key, Packet, Segment, Way, ACK, FIN, RST, SYN, TCP, UDP};
use crate::servers;

const NONE: u32 = u32::MAX;
/// Buckets of a second each: longer than any timeout but that of terminals, so that most flows are looked at about once
/// in their life.
const BUCKETS: usize = 512;
const SECOND: i64 = 1_000_000_000;

mod once {
    pub const FORTH: u32 = 1;
    pub const BACK: u32 = 2;
}

/// TCP connections that were asked for and answered, and those of them of which both was seen more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    pub connections: u64,
    pub twice: u64,
}

impl Begun {
    fn note(&mut self, flow: &Flow) {
        let (syns, answers) = (flow.syns[Way::Forth as usize], flow.answers[Way::Back as usize]);
        self.connections += u64::from(syns > 0 && answers > 0);
        self.twice += u64::from(syns > 1 && answers > 1);
    }

    pub fn merge(&mut self, other: Begun) {
        self.connections += other.connections;
        self.twice += other.twice;
    }
}

/// The flow table. Memory is bounded by the number of active flows.
pub struct Table {
    index: HashTable<u32>,
    pub(super) flows: Vec<Flow>,
    pub(super) recent: Recent,
    free: Vec<u32>,
    buckets: Vec<u32>,
    /// The second that time has come to.
    second: i64,
    most: usize,
    checksums: Checksums,
    /// Whether the first bytes of connections are looked at.
    pub hears_streams: bool,
    /// Whether flows have sketches of their packets.
    pub sketches: bool,
    /// Flows that are over, in the order in which they ended.
    pub finished: Vec<Flow>,
    /// Flows that were handed out before they ended, to bound memory.
    pub early: u64,
    pub begun: Begun,
    pub names: Names,
    pub guesses_servers: bool,
}

impl Table {
    pub fn new(most: usize, checksums: Checksums, listening: Listening) -> Table {
        Table {
            index: HashTable::new(),
            flows: Vec::new(),
            recent: Recent::default(),
            free: Vec::new(),
            buckets: vec![NONE; BUCKETS],
            second: i64::MIN,
            most: most.clamp(16, NONE as usize - 1),
            checksums,
            hears_streams: listening.wants_streams(),
            sketches: false,
            finished: Vec::new(),
            early: 0,
            begun: Begun::default(),
            names: Names::new(listening),
            guesses_servers: true,
        }
    }

    /// Take a packet in; `payload` is what was captured of it. What is seldom is elsewhere: so little has to be kept
    /// aside for it.
    #[inline]
    pub fn take(&mut self, packet: &Packet, payload: &[u8]) {
        let at = match self.find(&packet.key, packet.hash) {
            Some(at) if self.goes_on(at, packet.time, &packet.segment) => at,
            known => self.begin_anew(known, packet),
        };
        self.recent.note(&packet.key, at);
        self.count(at, packet, payload);
    }

    #[inline]
    fn find(&self, key: &Key, hash: u64) -> Option<u32> {
        let is_it = |at: &u32| self.flows.get(*at as usize).is_some_and(|flow| flow.key == *key);
        self.index.find(hash, is_it).copied()
    }

    /// Is there a flow that a packet like this would belong to?
    pub fn would_go_on(&self, key: &Key, hash: u64, time: i64, segment: &Segment) -> bool {
        self.find(key, hash).is_some_and(|at| self.goes_on(at, time, segment))
    }

    /// Begin a flow; `before` is the one that had its place, and is over.
    #[cold]
    #[inline(never)]
    fn begin_anew(&mut self, before: Option<u32>, packet: &Packet) -> u32 {
        if let Some(at) = before {
            self.finish(at);
        }
        self.begin(packet)
    }

    /// Does this packet belong to the flow, or has it ended?
    #[inline]
    fn goes_on(&self, at: u32, time: i64, segment: &Segment) -> bool {
        let Some(flow) = self.flows.get(at as usize) else { return false };
        if !flow.surely_lasts(time) && flow.expiry() <= time {
            return false;
        }
        let syn = flow.is_tcp() && segment.flags & SYN != 0;
        !(syn && flow.connection.as_ref().is_some_and(|connection| connection.is_reuse(segment)))
    }

    #[inline]
    fn count(&mut self, at: u32, packet: &Packet, payload: &[u8]) {
        let Some(flow) = self.flows.get_mut(at as usize) else { return };
        let is_source = packet.reversed == flow.reversed;
        let way = if is_source { Way::Forth } else { Way::Back };
        if packet.bad_checksum {
            let letter = if is_source { b'C' } else { b'c' };
            let has_letters = matches!(packet.key.protocol, TCP | UDP);
            if self.checksums == Checksums::Drop {
                if has_letters {
                    flow.history.count(&mut flow.bad_checksums[way as usize], letter);
                }
                return;
            }
        }
        if packet.key.protocol == TCP && !packet.segment.sound {
            return;
        }
        let Some(way) = add(flow, way, &packet.arrival()) else { return };
        if let Some(sketch) = &mut flow.sketch {
            sketch.note(way, packet, payload);
        }
        if self.hears_streams && !payload.is_empty() && packet.payload > 0 && flow.hears(way) {
            hear(flow, way, packet, payload, &mut self.names);
        }
    }

    /// A flow nobody has seen before.
    fn begin(&mut self, packet: &Packet) -> u32 {
        if self.index.len() >= self.most {
            self.make_room();
        }
        let tcp = packet.key.protocol == TCP;
        let mut flow = Flow {
            key: packet.key,
            hash: packet.hash,
            reversed: packet.reversed,
            first: packet.time,
            counted: packet.time,
            last: packet.time,
            file: packet.file,
            number: packet.number,
            link: packet.link,
            packets: [0; 2],
            bytes: [0; 2],
            wire: [0; 2],
            payload: [0; 2],
            spoke: [false; 2],
            hops: [[u8::MAX, 0]; 2],
            syns: [0; 2],
            answers: [0; 2],
            fins: 0,
            resets: 0,
            bad_checksums: [0; 2],
            history: History::default(),
            connection: tcp.then(Box::default),
            heard: Heard::default(),
            sketch: self.sketches.then(Box::default),
            before: NONE,
            after: NONE,
            bucket: 0,
        };
        if self.guesses_servers && servers::is_answer(packet) {
            flow.flip();
            flow.history.add(FLIPPED);
        }
        self.add(flow)
    }

    fn add(&mut self, flow: Flow) -> u32 {
        let (hash, expiry) = (flow.hash, flow.expiry());
        let at = match self.free.pop() {
            Some(at) => {
                if let Some(place) = self.flows.get_mut(at as usize) {
                    *place = flow;
                }
                at
            }
            None => {
                self.flows.push(flow);
                (self.flows.len() - 1) as u32
            }
        };
        self.enqueue(at, expiry);
        let flows = &self.flows;
        self.index.insert_unique(hash, at, |at| flows.get(*at as usize).map_or(0, |flow| flow.hash));
        at
    }

    fn enqueue(&mut self, at: u32, expiry: i64) {
        let second = expiry.div_euclid(SECOND).clamp(self.second, self.second.saturating_add(BUCKETS as i64 - 2));
        let bucket = second.rem_euclid(BUCKETS as i64) as usize;
        let head = std::mem::replace(&mut self.buckets[bucket], at);
        if let Some(next) = self.flows.get_mut(head as usize) {
            next.before = at;
        }
        if let Some(flow) = self.flows.get_mut(at as usize) {
            flow.before = NONE;
            flow.after = head;
            flow.bucket = bucket as u32;
        }
    }

    fn dequeue(&mut self, at: u32) {
        let Some(flow) = self.flows.get(at as usize) else { return };
        let (before, after, bucket) = (flow.before, flow.after, flow.bucket);
        match self.flows.get_mut(before as usize) {
            Some(flow) => flow.after = after,
            None => self.buckets[bucket as usize % BUCKETS] = after,
        }
        if let Some(flow) = self.flows.get_mut(after as usize) {
            flow.before = before;
        }
    }

    /// Time has come so far: flows whose time is over are finished.
    ///
    /// To be said behind each chunk of a file, of all packets in it and before it, whoever took them: on however many
    /// threads, the packets of a file that are not in order make the same flows then.
    pub fn pass(&mut self, time: i64) {
        let second = time.div_euclid(SECOND);
        if self.second == i64::MIN {
            self.second = second;
        }
        if second <= self.second {
            return;
        }
        let steps = second.saturating_sub(self.second).min(BUCKETS as i64);
        let now = second.saturating_mul(SECOND);
        let first = second - steps;
        for passed in first..second {
            let bucket = passed.rem_euclid(BUCKETS as i64) as usize;
            let mut at = std::mem::replace(&mut self.buckets[bucket], NONE);
            self.second = passed + 1;
            while let Some(flow) = self.flows.get(at as usize) {
                let (after, expiry) = (flow.after, flow.expiry());
                if expiry <= now {
                    self.remove(at);
                } else {
                    self.enqueue(at, expiry);
                }
                at = after;
            }
        }
        self.second = second;
    }

    fn finish(&mut self, at: u32) {
        self.dequeue(at);
        self.remove(at);
    }

    /// Take a flow that is in no bucket out of the table.
    fn remove(&mut self, at: u32) {
        let Some(flow) = self.take_out(at) else { return };
        self.begun.note(&flow);
        if let Ok(entry) = self.index.find_entry(flow.hash, |known| *known == at) {
            entry.remove();
        }
        self.finished.push(flow);
    }

    /// Make the place free of a flow that is in no bucket.
    fn take_out(&mut self, at: u32) -> Option<Flow> {
        let place = self.flows.get_mut(at as usize)?;
        let flow = Flow {
            history: std::mem::take(&mut place.history),
            connection: place.connection.take(),
            heard: std::mem::take(&mut place.heard),
            sketch: place.sketch.take(),
            ..place.clone()
        };
        Recent::forget(place);
        self.free.push(at);
        Some(flow)
    }

    /// Flows with such hashes go on in a table of their own.
    pub fn split(&mut self, go: impl Fn(u64) -> bool) -> Table {
        let mut other = Table::new(self.most, self.checksums, self.names.listening);
        other.second = self.second;
        other.hears_streams = self.hears_streams;
        other.sketches = self.sketches;
        other.guesses_servers = self.guesses_servers;
        let ones = self.index.extract_if(|at| self.flows.get(*at as usize).is_some_and(|flow| go(flow.hash)));
        for at in ones.collect::<Vec<_>>() {
            self.dequeue(at);
            if let Some(flow) = self.take_out(at) {
                other.add(flow);
            }
        }
        other
    }

    /// Too many flows: those go first whose time is over next.
    fn make_room(&mut self) {
        let wanted = self.index.len() - self.index.len() / 16;
        for step in 0..BUCKETS as i64 {
            let bucket = self.second.saturating_add(step).rem_euclid(BUCKETS as i64) as usize;
            while self.index.len() > wanted {
                let at = self.buckets[bucket];
                if at == NONE {
                    break;
                }
                self.early += 1;
                self.finish(at);
            }
        }
    }

    /// No more packets: all flows are over.
    pub fn end(&mut self) {
        for bucket in 0..BUCKETS {
            loop {
                let at = self.buckets[bucket];
                if at == NONE {
                    break;
                }
                self.finish(at);
            }
        }
        // The table may be used up now.
        self.flows = Vec::new();
        self.free = Vec::new();
        self.index = HashTable::new();
    }
}

/// Add a packet to its flow. Says which way it went in the end: ends may have changed roles.
#[inline]
pub(super) fn add(flow: &mut Flow, way: Way, packet: &Arrival) -> Option<Way> {
    let mut way = way;
    if flow.is_tcp() {
        let verdict = flow.connection.as_mut()?.packet(packet, way, &mut flow.history, flow.counted);
        if verdict.counts {
            flow.counted = packet.time;
        }
        if verdict.flip {
            flow.flip();
            way = way.other();
        }
        let flags = packet.segment.flags;
        if flags & (SYN | FIN | RST) != 0 {
            count_flags(flow, way, flags);
        }
    } else {
        flow.counted = packet.time;
        flow.payload[way as usize] += u64::from(packet.payload);
        flow.spoke[way as usize] = true;
        if flow.key.protocol == UDP {
            let (bit, letter) = if way == Way::Forth { (once::FORTH, b'D') } else { (once::BACK, b'd') };
            flow.history.check(bit, letter);
        }
    }
    let at = way as usize;
    // Packets may be out of order, and clocks are set back: no flow ends before it begins.
    flow.last = flow.last.max(packet.time);
    flow.packets[at] += 1;
    flow.bytes[at] += u64::from(packet.bytes);
    flow.wire[at] += u64::from(packet.wire);
    let [least, most] = &mut flow.hops[at];
    *least = (*least).min(packet.hops);
    *most = (*most).max(packet.hops);
    Some(way)
}

#[cold]
fn count_flags(flow: &mut Flow, way: Way, flags: u8) {
    flow.syns[way as usize] += u32::from(flags & (SYN | ACK) == SYN);
    flow.answers[way as usize] += u32::from(flags & (SYN | ACK) == SYN | ACK);
    flow.fins += u32::from(flags & FIN != 0);
    flow.resets += u32::from(flags & RST != 0);
    if flow.connection.as_ref().is_some_and(|connection| connection.established) {
        flow.take_call();
    }
}

/// The first bytes of a connection may say names.
#[cold]
fn hear(flow: &mut Flow, way: Way, packet: &Packet, payload: &[u8], names: &mut Names) {
    let at = way as usize;
    let Some(connection) = flow.connection.as_ref() else { return };
    if !connection.is_in_order(way, packet) {
        return flow.heard.stop(at);
    }
    let (sender, receiver) = (packet.source(), packet.destination());
    let sender = SocketAddr::new(sender.0.ip(), sender.1);
    let receiver = SocketAddr::new(receiver.0.ip(), receiver.1);
    let length = payload.len().min(packet.payload as usize);
    let mut found = Vec::new();
    flow.heard.stream(at, sender, receiver, payload.get(..length).unwrap_or(payload), &mut found);
    if !found.is_empty() {
        let place =
            Place { time: packet.time, file: packet.file, packet: packet.number, interface: packet.link.interface };
        names.gather(&mut found, place);
    }
    if !packet.whole {
        flow.heard.stop(at);
    }
}
