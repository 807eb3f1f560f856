//! What a line is wrapped in: JSON as the journal, containers, shippers and programs write it, and the lines of the
//! Kubernetes Container Runtime Interface. What is inside goes the way that it would go as a line of its own.
//!
//! Programs write JSON behind a header of syslog, too, with the cookie of CEE (Common Event Expression) or without.

use crate::address::{end, is_address, port};
use crate::asa::protocol;
use crate::fields::{Field, FIELDS};
use crate::header::{header, severity, Header, COOKIE};
use crate::json;
use crate::row::{End, Row};
use crate::text::{number, position, skip_spaces, split, trim};
use crate::time::Clock;

/// Wrappings inside each other that are looked into: a shipper's, of a container's, of a program's.
const MOST: usize = 3;
/// Where the time of a container's line ends: of `2026-03-03T10:11:12`, and with a fraction and a zone.
const SECONDS_END: usize = 19;
const TIME_ENDS: usize = 40;
/// From this rank on, a host is one that a program speaks of, as well as the one that it runs on.
const ANY_HOST: u8 = 4;

/// From this rank on, a code is that of an event of whatever product.
const ANY_CODE: u8 = 4;

/// A line that was opened; it is kept from line to line for its memory.
#[derive(Debug, Default)]
pub struct Envelope {
    text: String,
    found: [Option<Found>; FIELDS],
    /// The object that stands behind the header of the message inside.
    behind: Option<Box<Envelope>>,
}

/// Where in the text the value of a field is.
#[derive(Clone, Copy, Debug)]
struct Found {
    /// The lower, the better known.
    rank: u8,
    begin: usize,
    end: usize,
    /// A message as it was written, which may have a header of its own.
    is_raw: bool,
}

impl Envelope {
    /// Open a line; false where it is no envelope, or a damaged one.
    #[inline]
    pub fn open(&mut self, line: &[u8]) -> bool {
        match line.first() {
            Some(b'{') => self.opened(line),
            Some(b'1'..=b'9') if container(line).is_some() => self.opened(line),
            _ => false,
        }
    }

    #[inline(never)] // of nearly all lines there is none
    fn opened(&mut self, line: &[u8]) -> bool {
        self.clear();
        let is_one = self.read(line);
        if is_one {
            self.look_inside();
            self.look_behind();
        }
        is_one
    }

    /// Open the object that is the message of a line with a header, which says what the object may leave out.
    #[inline(never)]
    pub fn open_behind(&mut self, object: &[u8]) -> bool {
        self.clear();
        let is_one = self.read_object(object) && self.found.iter().any(Option::is_some);
        if is_one {
            self.look_inside();
        }
        is_one
    }

    fn clear(&mut self) {
        self.text.clear();
        self.found = [None; FIELDS];
        self.behind = None;
    }

    fn look_inside(&mut self) {
        for _ in 1..MOST {
            let inside = self.text(Field::Message).to_vec();
            if !self.read_inside(&inside) || self.text(Field::Message) == inside {
                break;
            }
        }
    }

    /// Open an object that stands behind a header of the message, as a program in a container writes to syslog.
    fn look_behind(&mut self) {
        let is_raw = self.found(Field::Message).is_some_and(|found| found.is_raw);
        let message = self.text(Field::Message);
        if !is_raw || message.first() == Some(&b'{') || message.last() != Some(&b'}') {
            return;
        }
        let Some(object) = object(header(message, &mut Clock::default()).message) else { return };
        let mut behind = Box::<Envelope>::default();
        self.behind = behind.open_behind(object).then_some(behind);
    }

    /// The object that stands behind the header of what is inside, where there is one.
    pub fn behind(&self) -> Option<&Envelope> {
        self.behind.as_deref()
    }

    /// Look whether the message is an envelope, too: what is inside knows better.
    fn read_inside(&mut self, inside: &[u8]) -> bool {
        if !matches!(inside.first(), Some(b'{' | b'1'..=b'9')) {
            return false;
        }
        let around = std::mem::replace(&mut self.found, [None; FIELDS]);
        let is_one = self.read(inside);
        if is_one {
            let outer = |field: Field| around.get(field as usize).copied().flatten();
            // Who wrapped it up received it then.
            let received = outer(Field::Received).or_else(|| outer(Field::Time));
            for (own, outer) in self.found.iter_mut().zip(around) {
                *own = own.or(outer);
            }
            self.set(Field::Received, received);
        } else {
            self.found = around;
        }
        is_one
    }

    fn read(&mut self, line: &[u8]) -> bool {
        if line.first() == Some(&b'{') {
            return self.read_object(line)
                && (self.has(Field::Time) || self.has(Field::Received) || self.has(Field::Message));
        }
        self.read_container(line).is_some()
    }

    fn read_object(&mut self, text: &[u8]) -> bool {
        json::read(text, |field, rank, value| self.put(field, rank, value))
    }

    fn read_container(&mut self, line: &[u8]) -> Option<()> {
        let (time, rest) = container(line)?;
        let (tag, text) = split(rest, b' ')?;
        if !matches!(tag.split(|byte| *byte == b':').next(), Some(b"F" | b"P")) {
            return None;
        }
        self.put(Field::Time, 0, std::str::from_utf8(time).ok()?);
        self.put(Field::RawMessage, 0, std::str::from_utf8(text).ok()?);
        Some(())
    }

    fn put(&mut self, field: Field, rank: u8, value: &str) {
        let (place, is_raw) = match field {
            Field::RawMessage => (Field::Message, true),
            other => (other, false),
        };
        let value = if place == Field::Message { value.trim_end_matches(['\r', '\n', '\0']) } else { value.trim() };
        let Some(known) = self.found.get_mut(place as usize) else { return };
        if value.is_empty() || known.is_some_and(|known| known.rank <= rank) {
            return;
        }
        let begin = self.text.len();
        self.text.push_str(value);
        *known = Some(Found { rank, begin, end: self.text.len(), is_raw });
    }

    fn set(&mut self, field: Field, found: Option<Found>) {
        if let Some(place) = self.found.get_mut(field as usize) {
            *place = found;
        }
    }

    fn found(&self, field: Field) -> Option<Found> {
        self.found.get(field as usize).copied().flatten()
    }

    fn has(&self, field: Field) -> bool {
        self.found(field).is_some()
    }

    fn get(&self, field: Field) -> Option<&[u8]> {
        let found = self.found(field)?;
        self.text.as_bytes().get(found.begin..found.end)
    }

    fn text(&self, field: Field) -> &[u8] {
        self.get(field).unwrap_or_default()
    }

    /// The header that the line would have in plain text; `line` is the message where none is inside.
    pub fn header<'a>(&'a self, line: &'a [u8], clock: &mut Clock) -> Header<'a> {
        let message = self.get(Field::Message).unwrap_or(line);
        let severity = self.get(Field::Severity).and_then(level);
        let program = self.program();
        let plain = Header { message, whole: message, ..Header::default() };
        let is_raw = self.found(Field::Message).is_some_and(|found| found.is_raw);
        let mut inner = if is_raw { header(message, clock) } else { plain };
        let has_head = inner.time.is_some() || inner.facility.is_some();
        if !has_head && (severity.is_some() || !program.is_empty()) {
            // A program's own words: `error: …` is no name of a program.
            inner = plain;
        }
        let took_zone = clock.took_zone;
        let received = self.get(Field::Received).and_then(|text| moment(text, clock));
        let said = self.get(Field::Time).and_then(|text| moment(text, clock));
        if inner.time.is_some() {
            clock.took_zone = took_zone;
            inner.relayed = received.or(said).or(inner.relayed);
        } else {
            inner.time = said.or(received);
            inner.relayed = received.filter(|_| said.is_some());
        }
        if inner.host.is_empty() {
            inner.host = self.text(Field::Host);
        }
        if inner.program.is_empty() {
            inner.program = program;
            inner.pid = inner.pid.or_else(|| self.number(Field::Pid).and_then(|pid| u32::try_from(pid).ok()));
        }
        let facility = self.number(Field::Facility).and_then(|facility| u8::try_from(facility).ok());
        inner.facility = inner.facility.or(facility.filter(|facility| *facility < 24));
        inner.severity = inner.severity.or(severity);
        inner.event = self.event();
        inner
    }

    /// The id of an event of Windows; empty where it is none.
    fn event(&self) -> &[u8] {
        let is_event = self.found(Field::Code).is_some_and(|found| found.rank < ANY_CODE);
        if is_event {
            self.text(Field::Code)
        } else {
            b""
        }
    }

    /// The same behind a header, as if the object alone were the line: what it leaves out is as the header says.
    pub fn header_behind<'a>(&'a self, outer: &Header<'a>, clock: &mut Clock) -> Header<'a> {
        let mut inner = self.header(outer.message, clock);
        let is_any = self.found(Field::Host).is_some_and(|found| found.rank >= ANY_HOST);
        if inner.host.is_empty() || (is_any && !outer.host.is_empty() && inner.host == self.text(Field::Host)) {
            inner.host = outer.host;
        }
        if inner.program.is_empty() || inner.program == outer.program {
            inner.program = outer.program;
            inner.pid = inner.pid.or(outer.pid);
        }
        inner.facility = inner.facility.or(outer.facility);
        inner.severity = inner.severity.or(outer.severity);
        if inner.event.is_empty() {
            inner.event = outer.event;
        }
        inner
    }

    fn program(&self) -> &[u8] {
        // Of bunyan and pino, which say all three: elsewhere it is the name of anything.
        let is_program = self.has(Field::Host) && self.has(Field::Pid);
        let name = if is_program { self.text(Field::Name) } else { b"" };
        self.get(Field::Program).unwrap_or(name)
    }

    fn number(&self, field: Field) -> Option<u64> {
        self.get(field).and_then(number)
    }

    /// Fill in what the fields say and the message does not.
    pub fn fill<'a>(&'a self, row: &mut Row<'a>) {
        if let Some(behind) = self.behind() {
            behind.fill(row);
        }
        let source = self.end(Field::Source, Field::SourcePort, Field::SourceNat, Field::SourceInterface);
        let destination =
            self.end(Field::Destination, Field::DestinationPort, Field::DestinationNat, Field::DestinationInterface);
        let says_none = row.source.address.is_empty() && row.destination.address.is_empty();
        // A dialect has fields of its own; a sentence is only guessed at, also that of an event.
        let is_event = !self.event().is_empty();
        if row.vendor.is_empty() || says_none || is_event {
            place(source, &mut row.source, &mut row.destination);
            place(destination, &mut row.destination, &mut row.source);
        }
        if is_event {
            row.user = self.get(Field::User).unwrap_or(row.user);
        }
        let own = |known: &mut &'a [u8], field: Field| {
            if known.is_empty() {
                *known = self.text(field);
            }
        };
        own(&mut row.code, Field::Code);
        own(&mut row.user, Field::User);
        own(&mut row.action, Field::Action);
        own(&mut row.rule, Field::Rule);
        own(&mut row.reason, Field::Reason);
        if row.transport.is_empty() && (source.is_some() || destination.is_some()) {
            row.transport = self.get(Field::Transport).map_or(b"", protocol);
        }
        row.bytes = row.bytes.or_else(|| self.number(Field::Bytes));
    }

    fn end(&self, address: Field, number: Field, nat: Field, interface: Field) -> Option<End<'_>> {
        let text = self.get(address)?;
        let found = if is_address(text) { End { address: text, ..End::default() } } else { end(text, false)? };
        Some(End {
            address: found.address,
            port: self.get(number).and_then(port).or(found.port),
            nat: self.get(nat).filter(|nat| is_address(nat) && *nat != found.address).unwrap_or_default(),
            interface: self.text(interface),
        })
    }
}

/// The object that a message is, with the cookie of CEE before it or without.
#[inline]
pub fn object(message: &[u8]) -> Option<&[u8]> {
    match message {
        [b'{', ..] => Some(message),
        [b'@', ..] => message.strip_prefix(COOKIE).map(skip_spaces).filter(|text| text.starts_with(b"{")),
        _ => None,
    }
}

/// `2026-03-03T10:11:12.123456789Z stdout F text`: the time, and what comes behind the stream.
#[inline]
fn container(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if line.get(10) != Some(&b'T') {
        return None;
    }
    let zone = line.get(SECONDS_END..line.len().min(TIME_ENDS))?;
    let (time, rest) = line.split_at_checked(SECONDS_END + position(zone, b' ')?)?;
    let [b' ', b's', b't', b'd', b'o' | b'e', b'u' | b'r', b't' | b'r', b' ', rest @ ..] = rest else { return None };
    Some((time, rest))
}

/// Put an end where it belongs; the other one is not the same.
fn place<'a>(said: Option<End<'a>>, own: &mut End<'a>, other: &mut End<'a>) {
    let Some(said) = said else { return };
    if other.address == said.address && own.address != said.address {
        *other = End::default();
    }
    *own = said;
}

/// Severities of syslog, and those of programs, as words or numbers (10 to 60 of bunyan and pino).
fn level(text: &[u8]) -> Option<u8> {
    match (number(text), text.to_ascii_lowercase().as_slice()) {
        (Some(level @ 0..=7), _) => Some(level as u8),
        (Some(10 | 20), _) | (None, b"trace" | b"verbose" | b"fine") => Some(7),
        (Some(30), _) | (None, b"information") => Some(6),
        (Some(40), _) => Some(4),
        (Some(50), _) | (None, b"severe") => Some(3),
        (Some(60), _) | (None, b"fatal" | b"dpanic") => Some(2),
        (Some(_), _) => None,
        (None, word) => severity(word),
    }
}

const SECOND: i64 = 1_000_000;

/// A time as text, or as seconds, milli-, micro- or nanoseconds since 1970.
pub fn moment(text: &[u8], clock: &mut Clock) -> Option<i64> {
    let (whole, fraction) = split(text, b'.').unwrap_or((text, b""));
    let Some(whole) = number(whole) else {
        return clock.moment(text).filter(|(_, rest)| trim(rest, b" ").is_empty()).map(|(moment, _)| moment);
    };
    clock.took_zone = false;
    let whole = i64::try_from(whole).ok()?;
    // Before 1973 it is a duration, and no time.
    match whole {
        100_000_000..100_000_000_000 => {
            let digits = fraction.iter().chain(&[b'0'; 6]).take(6);
            let part = digits.fold(0, |sum, byte| sum * 10 + i64::from(byte.saturating_sub(b'0').min(9)));
            Some(whole * SECOND + part)
        }
        100_000_000_000..100_000_000_000_000 => Some(whole * 1000),
        100_000_000_000_000..100_000_000_000_000_000 => Some(whole),
        100_000_000_000_000_000.. => Some(whole / 1000),
        _ => None,
    }
}
