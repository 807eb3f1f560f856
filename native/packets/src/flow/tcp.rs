//! The two ends of a TCP connection, as an onlooker sees them.
//!
//! States, sequence numbers and history follow what Zeek writes to conn.log, so that rows of both can
//! be laid beside each other; the reasons are in docs/explanation/packets.md.

mod steady;

use super::history::History;
use crate::packet::{Arrival, Packet, Segment, Way, ACK, FIN, RST, SYN};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing seen from this end.
    #[default]
    Inactive,
    SynSent,
    /// SYN+ACK without the SYN before it.
    SynAckSent,
    /// Data without SYN.
    Partial,
    Established,
    Closed,
    Reset,
}

use State::{Closed, Established, Inactive, Partial, Reset, SynAckSent, SynSent};

/// The letter for roles that changed.
pub const FLIPPED: u8 = b'^';
/// A jump in sequence numbers that no window explains.
const TOO_FAR: i32 = 1 << 20;
/// Data above a hole that nobody acknowledges: more of it means that the other way is not captured.
const ABOVE_HOLE: u64 = 16_384;
/// Data that nobody acknowledges: what comes behind so much of it is kept for nobody.
const FIRST_WINDOW: u64 = 16_384;
/// Parts of the stream that wait for a hole before them to be filled.
const WAITING: usize = 256;

/// Letters that are written once each way.
mod once {
    pub const SYN: u32 = 0x01;
    pub const FIN: u32 = 0x02;
    pub const RST: u32 = 0x04;
    pub const FIN_RST: u32 = 0x08;
    pub const DATA: u32 = 0x10;
    pub const ACK: u32 = 0x20;
    pub const MULTIPLE: u32 = 0x40;
}

/// One end of a connection. Positions are relative: 0 is the SYN, 1 the first byte. What every segment touches
/// comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct End {
    pub state: State,
    before: State,
    pub did_close: bool,
    did_end: bool,
    skips: bool,
    had_data: bool,
    last: u32,
    last_wraps: u32,
    acked: u32,
    acked_wraps: u32,
    pub fins: u32,
    /// Sequence number of the SYN; one less than 0 is possible where no SYN was seen.
    start: i64,
    /// All bytes before this position were seen, or given up.
    delivered: u64,
    trimmed: u64,
    /// End of the furthest data that was kept.
    furthest: u64,
    /// Stretches above a hole, in order.
    waiting: Vec<(u64, u64)>,
    fin_position: u64,
    last_syn: u64,
    last_fin: u64,
    last_reset: u64,
    pub resets: u32,
    pub repeated: u32,
    zero_windows: u32,
    gaps: u32,
    pub bad_checksums: u32,
}

#[inline]
fn delta(left: u32, right: u32) -> i32 {
    left.wrapping_sub(right) as i32
}

impl End {
    pub fn new() -> End {
        End { delivered: 1, trimmed: 1, ..End::default() }
    }

    fn begin(&mut self, start: i64, last: u32) {
        self.start = start;
        self.acked = start as u32;
        self.last = last;
    }

    fn full(number: u32, wraps: u32) -> i64 {
        i64::from(wraps) << 32 | i64::from(number)
    }

    fn start_number(&self) -> u32 {
        self.start as u32
    }

    /// Payload bytes by sequence numbers.
    pub fn size(&self, peer: State) -> u64 {
        let nothing_acked = self.nothing_acked();
        if self.before == SynSent && self.state == Reset && peer == Inactive && !nothing_acked {
            return 0; // a half-open connection that was found out: the numbers are of an older one
        }
        let last = End::full(self.last, self.last_wraps);
        let acked = End::full(self.acked, self.acked_wraps);
        let mut size = last.max(acked).wrapping_sub(self.start) as u64;
        size = size.saturating_sub(1);
        if self.fins > 0 {
            size = size.saturating_sub(1);
        }
        size
    }

    fn nothing_acked(&self) -> bool {
        let acked = End::full(self.acked, self.acked_wraps);
        acked == self.start || acked == self.start.wrapping_add(1)
    }

    fn enter(&mut self, state: State) {
        if state != self.state {
            self.before = self.state;
            self.state = state;
        }
    }

    /// The position of a sequence number, and whether it lies before the start.
    fn position(&self, number: u32, last: u32, wraps: u32) -> (u64, bool) {
        let mut wraps = wraps;
        let far = delta(number, last);
        if far < 0 && wraps > 0 && number > last {
            wraps -= 1;
        } else if far > 0 && number < last {
            wraps += 1;
        }
        if wraps == 0 {
            let far = delta(number, self.start_number());
            return (i64::from(far) as u64, far < 0);
        }
        (End::full(number, wraps).wrapping_sub(self.start) as u64, false)
    }

    fn advance_last(&mut self, last: u32) {
        if last < self.last {
            self.last_wraps = self.last_wraps.wrapping_add(1);
        }
        self.last = last;
    }

    fn has_kept(&self) -> bool {
        self.had_data && self.furthest > self.trimmed
    }

    fn is_clean(&self) -> bool {
        self.state == Established || (self.state == Closed && self.before == Established)
    }

    /// Payload at a position: what is in order is delivered, the rest waits.
    fn receive(&mut self, begin: u64, end: u64, peer: State) {
        if self.skips {
            return;
        }
        let acked = End::full(self.acked, self.acked_wraps).wrapping_sub(self.start) as u64;
        let mut begin = begin;
        if begin < acked {
            if end <= acked {
                return;
            }
            begin = acked;
        }
        if end <= self.trimmed {
            return;
        }
        begin = begin.max(self.trimmed);
        self.had_data = true;
        self.furthest = self.furthest.max(end);
        if begin <= self.delivered {
            self.delivered = self.delivered.max(end);
            if !self.waiting.is_empty() {
                self.deliver_waiting();
            }
            if self.nothing_acked() && self.size(peer) > FIRST_WINDOW {
                self.trimmed = self.trimmed.max(self.delivered);
            }
        } else {
            self.wait(begin, end);
        }
        if self.nothing_acked() && self.furthest.saturating_sub(self.delivered) > ABOVE_HOLE {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.waiting = Vec::new();
        self.furthest = self.trimmed;
        self.skips = true;
    }

    fn wait(&mut self, begin: u64, end: u64) {
        let waiting = &mut self.waiting;
        let at = waiting.partition_point(|stretch| stretch.0 < begin);
        if waiting.get(at).is_some_and(|same| same.0 == begin && same.1 >= end) {
            return;
        }
        waiting.insert(at, (begin, end));
        if waiting.len() > WAITING {
            self.give_up();
        }
    }

    fn deliver_waiting(&mut self) {
        let mut taken = 0;
        for stretch in &self.waiting {
            if stretch.0 > self.delivered {
                break;
            }
            self.delivered = self.delivered.max(stretch.1);
            taken += 1;
        }
        self.waiting.drain(..taken);
    }
}

/// A connection. What every segment touches lies together: what is said of both ends comes before them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Connection {
    pub fully_open: bool,
    seen: u8,
    partial: bool,
    /// No more reports wanted: Zeek's timers then do nothing.
    pub finished: bool,
    defers_close: bool,
    /// The responder has taken the call: the table has not asked yet for which service it is.
    pub established: bool,
    /// Whoever talks here may be silent for long.
    pub patient: bool,
    /// When to forget the connection, where that is decided.
    pub forget: Option<i64>,
    pub ends: [End; 2],
}

/// What the table has to do with a packet's flow.
pub struct Verdict {
    /// Both ends change roles.
    pub flip: bool,
    /// The packet counts for the duration.
    pub counts: bool,
}

const CLOSE_DELAY: i64 = 5_000_000_000;

impl Default for Connection {
    fn default() -> Connection {
        Connection::new()
    }
}

impl Connection {
    pub fn new() -> Connection {
        Connection {
            fully_open: false,
            seen: 0,
            partial: false,
            finished: false,
            defers_close: false,
            established: false,
            patient: false,
            forget: None,
            ends: [End::new(), End::new()],
        }
    }

    fn closed_in_some_sense(&self) -> bool {
        self.ends[0].did_close || self.ends[1].did_close
    }

    /// Does this segment begin another connection with the same ends?
    pub fn is_reuse(&self, segment: &Segment) -> bool {
        let flags = segment.flags;
        if flags & SYN == 0 || !segment.sound {
            return false;
        }
        let mut end = &self.ends[0];
        if flags & ACK != 0 {
            if end.state != Inactive {
                return false;
            }
            end = &self.ends[1];
        }
        if self.closed_in_some_sense() {
            return true;
        }
        let sequence = segment.sequence;
        let reply = &self.ends[1];
        let reversal =
            flags & ACK == 0 && end.state == SynAckSent && reply.state == Inactive && sequence == reply.start_number();
        sequence != end.start_number() && !reversal
    }

    /// Is the payload of the packet just taken in the next of its way, with nothing missing before it?
    pub fn is_in_order(&self, way: Way, packet: &Packet) -> bool {
        let end = &self.ends[way as usize];
        let begin = packet.segment.sequence.wrapping_add(u32::from(packet.segment.flags & SYN != 0));
        let position = begin.wrapping_sub(end.start as u32);
        let here = u64::from(position);
        let place = if packet.whole { here.wrapping_add(u64::from(packet.payload)) } else { here };
        place == end.delivered && end.gaps == 0 && end.repeated == 0
    }

    /// Change roles; what comes later may make the connection partial again.
    fn flip(&mut self) {
        self.ends.swap(0, 1);
        self.seen = (self.seen & 1) << 1 | (self.seen & 2) >> 1;
        self.partial = false;
    }

    /// Take a packet in.
    #[inline]
    pub fn packet(&mut self, packet: &Arrival, way: Way, history: &mut History, last: i64) -> Verdict {
        if self.goes_on_with(packet, way, history) {
            return Verdict { flip: false, counts: !self.ends[0].did_close || !self.ends[1].did_close };
        }
        self.any_packet(packet, way, history, last)
    }

    #[inline(never)]
    fn any_packet(&mut self, packet: &Arrival, way: Way, history: &mut History, last: i64) -> Verdict {
        let segment = packet.segment;
        let flags = segment.flags;
        let length = packet.payload;
        let (syn, fin, reset, ack) = (flags & SYN != 0, flags & FIN != 0, flags & RST != 0, flags & ACK != 0);
        let here = way as usize;
        self.note_partial(flags, way);

        let taken = u32::from(syn) + u32::from(fin) + if reset { 0 } else { length };
        let past = segment.sequence.wrapping_add(taken);
        self.begin_end(here, flags, segment.sequence, past);
        let end = &self.ends[here];
        let (position, underflow) = end.position(segment.sequence, end.last, end.last_wraps);
        let began_with_answer = self.take_answer_for_beginning(history, flags, length);
        let way = if began_with_answer { way.other() } else { way };
        let (here, there) = (way as usize, 1 - way as usize);
        self.write_history(history, way, flags, position, length);
        self.note_window(history, way, segment.window, reset);
        let counts = !self.ends[0].did_close || !self.ends[1].did_close;
        let now = if counts { packet.time } else { last };

        if fin {
            let end = &mut self.ends[here];
            end.fins = end.fins.saturating_add(1);
            end.fin_position = position.wrapping_add(u64::from(taken));
        }
        if reset {
            self.ends[here].resets = self.ends[here].resets.saturating_add(1);
        }
        let mut acked = 0;
        if ack {
            acked = self.acknowledge(there, segment.acknowledged, reset);
        }
        self.advance(history, way, past, flags, length);
        let outcome = self.change_state(way, segment.sequence, flags, length);
        if outcome.flip {
            history.add(FLIPPED);
        }
        // Where roles changed half-way, the ends did too.
        let way = if outcome.flip { way.other() } else { way };
        let (here, there) = (way as usize, 1 - way as usize);
        if ack {
            self.trim(history, way, acked, now);
        }
        self.seen |= 1 << here;
        let data = if syn { position.wrapping_add(1) } else { position };
        if length > 0 && packet.whole && !reset && !underflow {
            let peer = self.ends[there].state;
            self.ends[here].receive(data, data.saturating_add(u64::from(length)), peer);
        }
        self.check_end(here, now);
        if outcome.close {
            self.close(here, there, now, outcome.report);
        }
        Verdict { flip: outcome.flip || began_with_answer, counts }
    }

    /// Was the SYN+ACK that is all of the connection so far an answer, whose SYN was not captured? Then acknowledgements
    /// and data follow it, and roles change; a scan by SYN+ACK is followed by a RST, or by nothing.
    fn take_answer_for_beginning(&mut self, history: &mut History, flags: u8, length: u32) -> bool {
        let goes_on = flags & (SYN | FIN | RST) == 0 && (length > 0 || flags & ACK != 0);
        if !goes_on || !history.is_only(b'H') {
            return false;
        }
        self.flip();
        self.seen |= 1;
        history.rewrite([FLIPPED, b'h']);
        true
    }

    fn note_partial(&mut self, flags: u8, way: Way) {
        match way {
            Way::Forth if self.seen & 1 == 0 => self.partial = flags & (SYN | ACK) != SYN,
            Way::Back if self.seen & 2 == 0 && !self.partial => self.partial = flags & SYN == 0,
            _ => {}
        }
    }

    fn begin_end(&mut self, here: usize, flags: u8, sequence: u32, past: u32) {
        let end = &mut self.ends[here];
        let syn = flags & SYN != 0;
        match end.state {
            Inactive if syn => end.begin(i64::from(sequence), past),
            Inactive => {
                // As if there had been a SYN, so that positions mean the same.
                end.start = i64::from(sequence.wrapping_sub(1));
                end.acked = sequence.wrapping_sub(1);
                end.last = sequence;
            }
            SynSent | SynAckSent if syn && sequence != end.start_number() => end.begin(i64::from(sequence), past),
            Established | Partial if syn => end.begin(i64::from(sequence), past),
            Reset if syn && end.before == Inactive => end.begin(i64::from(sequence), past),
            _ => {}
        }
    }

    fn write_history(&mut self, history: &mut History, way: Way, flags: u8, position: u64, length: u32) {
        let end = &mut self.ends[way as usize];
        let shift = 16 * way as u32;
        let letter = |letter: u8| if way == Way::Forth { letter } else { letter.to_ascii_lowercase() };
        let (syn, fin, reset) = (flags & SYN != 0, flags & FIN != 0, flags & RST != 0);
        match u8::from(syn) + u8::from(fin) + u8::from(reset) {
            0 if length > 0 => {
                history.check(once::DATA << shift, letter(b'D'));
            }
            0 if flags & ACK != 0 => {
                history.check(once::ACK << shift, letter(b'A'));
            }
            0 => {}
            1 if syn => {
                let code = letter(if flags & ACK != 0 { b'H' } else { b'S' });
                if history.check(once::SYN << shift, code) && position != end.last_syn {
                    history.add(code);
                }
                end.last_syn = position;
            }
            1 if fin => {
                let position = position.wrapping_add(u64::from(length));
                if history.check(once::FIN << shift, letter(b'F')) && position != end.last_fin {
                    history.add(letter(b'F'));
                }
                end.last_fin = position;
            }
            1 => {
                if history.check(once::RST << shift, letter(b'R')) && position != end.last_reset {
                    history.add(letter(b'R'));
                }
                end.last_reset = position;
            }
            _ if fin && reset => {
                history.check(once::FIN_RST << shift, letter(b'I'));
            }
            _ => {
                history.check(once::MULTIPLE << shift, letter(b'Q'));
            }
        }
    }

    fn note_window(&mut self, history: &mut History, way: Way, window: u16, reset: bool) {
        let peer = self.ends[1 - way as usize].state;
        let end = &mut self.ends[way as usize];
        if window == 0 && !reset && peer != Closed && end.state != Reset {
            history.count(&mut end.zero_windows, if way == Way::Forth { b'W' } else { b'w' });
        }
    }

    /// Note what the other end is told to have been received; give its position.
    fn acknowledge(&mut self, there: usize, number: u32, reset: bool) -> u64 {
        let peer = &mut self.ends[there];
        if peer.state == Inactive {
            peer.begin(i64::from(number.wrapping_sub(1)), number.wrapping_sub(1));
            return 1;
        }
        let (position, underflow) = peer.position(number, peer.acked, peer.acked_wraps);
        if underflow {
            return 0;
        }
        if !reset {
            let far = delta(number, peer.acked);
            let broken = number == 0 && far > TOO_FAR;
            if !broken && far > 0 {
                if number < peer.acked {
                    peer.acked_wraps = peer.acked_wraps.wrapping_add(1);
                }
                peer.acked = number;
            }
        }
        position
    }

    fn advance(&mut self, history: &mut History, way: Way, past: u32, flags: u8, length: u32) {
        let end = &mut self.ends[way as usize];
        let far = delta(past, end.last);
        if flags & (SYN | RST) != 0 && !(-TOO_FAR..=TOO_FAR).contains(&far) {
            return;
        }
        if flags & FIN != 0 && end.last == end.start_number().wrapping_add(1) {
            // Only SYN and FIN were captured, perhaps more than 2 GiB apart.
            end.advance_last(past);
        } else if end.state == Reset {
        } else if far > 0 {
            end.advance_last(past);
        } else if length > 0 {
            history.count(&mut end.repeated, if way == Way::Forth { b'T' } else { b't' });
        }
    }

    fn trim(&mut self, history: &mut History, way: Way, acked: u64, now: i64) {
        let there = 1 - way as usize;
        let clean = self.ends[0].is_clean() && self.ends[1].is_clean();
        let peer = &mut self.ends[there];
        let mut acked = acked;
        if peer.fins > 0 && acked >= peer.fin_position {
            acked = peer.fin_position.wrapping_sub(1);
        }
        if acked <= peer.trimmed {
            return;
        }
        if acked > peer.delivered && !(acked <= 2 && self.partial) {
            let letter = if way == Way::Forth { b'g' } else { b'G' };
            Connection::gap(peer, history, letter, clean, acked);
        }
        peer.trimmed = acked;
        if !peer.waiting.is_empty() {
            peer.deliver_waiting();
        }
        self.check_end(there, now);
    }

    /// The other end has acknowledged what was never seen.
    fn gap(end: &mut End, history: &mut History, letter: u8, clean: bool, acked: u64) {
        if !end.skips {
            while let Some(next) = end.waiting.first().copied() {
                if next.0 >= acked {
                    break;
                }
                if clean && next.0 > end.delivered {
                    history.count(&mut end.gaps, letter);
                }
                end.delivered = end.delivered.max(next.0);
                end.deliver_waiting();
            }
            if acked > end.delivered && clean {
                history.count(&mut end.gaps, letter);
            }
        }
        end.delivered = end.delivered.max(acked);
    }

    fn data_pending(&self, here: usize) -> bool {
        let end = &self.ends[here];
        if end.skips {
            return false;
        }
        let delivered = end.start.wrapping_add(end.delivered as i64);
        let last = End::full(end.last, end.last_wraps);
        if last < delivered {
            return false;
        }
        if delivered != last.wrapping_sub(1) && delivered != last {
            return true;
        }
        end.state != Reset && self.ends[1 - here].has_kept()
    }

    /// Everything of this end was seen: a close that waited for it happens now.
    fn check_end(&mut self, here: usize, now: i64) {
        let end = &self.ends[here];
        let over = end.fins > 0 || end.state == Closed || end.state == Reset;
        if end.did_end || !over || self.data_pending(here) {
            return;
        }
        self.ends[here].did_end = true;
        if self.defers_close {
            self.close(here, 1 - here, now, true);
            self.defers_close = false;
        }
    }

    fn close(&mut self, here: usize, there: usize, now: i64, report: bool) {
        if self.data_pending(here) {
            self.defers_close = true;
            return;
        }
        self.defers_close = false;
        if self.ends[here].did_close {
            return;
        }
        self.ends[here].did_close = true;
        let complete =
            self.ends[here].state == Reset || self.ends[there].did_close || self.ends[there].state == Inactive;
        if complete {
            if report && (self.ends[here].before != Inactive || self.ends[there].state != Inactive) {
                self.finished = true;
            }
            self.forget.get_or_insert(now.saturating_add(CLOSE_DELAY));
        }
    }
}

/// What a packet did to the state of its end.
#[derive(Default)]
struct Outcome {
    flip: bool,
    close: bool,
    report: bool,
}

impl Connection {
    fn change_state(&mut self, way: Way, sequence: u32, flags: u8, length: u32) -> Outcome {
        match self.ends[way as usize].state {
            Inactive => self.leave_inactive(way, sequence, flags, length),
            SynSent | SynAckSent => self.leave_syn_sent(way, flags),
            Established | Partial => self.leave_established(way, flags),
            Closed => self.leave_closed(way, flags),
            Reset => Outcome::default(),
        }
    }

    fn enter(&mut self, at: usize, state: State) {
        self.ends[at].enter(state);
        let handshake = |state: State| matches!(state, Inactive | SynSent | SynAckSent);
        if !handshake(self.ends[0].state) || !handshake(self.ends[1].state) {
            self.fully_open = true;
        }
    }

    fn leave_inactive(&mut self, way: Way, sequence: u32, flags: u8, length: u32) -> Outcome {
        let mut outcome = Outcome::default();
        let (here, there) = (way as usize, 1 - way as usize);
        let ack = flags & ACK != 0;
        let mut me = here;
        let mut peer = there;
        if flags & SYN != 0 {
            if way == Way::Forth {
                self.enter(here, if ack { SynAckSent } else { SynSent });
            } else {
                if !ack && self.ends[there].state == SynAckSent && sequence == self.ends[here].start_number() {
                    // SYN and SYN+ACK were captured in the wrong order: change roles.
                    self.partial = false;
                    self.flip();
                    outcome.flip = true;
                    (me, peer) = (there, here);
                    self.enter(peer, Established);
                    self.seen |= 1;
                }
                if self.ends[peer].state == SynSent {
                    self.enter(peer, Established);
                }
                self.enter(me, Established);
                self.established = self.ends[peer].state != Partial;
            }
        }
        if flags & FIN != 0 {
            self.enter(me, Closed);
            outcome.close = true;
            outcome.report = true;
        }
        if flags & RST != 0 {
            self.enter(me, Reset);
            let peer = self.ends[peer].state;
            let reject = match way {
                Way::Forth => peer == Established,
                Way::Back => peer == SynSent || peer == SynAckSent,
            };
            outcome.close = true;
            outcome.report = !reject;
        }
        if self.ends[me].state == Inactive {
            if way == Way::Back && length == 0 && self.ends[0].state == SynSent {
                // Some answer a SYN with a bare ACK before the SYN+ACK.
            } else if ack && self.ends[peer].state == Established {
                self.enter(me, Established);
                self.partial = false;
                self.seen |= 1 << me;
            } else {
                self.enter(me, Partial);
            }
        }
        outcome
    }

    fn leave_syn_sent(&mut self, way: Way, flags: u8) -> Outcome {
        let here = way as usize;
        let mut outcome = Outcome::default();
        if flags & FIN != 0 {
            self.enter(here, Closed);
            outcome.close = true;
            outcome.report = true;
        }
        if flags & RST != 0 {
            self.enter(here, Reset);
            self.finished = true;
            outcome.close = true;
        }
        outcome
    }

    fn leave_established(&mut self, way: Way, flags: u8) -> Outcome {
        let (here, there) = (way as usize, 1 - way as usize);
        let mut outcome = Outcome::default();
        let late_syn = self.ends[here].state == Partial && self.ends[there].state == Inactive;
        if flags & SYN != 0 && late_syn && flags & ACK == 0 {
            self.enter(here, SynSent);
        }
        if flags & FIN != 0 && flags & RST == 0 {
            self.enter(here, Closed);
            if self.ends[there].state == Reset && self.ends[there].before == Closed {
                self.enter(there, Closed); // a FIN and then a RST was an ordinary end after all
            }
            outcome.close = true;
            outcome.report = true;
        }
        if flags & RST != 0 {
            self.enter(here, Reset);
            outcome.close = true;
            if self.ends[there].state != Reset || self.ends[there].before != Established {
                self.finished = true;
            }
        }
        outcome
    }

    fn leave_closed(&mut self, way: Way, flags: u8) -> Outcome {
        let (here, there) = (way as usize, 1 - way as usize);
        let mut outcome = Outcome::default();
        if flags & RST != 0 && self.ends[there].state != Closed {
            self.enter(here, Reset);
            outcome.close = !self.ends[here].did_close;
        }
        outcome
    }
}

const LINGER: i64 = 5_000_000_000;
const FIRST_LOOK: i64 = 5_000_000_000;
const NEXT_LOOK: i64 = 6_000_000_000;
const ATTEMPT: i64 = 5_000_000_000;
/// Minutes of silence, before and after a connection is open.
const SILENCE_UNOPENED: i64 = 60_000_000_000;
pub const SILENCE: i64 = 300_000_000_000;
/// Where somebody sits at a terminal.
pub const LONG_SILENCE: i64 = 3_600_000_000_000;

impl Connection {
    /// When is this connection to be forgotten, if nothing more comes?
    pub fn expiry(&self, first: i64, last: i64) -> i64 {
        let silence = match (self.patient, self.fully_open) {
            (true, _) => LONG_SILENCE,
            (false, true) => SILENCE,
            (false, false) => SILENCE_UNOPENED,
        };
        let mut when = last.saturating_add(silence);
        if let Some(forget) = self.forget {
            return when.min(forget);
        }
        let [orig, resp] = &self.ends;
        if !self.finished && matches!(orig.state, SynSent | SynAckSent) && resp.state == Inactive {
            when = when.min(first.saturating_add(ATTEMPT));
        }
        let over = |end: &End| end.state == Reset || end.state == Inactive;
        let half =
            (orig.did_close || resp.did_close) && ((orig.did_close && resp.did_close) || over(orig) || over(resp));
        let nothing = orig.state == Inactive && resp.state == Inactive;
        if !self.finished && (half || nothing) {
            // Zeek looks 5 s after the first packet and every 6 s from then on, and wants 5 s of silence. It looks with
            // the next packet of anybody, which comes a little later: silence that is just long enough is so by then.
            let idle = last.saturating_add(LINGER).saturating_sub(first.saturating_add(FIRST_LOOK));
            let looks = idle.max(0).saturating_add(NEXT_LOOK - 1) / NEXT_LOOK;
            when = when.min(first.saturating_add(FIRST_LOOK).saturating_add(looks.saturating_mul(NEXT_LOOK)));
        }
        when
    }

    /// The state in Zeek's words.
    pub fn summary(&self, history: &History) -> &'static str {
        let [orig, resp] = &self.ends;
        let idle = |end: &End| matches!(end.state, Inactive | Partial);
        match (orig.state, resp.state) {
            (SynSent | SynAckSent, Reset) => "REJ",
            (Reset, Reset) if orig.size(resp.state) == 0 && resp.size(orig.state) == 0 => "REJ",
            (_, Reset) if idle(orig) => "RSTRH",
            (_, Reset) => "RSTR",
            (Reset, _) if idle(resp) && is_syn_and_reset(&history.text()) => "RSTOS0",
            (Reset, _) if idle(resp) => "OTH",
            (Reset, _) => "RSTO",
            (Closed, Closed) => "SF",
            (Closed, _) if idle(resp) => "SH",
            (Closed, _) => "S2",
            (_, Closed) if idle(orig) => "SHR",
            (_, Closed) => "S3",
            (SynSent, Inactive) => "S0",
            (Established, Established) => "S1",
            _ => "OTH",
        }
    }
}

/// A SYN by the originator, then nothing of substance from it, then its RST.
fn is_syn_and_reset(history: &str) -> bool {
    let history = history.strip_prefix('^').unwrap_or(history);
    let Some(rest) = history.strip_prefix('S') else { return false };
    rest.split_once('R').is_some_and(|(between, _)| !between.contains(['H', 'A', 'F', 'G', 'I', 'Q']))
}
