//! Records into flows: pieces of one flow are put together, and both its ways.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::IpAddr;

use crate::flow::{icmp_counterpart, state, Flow, Role, Way, ACK, FIN, RST, SYN, TCP};
use crate::record::{Direction, Format, Nanoseconds, Record, Side};

const SECOND: i64 = 1_000_000_000;
/// Views of one flow by one exporter (interfaces, ways, VLANs) that are told apart.
const MOST_LANES: usize = 16;
/// Deadlines of flows that have ended, beside as many as there are open flows.
const STALE: usize = 1024;
const MOST_EXPORTERS: usize = 1024;
/// No active timeout of a router is longer.
const LONGEST_ACTIVE: Nanoseconds = 3600 * SECOND;
/// How long after its end the exporters report a flow at the latest, both ways.
const REPORTING: Nanoseconds = 15 * SECOND;

/// How long to wait for what may still come; nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The exporter's active timeout, at least; a longer one is learnt from its records.
    pub active: Nanoseconds,
    /// Silence after which a TCP flow is another one, and any other. Zeek's are 5 min and 1 min.
    pub tcp_gap: Nanoseconds,
    pub other_gap: Nanoseconds,
    /// Flows that are open at once. Above, those that would end soonest are ended.
    pub most_open: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self { active: 60 * SECOND, tcp_gap: 300 * SECOND, other_gap: 60 * SECOND, most_open: 1 << 17 }
    }
}

type Endpoint = (IpAddr, u16);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    exporter: IpAddr,
    low: Endpoint,
    high: Endpoint,
    protocol: u8,
}

/// Where and how the exporter looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct View {
    domain: u32,
    input: u32,
    output: u32,
    direction: Direction,
    vlan: u16,
    inner_vlan: u16,
}

impl View {
    fn observed_at(&self) -> u32 {
        match self.direction {
            Direction::Egress => self.output,
            Direction::Ingress | Direction::Untold => self.input,
        }
    }

    fn turned(self) -> Self {
        Self { input: self.output, output: self.input, ..self }
    }
}

/// One way of a flow in one view.
#[derive(Clone, Debug)]
struct Lane {
    from_low: bool,
    /// What the record itself says of who asks: RFC 5103, or an ICMP type.
    role: Option<Role>,
    view: View,
    way: Way,
    first: Nanoseconds,
    last: Nanoseconds,
    source_mac: Option<[u8; 6]>,
    destination_mac: Option<[u8; 6]>,
    next_hop: Option<IpAddr>,
    source_as: u32,
    destination_as: u32,
    tos: u8,
    sampling: u32,
    records: u32,
    /// The last piece was cut off by the active timeout: another is to come.
    goes_on: bool,
    ended: bool,
}

struct Open {
    number: u64,
    lanes: Vec<Lane>,
    first: Nanoseconds,
    last: Nanoseconds,
    deadline: Nanoseconds,
    /// The deadline that stands in the queue; a later one is only put there when this has come.
    queued: Nanoseconds,
}

/// Makes flows of records.
#[derive(Default)]
pub struct Pairing {
    timing: Timing,
    open: HashMap<Key, Open, foldhash::fast::RandomState>,
    deadlines: BinaryHeap<Reverse<(Nanoseconds, u64, Key)>>,
    active: HashMap<IpAddr, Nanoseconds>,
    opened: u64,
    /// Flows that were ended to make room.
    pub ended_early: u64,
    done: Vec<Flow>,
}

impl Pairing {
    pub fn new(timing: Timing) -> Self {
        Self { timing, ..Self::default() }
    }

    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Flows that are ready to be taken.
    pub fn done(&self) -> usize {
        self.done.len()
    }

    pub fn add(&mut self, record: &Record) {
        let (key, from_low, role) = key(record);
        let there = lane(record, from_low, role, &record.forward);
        self.learn_active(record);
        let back = record.reverse.map(|reverse| Lane {
            view: there.view.turned(),
            source_mac: there.destination_mac,
            destination_mac: there.source_mac,
            next_hop: None,
            source_as: there.destination_as,
            destination_as: there.source_as,
            way: Way { ttl: None, ..way(&reverse, record.sampling) },
            first: reverse.first,
            last: reverse.last,
            from_low: !from_low,
            role: (!record.is_arbitrary).then_some(Role::Answers),
            ended: ended(&reverse, record.end_reason),
            records: 0,
            ..there.clone()
        });
        let there = match back {
            Some(_) if !record.is_arbitrary => Lane { role: Some(Role::Asks), ..there },
            _ => there,
        };
        if there.way.packets > 0 || there.way.bytes > 0 || back.is_none() {
            self.put(key, there, record.received);
        }
        if let Some(back) = back {
            self.put(key, back, record.received);
        }
    }

    /// End the flows of which nothing more is to come at this time.
    pub fn end_until(&mut self, now: Nanoseconds) {
        while let Some(&Reverse((deadline, number, key))) = self.deadlines.peek() {
            if deadline > now {
                break;
            }
            self.deadlines.pop();
            match self.open.get_mut(&key) {
                Some(open) if open.number != number || open.queued != deadline => {}
                Some(open) if open.deadline > now => {
                    open.queued = open.deadline;
                    let entry = (open.deadline, number, key);
                    self.deadlines.push(Reverse(entry));
                }
                Some(_) => self.end(&key),
                None => {}
            }
        }
    }

    pub fn end_all(&mut self) {
        self.end_until(Nanoseconds::MAX);
    }

    /// Let the flows go that nobody took and for which there is no room, and say how many.
    pub fn keep_at_most(&mut self, most: usize) -> usize {
        let surplus = self.done.len().saturating_sub(most);
        self.done.truncate(most);
        surplus
    }

    /// The flows that ended, the earliest first.
    pub fn take(&mut self) -> Vec<Flow> {
        let mut flows = std::mem::take(&mut self.done);
        flows.sort_by_key(|flow| flow.first);
        flows
    }

    /// A piece as long as the exporter's active timeout shows how long that is.
    fn learn_active(&mut self, record: &Record) {
        let length = record.forward.last.saturating_sub(record.forward.first);
        if record.format == Format::Sflow5 || length <= self.timing.active {
            return;
        }
        if self.active.len() >= MOST_EXPORTERS && !self.active.contains_key(&record.exporter) {
            self.active.clear();
        }
        let known = self.active.entry(record.exporter).or_default();
        *known = (*known).max(length.min(LONGEST_ACTIVE));
    }

    fn put(&mut self, key: Key, mut lane: Lane, received: Nanoseconds) {
        let gap = self.gap(key.protocol);
        let active = self.active.get(&key.exporter).copied();
        let active = active.unwrap_or(0).max(self.timing.active);
        let length = lane.last.saturating_sub(lane.first);
        lane.goes_on |= !lane.ended && length >= active / 5 * 4;
        if self.open.get(&key).is_some_and(|open| !open.takes(&lane, gap)) {
            self.end(&key);
        }
        if self.open.len() >= self.timing.most_open && !self.open.contains_key(&key) {
            self.end_soonest();
        }
        let opened = &mut self.opened;
        let open = self.open.entry(key).or_insert_with(|| {
            *opened += 1;
            Open {
                number: *opened,
                lanes: Vec::with_capacity(2),
                first: lane.first,
                last: lane.last,
                deadline: 0,
                queued: Nanoseconds::MAX,
            }
        });
        open.add(lane);
        open.deadline = received.saturating_add(open.wait(gap, active));
        if open.deadline < open.queued {
            open.queued = open.deadline;
            let entry = (open.deadline, open.number, key);
            self.deadlines.push(Reverse(entry));
        }
        if self.deadlines.len() > 2 * self.open.len() + STALE {
            self.forget_stale_deadlines();
        }
    }

    /// A flow that ends before its time leaves its deadline in the queue: throw those away before
    /// they outnumber the flows.
    fn forget_stale_deadlines(&mut self) {
        let entry = |(key, open): (&Key, &Open)| Reverse((open.queued, open.number, *key));
        self.deadlines = self.open.iter().map(entry).collect();
    }

    fn gap(&self, protocol: u8) -> Nanoseconds {
        match protocol {
            TCP => self.timing.tcp_gap,
            _ => self.timing.other_gap,
        }
    }

    fn end_soonest(&mut self) {
        while let Some(Reverse((_, number, key))) = self.deadlines.pop() {
            if self.open.get(&key).is_some_and(|open| open.number == number) {
                self.ended_early += 1;
                self.end(&key);
                return;
            }
        }
    }

    fn end(&mut self, key: &Key) {
        if let Some(open) = self.open.remove(key) {
            open.into_flows(key, &mut self.done);
        }
    }
}

impl Open {
    /// Whether the lane belongs to this flow: near in time, and no new connection after a closed one.
    fn takes(&self, lane: &Lane, gap: Nanoseconds) -> bool {
        let near = lane.first <= self.last.saturating_add(gap) && lane.last >= self.first.saturating_sub(gap);
        let anew = lane.way.tcp_flags.is_some_and(|flags| flags & SYN != 0)
            && self.lanes.iter().any(|known| {
                known.from_low == lane.from_low
                    && known.view == lane.view
                    && known.ended
                    && known.last <= lane.first
                    && known.way.tcp_flags.is_some_and(|flags| flags & SYN != 0)
            });
        near && !anew
    }

    fn add(&mut self, lane: Lane) {
        self.first = self.first.min(lane.first);
        self.last = self.last.max(lane.last);
        let full = self.lanes.len() >= MOST_LANES;
        let known =
            self.lanes.iter_mut().find(|known| known.from_low == lane.from_low && (known.view == lane.view || full));
        match known {
            Some(known) => known.merge(lane),
            None => self.lanes.push(lane),
        }
    }

    /// How long to wait for more, from now on.
    fn wait(&self, gap: Nanoseconds, active: Nanoseconds) -> Nanoseconds {
        let there = self.lanes.iter().any(|lane| lane.from_low);
        let back = self.lanes.iter().any(|lane| !lane.from_low);
        if there && back && self.lanes.iter().all(|lane| lane.ended) {
            REPORTING
        } else if !(there && back) || self.lanes.iter().any(|lane| lane.goes_on) {
            active.saturating_add(gap)
        } else {
            gap
        }
    }

    /// Join each lane with the lane of the other way that fits it best.
    ///
    /// An exporter that looks at packets both on the way in and on the way out reports each flow
    /// once for each interface; these stay rows of their own.
    fn into_flows(self, key: &Key, flows: &mut Vec<Flow>) {
        let (mut there, mut back): (Vec<Lane>, Vec<Lane>) = self.lanes.into_iter().partition(|lane| lane.from_low);
        while let Some((at, with)) = best_pair(&there, &back) {
            let (one, other) = (there.swap_remove(at), back.swap_remove(with));
            flows.push(pair(key, one, other));
        }
        flows.extend(there.into_iter().chain(back).map(|lane| single(key, lane)));
    }
}

impl Lane {
    fn merge(&mut self, piece: Lane) {
        let latest = piece.last >= self.last;
        self.first = self.first.min(piece.first);
        self.last = self.last.max(piece.last);
        self.way.packets = self.way.packets.saturating_add(piece.way.packets);
        self.way.bytes = self.way.bytes.saturating_add(piece.way.bytes);
        self.way.wire_bytes = match (self.way.wire_bytes, piece.way.wire_bytes) {
            (Some(known), Some(more)) => Some(known.saturating_add(more)),
            (known, more) => known.or(more),
        };
        self.way.tcp_flags = match (self.way.tcp_flags, piece.way.tcp_flags) {
            (Some(known), Some(more)) => Some(known | more),
            (known, more) => known.or(more),
        };
        self.way.ttl = match (self.way.ttl, piece.way.ttl) {
            (Some((low, high)), Some((min, max))) => Some((low.min(min), high.max(max))),
            (known, more) => known.or(more),
        };
        self.source_mac = self.source_mac.or(piece.source_mac);
        self.destination_mac = self.destination_mac.or(piece.destination_mac);
        self.next_hop = self.next_hop.or(piece.next_hop);
        self.role = self.role.or(piece.role);
        self.sampling = coarser(self.sampling, piece.sampling);
        self.records = self.records.saturating_add(piece.records);
        if latest {
            self.goes_on = piece.goes_on;
            self.ended |= piece.ended;
        }
    }

    fn flags(&self) -> u16 {
        self.way.tcp_flags.unwrap_or(0)
    }
}

fn best_pair(there: &[Lane], back: &[Lane]) -> Option<(usize, usize)> {
    let pairs = there.iter().enumerate().flat_map(|(at, one)| {
        let fits = move |(with, other)| (fit(one, other), Reverse((at, with)));
        back.iter().enumerate().map(fits)
    });
    pairs.max().map(|(_, Reverse(pair))| pair)
}

/// How well two ways fit together: they use the same two interfaces, were seen at the same of them,
/// in the same domain, or at least in the same direction.
fn fit(one: &Lane, other: &Lane) -> u32 {
    let (a, b) = (&one.view, &other.view);
    let mirrored = a.input == b.output && a.output == b.input;
    8 * u32::from(mirrored)
        + 4 * u32::from(a.observed_at() == b.observed_at())
        + 2 * u32::from(a.domain == b.domain)
        + u32::from(a.direction == b.direction)
}

fn pair(key: &Key, from_low: Lane, from_high: Lane) -> Flow {
    match low_began(key, &from_low, &from_high) {
        true => flow(key, &from_low, Some(&from_high)),
        false => flow(key, &from_high, Some(&from_low)),
    }
}

/// Who began, by what the records say, by flags, by time, and last by the smaller port.
fn low_began(key: &Key, from_low: &Lane, from_high: &Lane) -> bool {
    if let Some(role) = from_low.role {
        return role == Role::Asks;
    }
    if let Some(role) = from_high.role {
        return role == Role::Answers;
    }
    let opens = |lane: &Lane| lane.flags() & (SYN | ACK) == SYN;
    if opens(from_low) != opens(from_high) {
        return opens(from_low);
    }
    let (low_port, high_port) = (key.low.1, key.high.1);
    let sampled = from_low.sampling != 1 || from_high.sampling != 1;
    if from_low.first == from_high.first || (sampled && low_port != high_port) {
        return low_port >= high_port;
    }
    from_low.first < from_high.first
}

fn single(key: &Key, lane: Lane) -> Flow {
    let answers = match lane.role {
        Some(role) => role == Role::Answers,
        None => lane.way.packets == 1 && lane.flags() & (SYN | ACK) == SYN | ACK,
    };
    if !answers {
        return flow(key, &lane, None);
    }
    // Only the answer was seen: turn it, so that who asked is the source.
    let asked = Lane {
        from_low: !lane.from_low,
        view: lane.view.turned(),
        way: Way::default(),
        source_mac: lane.destination_mac,
        destination_mac: lane.source_mac,
        next_hop: None,
        source_as: lane.destination_as,
        destination_as: lane.source_as,
        records: 0,
        ..lane.clone()
    };
    flow(key, &asked, Some(&lane))
}

fn flow(key: &Key, there: &Lane, back: Option<&Lane>) -> Flow {
    let (source, destination) = match there.from_low {
        true => (key.low, key.high),
        false => (key.high, key.low),
    };
    let sampling = coarser(there.sampling, back.map_or(1, |back| back.sampling));
    let seen = |lane: &Lane| lane.records > 0 || lane.way.packets > 0;
    let told = state(
        key.protocol,
        Some(&there.way).filter(|_| seen(there)),
        back.filter(|lane| seen(lane)).map(|lane| &lane.way),
        sampling != 1,
    );
    Flow {
        exporter: key.exporter,
        observed_at: there.view.observed_at(),
        input: there.view.input,
        output: there.view.output,
        direction: there.view.direction,
        first: back.map_or(there.first, |back| back.first.min(there.first)),
        last: back.map_or(there.last, |back| back.last.max(there.last)),
        source_mac: there.source_mac,
        destination_mac: there.destination_mac,
        vlan: there.view.vlan,
        inner_vlan: there.view.inner_vlan,
        source: source.0,
        destination: destination.0,
        source_port: source.1,
        destination_port: destination.1,
        protocol: key.protocol,
        state: told,
        there: there.way,
        back: back.map_or(Way::default(), |back| back.way),
        next_hop: there.next_hop,
        source_as: there.source_as,
        destination_as: there.destination_as,
        tos: there.tos,
        sampling,
        records: there.records.saturating_add(back.map_or(0, |back| back.records)),
    }
}

/// The key of both ways of a flow, and whether this record goes from its lower end to its higher.
fn key(record: &Record) -> (Key, bool, Option<Role>) {
    let (source_port, destination_port, role) = match record.icmp {
        None => (record.source_port, record.destination_port, None),
        Some((kind, code)) => match icmp_counterpart(record.protocol, kind) {
            Some((other, role)) => (u16::from(kind), u16::from(other), Some(role)),
            None => (u16::from(kind), u16::from(code), None),
        },
    };
    let source = (record.source, source_port);
    let destination = (record.destination, destination_port);
    let from_low = source <= destination;
    let (low, high) = match from_low {
        true => (source, destination),
        false => (destination, source),
    };
    let key = Key { exporter: record.exporter, low, high, protocol: record.protocol };
    (key, from_low, role)
}

fn lane(record: &Record, from_low: bool, role: Option<Role>, side: &Side) -> Lane {
    Lane {
        from_low,
        role,
        view: View {
            domain: record.domain,
            input: record.input,
            output: record.output,
            direction: record.direction,
            vlan: record.vlan,
            inner_vlan: record.inner_vlan,
        },
        way: Way { ttl: record.ttl, ..way(side, record.sampling) },
        first: side.first,
        last: side.last,
        source_mac: record.source_mac,
        destination_mac: record.destination_mac,
        next_hop: record.next_hop,
        source_as: record.source_as,
        destination_as: record.destination_as,
        tos: record.tos,
        sampling: record.sampling,
        records: 1,
        goes_on: record.end_reason == 2,
        ended: ended(side, record.end_reason),
    }
}

/// What was counted, times what it stands for.
fn way(side: &Side, sampling: u32) -> Way {
    let factor = u64::from(sampling.max(1));
    Way {
        packets: side.packets.saturating_mul(factor),
        bytes: side.bytes.saturating_mul(factor),
        wire_bytes: side.wire_bytes.map(|bytes| bytes.saturating_mul(factor)),
        tcp_flags: side.tcp_flags,
        ttl: None,
    }
}

/// 0, a factor that is not known, hides more than any that is.
fn coarser(one: u32, other: u32) -> u32 {
    match one == 0 || other == 0 {
        true => 0,
        false => one.max(other),
    }
}

fn ended(side: &Side, end_reason: u8) -> bool {
    end_reason == 3 || side.tcp_flags.is_some_and(|flags| flags & (FIN | RST) != 0)
}
