//! Datagrams of any exporter in, records out; what cannot be read is counted.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::elements::{Draft, DraftSide, Moment};
use crate::message::MessageTime;
use crate::reader::Reader;
use crate::record::{Format, Found, Nanoseconds, Record, Side};
use crate::session::{Session, Step};
use crate::sets::{self, Announced, Dialect, Set};
use crate::waiting::WaitingSet;
use crate::{netflow5, sflow};

/// Exporters, or their observation domains, that are remembered at once. The one that has been
/// silent for longest makes room for a new one.
pub const MOST_SESSIONS: usize = 1024;
/// Bytes that sets which wait for their template take, of all exporters together.
const MOST_WAITING: usize = 32 << 20;
/// How long a set waits for its template: routers send them every 30 minutes by default, but what
/// is that old helps nobody live.
const PATIENCE: Nanoseconds = 1800 * 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;

/// Who sends: RFC 7011 has template ids mean something only within a transport session and an
/// observation domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sender {
    pub address: SocketAddr,
    pub format: Format,
    pub domain: u32,
}

/// What happened to the datagrams so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub datagrams: u64,
    pub bytes: u64,
    pub records: u64,
    pub templates: u64,
    /// Datagrams that are in none of the formats.
    pub foreign: u64,
    /// Datagrams that end in the middle of something; what was before it is used.
    pub damaged: u64,
    /// Records without an address: nothing to say of any flow.
    pub addressless: u64,
    /// Sets that wait for their template, and those that waited in vain.
    pub waiting_sets: u64,
    pub lost_sets: u64,
    /// What the exporters' own counts say did not come: flows for v5, datagrams for v9 and sFlow,
    /// records for IPFIX.
    pub lost_exports: u64,
    /// Templates without a record's worth of fields, or more than there is room for.
    pub refused_templates: u64,
    /// Exporters that were forgotten to make room.
    pub forgotten: u64,
}

/// One sender's state, to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderState {
    pub sender: Sender,
    pub datagrams: u64,
    pub records: u64,
    pub templates: usize,
    pub waiting_sets: usize,
    pub lost_sets: u64,
    pub lost_exports: u64,
    pub restarts: u64,
    pub heard: Nanoseconds,
}

#[derive(Default)]
pub struct Collector {
    sessions: HashMap<Sender, Session>,
    totals: Totals,
    waiting_bytes: usize,
}

impl Collector {
    pub fn new() -> Self {
        Self::default()
    }

    /// Read one datagram that came from this address at this time.
    pub fn feed(&mut self, from: SocketAddr, received: Nanoseconds, datagram: &[u8], found: &mut Found) {
        self.totals.datagrams += 1;
        self.totals.bytes += datagram.len() as u64;
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        let mut reader = Reader::new(datagram);
        let whole = match reader.u16() {
            Some(5) => self.netflow5(from, received, reader, found),
            Some(9) => self.netflow9(from, received, reader, found),
            Some(10) => self.ipfix(from, received, reader, found),
            // sFlow's version has 32 bits.
            Some(0) if reader.u16() == Some(5) => self.sflow5(from, received, reader, found),
            _ => {
                self.totals.foreign += 1;
                return;
            }
        };
        if whole.is_none() {
            self.totals.damaged += 1;
        }
    }

    pub fn totals(&self) -> Totals {
        let mut totals = self.totals;
        for session in self.sessions.values() {
            totals.waiting_sets += session.waiting() as u64;
            totals.lost_sets += session.lost_sets;
            totals.lost_exports += session.sequence.lost;
            totals.refused_templates += session.refused_templates;
        }
        totals
    }

    /// Every sender that is remembered, in order of address.
    pub fn senders(&self) -> Vec<SenderState> {
        let mut states: Vec<SenderState> = self
            .sessions
            .iter()
            .map(|(&sender, session)| SenderState {
                sender,
                datagrams: session.datagrams,
                records: session.records,
                templates: session.templates(),
                waiting_sets: session.waiting(),
                lost_sets: session.lost_sets,
                lost_exports: session.sequence.lost,
                restarts: session.sequence.restarts,
                heard: session.heard,
            })
            .collect();
        states.sort_unstable_by_key(|state| state.sender);
        states
    }

    /// The sender's session; a new one may push out the one that was silent for longest.
    fn session(&mut self, sender: Sender, received: Nanoseconds) -> &mut Session {
        if self.sessions.len() >= MOST_SESSIONS && !self.sessions.contains_key(&sender) {
            self.forget_most_silent();
        }
        let session = self.sessions.entry(sender).or_default();
        session.heard = received;
        session.datagrams += 1;
        session
    }

    /// Of many at once, so that a flood of invented senders does not cost a search each.
    fn forget_most_silent(&mut self) {
        let mut heard: Vec<(Nanoseconds, Sender)> =
            self.sessions.iter().map(|(&sender, session)| (session.heard, sender)).collect();
        heard.sort_unstable();
        for (_, sender) in heard.into_iter().take(MOST_SESSIONS / 16) {
            if let Some(session) = self.sessions.remove(&sender) {
                self.waiting_bytes -= session.waiting_bytes();
                self.totals.lost_sets += session.lost_sets + session.waiting() as u64;
                self.totals.lost_exports += session.sequence.lost;
                self.totals.refused_templates += session.refused_templates;
                self.totals.forgotten += 1;
            }
        }
    }

    fn netflow5(
        &mut self,
        from: SocketAddr,
        received: Nanoseconds,
        mut reader: Reader,
        found: &mut Found,
    ) -> Option<()> {
        let header = netflow5::header(&mut reader)?;
        let sender = Sender { address: from, format: Format::NetFlow5, domain: header.engine };
        let session = self.session(sender, received);
        session.sequence.saw(header.sequence, Some(Step::of(u32::from(header.count))));
        let before = found.records.len();
        for _ in 0..header.count {
            match netflow5::record(&mut reader, &header, from.ip(), received) {
                Some(record) => found.records.push(record),
                None => break,
            }
        }
        let records = found.records.len() - before;
        session.records += records as u64;
        self.totals.records += records as u64;
        (records == usize::from(header.count)).then_some(())
    }

    fn netflow9(
        &mut self,
        from: SocketAddr,
        received: Nanoseconds,
        mut reader: Reader,
        found: &mut Found,
    ) -> Option<()> {
        let _records_and_templates = reader.u16()?;
        let uptime = reader.u32()?;
        let export = i64::from(reader.u32()?) * 1_000_000_000;
        let sequence = reader.u32()?;
        let sender = Sender { address: from, format: Format::NetFlow9, domain: reader.u32()? };
        let session = self.session(sender, received);
        session.sequence.saw(sequence, Some(Step::of(1)));
        let started = session.start(export, uptime);
        let time = MessageTime { export, uptime: Some((uptime, started)) };
        self.sets(sender, received, time, Dialect::NetFlow9, reader, found).0
    }

    fn ipfix(&mut self, from: SocketAddr, received: Nanoseconds, mut reader: Reader, found: &mut Found) -> Option<()> {
        let length = usize::from(reader.u16()?);
        let export = i64::from(reader.u32()?) * 1_000_000_000;
        let sequence = reader.u32()?;
        let sender = Sender { address: from, format: Format::Ipfix, domain: reader.u32()? };
        let sets = length.checked_sub(16)?;
        let whole = sets <= reader.left();
        let reader = Reader::new(reader.take(sets.min(reader.left()))?);
        self.session(sender, received);
        let time = MessageTime { export, uptime: None };
        let (read, records) = self.sets(sender, received, time, Dialect::Ipfix, reader, found);
        if let Some(session) = self.sessions.get_mut(&sender) {
            session.sequence.saw(sequence, records.filter(|_| whole));
        }
        read.filter(|()| whole)
    }

    /// Read the sets of a message. The second answer: how many data records there were, where all
    /// could be read.
    fn sets(
        &mut self,
        sender: Sender,
        received: Nanoseconds,
        time: MessageTime,
        dialect: Dialect,
        mut reader: Reader,
        found: &mut Found,
    ) -> (Option<()>, Option<Step>) {
        let mut records = Some(Step::default());
        while let Some(set) = sets::next(&mut reader, dialect) {
            match set {
                Set::Templates(content) => {
                    let announced = |reader: &mut Reader| sets::template(reader, dialect);
                    self.templates(sender, content, announced, false, found);
                }
                Set::OptionsTemplates(content) => {
                    let announced = |reader: &mut Reader| sets::options_template(reader, dialect);
                    self.templates(sender, content, announced, true, found);
                }
                Set::Data(template, content) => {
                    let read = self.data(sender, received, time, template, content, found);
                    records = records.zip(read).map(|(sum, read)| Step {
                        all: sum.all.wrapping_add(read.all),
                        flows: sum.flows.wrapping_add(read.flows),
                    });
                }
                Set::Other => {}
            }
        }
        // Fewer than four bytes are padding behind the last set.
        let whole = (reader.left() < 4).then_some(());
        (whole, whole.and(records))
    }

    fn templates(
        &mut self,
        sender: Sender,
        content: &[u8],
        mut next: impl FnMut(&mut Reader) -> Option<Announced>,
        options: bool,
        found: &mut Found,
    ) {
        let mut reader = Reader::new(content);
        while let Some(announced) = next(&mut reader) {
            let Some(session) = self.sessions.get_mut(&sender) else {
                return;
            };
            match announced {
                Announced::Template(id, plan) => {
                    self.totals.templates += 1;
                    if session.learn(id, plan) {
                        self.what_waited_for(sender, id, found);
                    }
                }
                Announced::Withdrawn(id) => session.forget(id),
                Announced::AllWithdrawn => session.forget_all(options),
                Announced::Refused => session.refused_templates += 1,
            }
        }
    }

    fn what_waited_for(&mut self, sender: Sender, template: u16, found: &mut Found) {
        let Some(session) = self.sessions.get_mut(&sender) else {
            return;
        };
        if session.waiting() == 0 {
            return;
        }
        let before = session.waiting_bytes();
        let ready = session.arrived(template);
        self.waiting_bytes -= before - session.waiting_bytes();
        for set in ready {
            self.data(sender, set.received, set.time, template, &set.bytes, found);
        }
    }

    /// Read a data set, or keep it until its template comes. `None`: kept.
    fn data(
        &mut self,
        sender: Sender,
        received: Nanoseconds,
        time: MessageTime,
        template: u16,
        content: &[u8],
        found: &mut Found,
    ) -> Option<Step> {
        let session = self.sessions.get_mut(&sender)?;
        let Some(plan) = session.plan(template) else {
            self.keep(sender, received, time, template, content);
            return None;
        };
        if plan.options {
            let mut options = Vec::new();
            let count = plan.read(content, |draft| options.push(*draft));
            for draft in options {
                if let Some(factor) = draft.sampling.factor() {
                    session.sampling.learn(draft.sampling.sampler, factor);
                }
                session.system_start = draft.system_start.or(session.system_start);
            }
            return Some(Step { all: count, flows: 0 });
        }
        let before = found.records.len();
        let mut addressless = 0;
        let count = plan.read(content, |draft| match record(sender, received, time, session, draft) {
            Some(record) => found.records.push(record),
            None => addressless += 1,
        });
        let records = (found.records.len() - before) as u64;
        session.records += records;
        self.totals.records += records;
        self.totals.addressless += addressless;
        Some(Step::of(count))
    }

    fn keep(&mut self, sender: Sender, received: Nanoseconds, time: MessageTime, template: u16, content: &[u8]) {
        let Some(session) = self.sessions.get_mut(&sender) else {
            return;
        };
        let before = session.waiting_bytes();
        session.give_up_before(received.saturating_sub(PATIENCE));
        session.wait(WaitingSet { template, time, received, bytes: content.into() });
        self.waiting_bytes = self.waiting_bytes + session.waiting_bytes() - before;
        while self.waiting_bytes > MOST_WAITING {
            let before = session.waiting_bytes();
            if !session.give_up_oldest() {
                break;
            }
            self.waiting_bytes -= before - session.waiting_bytes();
        }
    }

    fn sflow5(&mut self, from: SocketAddr, received: Nanoseconds, mut reader: Reader, found: &mut Found) -> Option<()> {
        let header = sflow::header(&mut reader)?;
        let sender = Sender { address: from, format: Format::Sflow5, domain: header.sub_agent };
        let session = self.session(sender, received);
        session.sequence.saw(header.sequence, Some(Step::of(1)));
        let exporter = header.agent.unwrap_or(from.ip());
        let before = found.records.len() + found.headers.len();
        let whole = sflow::samples(&mut reader, &header, exporter, received, found);
        let records = (found.records.len() + found.headers.len() - before) as u64;
        session.records += records;
        self.totals.records += records;
        whole
    }
}

/// Make a record of what was read; `None` where it names no address.
fn record(
    sender: Sender,
    received: Nanoseconds,
    time: MessageTime,
    session: &Session,
    draft: &Draft,
) -> Option<Record> {
    let unspecified = |other: IpAddr| match other {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    };
    let some = draft.source.or(draft.destination)?;
    let source = draft.source.unwrap_or(unspecified(some));
    let destination = draft.destination.unwrap_or(unspecified(some));
    let started = draft.system_start.or(session.system_start);
    let forward = side(&draft.forward, None, time, started);
    let reverse = draft
        .has_reverse
        .then(|| side(&draft.reverse, Some(&forward), time, started))
        .filter(|side| side.packets > 0 || side.bytes > 0);
    let icmp = icmp(draft);
    let mut record = Record {
        format: sender.format,
        exporter: sender.address.ip(),
        domain: sender.domain,
        received,
        input: draft.input,
        output: draft.output,
        source,
        destination,
        source_port: if icmp.is_some() { 0 } else { draft.source_port },
        destination_port: if icmp.is_some() { 0 } else { draft.destination_port },
        protocol: draft.protocol,
        icmp,
        tos: draft.tos,
        vlan: draft.vlan,
        inner_vlan: draft.inner_vlan,
        source_mac: draft.source_mac,
        destination_mac: draft.destination_mac,
        direction: draft.direction,
        next_hop: draft.next_hop.filter(|hop| !hop.is_unspecified()),
        source_as: draft.source_as,
        destination_as: draft.destination_as,
        ttl: draft.minimum_ttl.zip(draft.maximum_ttl),
        end_reason: draft.end_reason,
        sampling: draft.sampling.factor().unwrap_or_else(|| session.sampling.of(draft.sampling.sampler)),
        forward,
        reverse,
        is_arbitrary: matches!(draft.biflow_direction, Some(0 | 3)),
    };
    if record.protocol != 6 {
        record.forward.tcp_flags = None;
    }
    if draft.biflow_direction == Some(2) {
        turn(&mut record);
    }
    Some(record)
}

/// ICMP's type and code, in their own element or, as v5 has it, in the destination port.
fn icmp(draft: &Draft) -> Option<(u8, u8)> {
    if draft.protocol != 1 && draft.protocol != 58 {
        return None;
    }
    match draft.icmp {
        Some((0, 0)) | None if draft.destination_port != 0 => Some(draft.destination_port.to_be_bytes().into()),
        told => told,
    }
}

/// biflowDirection (IE 239) 2: the record's source is who answered.
fn turn(record: &mut Record) {
    std::mem::swap(&mut record.source, &mut record.destination);
    std::mem::swap(&mut record.source_port, &mut record.destination_port);
    std::mem::swap(&mut record.source_mac, &mut record.destination_mac);
    std::mem::swap(&mut record.source_as, &mut record.destination_as);
    std::mem::swap(&mut record.input, &mut record.output);
    let forward = record.forward;
    record.forward = record.reverse.unwrap_or(Side { packets: 0, bytes: 0, ..forward });
    record.reverse = Some(forward);
}

/// Times of the way back, where they are not exported, are those of the way there.
fn side(draft: &DraftSide, other: Option<&Side>, time: MessageTime, started: Option<Nanoseconds>) -> Side {
    let first = moment(draft.first, time, started);
    let last = moment(draft.last, time, started);
    let duration = draft.duration.unwrap_or(match (draft.first, draft.last) {
        // Without the exporter's start only the distance is known.
        (Moment::Uptime(first), Moment::Uptime(last)) => i64::from(last.wrapping_sub(first)) * MILLISECOND,
        _ => 0,
    });
    let last = last.or_else(|| first.map(|first| first.saturating_add(duration)));
    let last = last.or(other.map(|other| other.last)).unwrap_or(time.export);
    let first = first.unwrap_or_else(|| match other {
        Some(other) => other.first,
        None => last.saturating_sub(duration),
    });
    Side {
        packets: draft.packets,
        bytes: draft.bytes,
        wire_bytes: draft.wire_bytes,
        tcp_flags: draft.tcp_flags,
        first: first.min(last),
        last,
    }
}

fn moment(moment: Moment, time: MessageTime, started: Option<Nanoseconds>) -> Option<Nanoseconds> {
    match moment {
        Moment::Untold => None,
        Moment::At(at) => Some(at),
        Moment::BeforeExport(microseconds) => Some(time.export - i64::from(microseconds) * 1_000),
        Moment::Uptime(uptime) => match (time.uptime, started) {
            (Some((now, started)), _) => {
                // Signed: it wraps after 49.7 days, and may be a little in the future.
                let age = i64::from(now.wrapping_sub(uptime) as i32);
                Some(started + (i64::from(now) - age) * MILLISECOND)
            }
            (None, Some(started)) => {
                let now = (time.export.saturating_sub(started) / MILLISECOND) as u32;
                let age = i64::from(now.wrapping_sub(uptime) as i32);
                Some(time.export - age * MILLISECOND)
            }
            (None, None) => None,
        },
    }
}
