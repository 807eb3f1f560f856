//! A line in, a row out. What a line says of the lines before it (repeats, the year) is kept here.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::cisco;
use crate::envelope::{moment, object, Envelope};
use crate::header::{behind, header, Header};
use crate::headings::{self, Heading, Stamp};
use crate::heads::{self, Form, Heads, Split};
use crate::row::Row;
use crate::stamps::elsewhere;
use crate::templates::Templates;
use crate::text::{leading_number, number, skip_spaces, trim};
use crate::time::{Clock, Zone};
use crate::{asa, dialects, ios};

/// Hosts whose last line is remembered.
const MOST_HOSTS: usize = 4096;

/// What is known from the lines before.
pub struct Parser {
    pub templates: Templates,
    pub clock: Clock,
    /// What was read came before this, in microseconds since 1970: a year that is written may be wrong.
    pub today: i64,
    /// Seconds east of Greenwich of hosts whose clocks are not set as the others.
    pub zones: HashMap<Box<[u8]>, Zone, RandomState>,
    /// What the heads of the logs say that peers write, where they have one.
    headings: HashMap<Box<[u8]>, Heading, RandomState>,
    /// Hosts, and where in `last` they are.
    hosts: HashMap<Box<[u8]>, u32, RandomState>,
    /// The template of each host's last line.
    last: Vec<u32>,
    /// The host that wrote last, and where it is.
    latest: (Vec<u8>, Option<u32>),
    heads: Heads<Begun>,
    /// Lines whose heads were known.
    by_heads: u64,
}

const DAY: i64 = 86_400_000_000;

/// What the head of a line said when it was read.
#[derive(Clone, Copy, Debug)]
struct Begun {
    /// The moment at which its hour begins.
    begin: i64,
    facility: Option<u8>,
    severity: Option<u8>,
    /// Bytes of the host.
    host: usize,
    /// Where the last template of the host is kept.
    place: u32,
    /// Of what has a code.
    template: u32,
}

/// What surrounds a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    pub position: u64,
    /// When it was received; of a file, nobody knows.
    pub received: Option<i64>,
    pub peer: &'a [u8],
    /// Bytes of the line, as received.
    pub size: u32,
}

impl Parser {
    pub fn new(now: i64, zone: impl Into<Zone>) -> Parser {
        Parser {
            templates: Templates::default(),
            clock: Clock::new(now, zone),
            today: i64::MAX,
            zones: HashMap::default(),
            headings: HashMap::default(),
            hosts: HashMap::default(),
            last: Vec::new(),
            latest: (Vec::new(), None),
            heads: Heads::default(),
            by_heads: 0,
        }
    }

    /// Read one line, without its end; `envelope` is what it is opened with, if it is wrapped in something.
    pub fn line<'a>(&mut self, line: &'a [u8], around: Around<'a>, envelope: &'a mut Envelope) -> Row<'a> {
        if let Some(received) = around.received {
            self.clock.now = received;
        }
        if let Some(row) = self.under_heading(line, around) {
            return self.counted(row);
        }
        if envelope.open(line) {
            let header = self.header_inside(line, envelope);
            return self.inside(line, &header, envelope, around);
        }
        let head = if self.zones.is_empty() { heads::split(line) } else { None };
        let day = self.clock.now.div_euclid(DAY);
        if let Some((head, begun)) = head.and_then(|head| Some((head, self.heads.find(&head, day)?))) {
            return self.behind_head(line, &head, begun, around, envelope);
        }
        let header = self.header(line, around.peer);
        let row = self.behind(line, &header, around, envelope);
        if let Some(head) = head {
            self.learn(&head, &header, &row, day);
        }
        row
    }

    /// Read what stands behind a header.
    #[inline(always)] // a row is large
    fn behind<'a>(
        &mut self,
        line: &'a [u8],
        header: &Header<'a>,
        around: Around<'a>,
        envelope: &'a mut Envelope,
    ) -> Row<'a> {
        if let Some((header, envelope)) = self.opened_behind(header, envelope) {
            return self.inside(line, &header, envelope, around);
        }
        let row = self.whole(line, header, around);
        self.counted(row)
    }

    /// The same of a line that is wrapped in something.
    #[inline(never)]
    fn inside<'a>(
        &mut self,
        line: &'a [u8],
        header: &Header<'a>,
        envelope: &'a Envelope,
        around: Around<'a>,
    ) -> Row<'a> {
        let mut row = self.whole(line, header, around);
        envelope.fill(&mut row);
        self.counted(row)
    }

    /// Lines that were read from behind their heads on.
    pub fn by_heads(&self) -> u64 {
        self.by_heads
    }

    fn learn(&mut self, head: &Split<'_>, header: &Header<'_>, row: &Row<'_>, day: i64) {
        let is_plain = match head.form {
            Form::Coded => row.vendor == "cisco_asa",
            Form::Named => row.vendor.is_empty(),
        };
        // What is inside of a message may say another time, and another host.
        let (Some(moment), true) = (header.time, is_plain) else { return };
        let Some(place) = self.place(header.host) else { return };
        let severity = if head.form == Form::Coded { row.severity } else { header.severity };
        let begun = Begun {
            begin: moment - head.within,
            facility: header.facility,
            severity,
            host: header.host.len(),
            place,
            template: row.template,
        };
        self.heads.learn(head, header.host, day, begun);
    }

    /// The same where the head of a line is known.
    fn behind_head<'a>(
        &mut self,
        line: &'a [u8],
        head: &Split<'a>,
        begun: Begun,
        around: Around<'a>,
        envelope: &'a mut Envelope,
    ) -> Row<'a> {
        self.by_heads += 1;
        self.clock.took_zone = true;
        let time = Some(begun.begin + head.within);
        let Begun { facility, severity, .. } = begun;
        if head.form == Form::Named {
            let mut header = Header { facility, severity, time, host: head.host(), ..Header::default() };
            behind(head.rest, &mut header);
            return self.behind(line, &header, around, envelope);
        }
        let (host, code) = head.coded(begun.host);
        let mut row = Row {
            position: around.position,
            received: around.received,
            time,
            peer: around.peer,
            host,
            vendor: "cisco_asa",
            facility,
            severity,
            code,
            template: begun.template,
            weight: 1,
            size: around.size,
            message: line.get(head.sign_at()..).unwrap_or_default(),
            original: line,
            ..Row::default()
        };
        asa::read(skip_spaces(head.rest), &mut row);
        self.follow(begun.place, begun.template);
        self.counted(row)
    }

    /// A row that was read: count it, and say what is doubtful.
    fn counted<'a>(&mut self, mut row: Row<'a>) -> Row<'a> {
        let port = row.source.port.max(row.destination.port);
        if port.is_some_and(|port| port > 65_535) {
            row.doubt("a port above 65535");
        }
        self.templates.count(row.template, row.weight);
        row
    }

    fn whole<'a>(&mut self, line: &'a [u8], header: &Header<'a>, around: Around<'a>) -> Row<'a> {
        let mut row = Row {
            position: around.position,
            received: around.received.or(header.relayed),
            time: header.time,
            peer: around.peer,
            host: header.host,
            facility: header.facility,
            severity: header.severity,
            program: header.program,
            pid: header.pid,
            weight: 1,
            size: around.size,
            message: header.whole,
            original: line,
            ..Row::default()
        };
        if line.is_empty() {
            row.doubt("an empty line");
        }
        self.message(header, &mut row);
        self.dated(header, &row);
        row
    }

    /// A dialect that dates a message by itself knows the zone.
    #[inline]
    fn dated(&mut self, header: &Header<'_>, row: &Row<'_>) {
        if row.time != header.time {
            self.clock.took_zone = false;
        }
    }

    /// Only what lines are counted by: a row without the two ends, where the template is known without them.
    pub fn brief<'a>(&mut self, line: &'a [u8], around: Around<'a>, envelope: &'a mut Envelope) -> Row<'a> {
        if let Some(received) = around.received {
            self.clock.now = received;
        }
        if let Some(row) = self.under_heading(line, around) {
            self.templates.count(row.template, row.weight);
            return row;
        }
        if envelope.open(line) {
            let header = self.header_inside(line, envelope);
            return self.brief_message(line, &header, around);
        }
        let header = self.header(line, around.peer);
        self.brief_behind(line, &header, around, envelope)
    }

    fn header<'a>(&mut self, line: &'a [u8], peer: &[u8]) -> Header<'a> {
        let mut header = header(line, &mut self.clock);
        if header.time.is_none() {
            header.time = elsewhere(header.whole, &mut self.clock);
            self.heed(line, peer);
        }
        self.put_into_zone(&mut header);
        header
    }

    /// Take in a line that may be of the head of a log, which says how to read what the same peer writes below it.
    #[inline(never)] // most lines have a time
    pub fn heed(&mut self, line: &[u8], peer: &[u8]) {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        if headings::is_directive(line) && (self.headings.len() < MOST_HOSTS || self.headings.contains_key(peer)) {
            self.headings.entry(peer.into()).or_default().heed(line);
        }
    }

    /// Forget all heads: another file begins.
    pub fn forget_headings(&mut self) {
        self.headings.clear();
    }

    /// Take in the head of the file whose lines a peer hands on from now on.
    pub fn begin_under<'a>(&mut self, peer: &[u8], lines: impl Iterator<Item = &'a str>) {
        self.headings.remove(peer);
        lines.for_each(|line| self.heed(line.as_bytes(), peer));
    }

    /// Know what another knows from the lines that it read.
    pub fn learn_from(&mut self, other: &Parser) {
        self.templates = other.templates.another();
        self.headings.clone_from(&other.headings);
        self.hosts.clone_from(&other.hosts);
        self.last.clone_from(&other.last);
        self.latest.clone_from(&other.latest);
    }

    /// Read a line by what the head of its log says of it; none where that says nothing.
    #[inline]
    fn under_heading<'a>(&mut self, line: &'a [u8], around: Around<'a>) -> Option<Row<'a>> {
        if self.headings.is_empty() {
            return None;
        }
        self.by_heading(line, around)
    }

    #[inline(never)] // few logs have a head
    fn by_heading<'a>(&mut self, line: &'a [u8], around: Around<'a>) -> Option<Row<'a>> {
        let heading = self.headings.get(around.peer)?;
        let mut row = Row {
            position: around.position,
            received: around.received,
            peer: around.peer,
            weight: 1,
            size: around.size,
            original: line,
            ..Row::default()
        };
        let stamp = heading.read(line, &mut row)?;
        let template = heading.template().map(|(vendor, path)| self.templates.coded(vendor, path));
        row.time = self.stamped(&stamp, row.host);
        row.time?;
        row.template = template.unwrap_or_else(|| match row.vendor {
            "" => self.templates.mined(b"", row.message),
            vendor => self.templates.coded(vendor, row.code),
        });
        self.remember(&row);
        Some(row)
    }

    /// The moment of a stamp, which is of Greenwich where the head says nothing else.
    fn stamped(&mut self, stamp: &Stamp<'_>, host: &[u8]) -> Option<i64> {
        let mut greenwich = Clock::default();
        let clock = if stamp.is_local { &mut self.clock } else { &mut greenwich };
        let time = if !stamp.moment.is_empty() {
            moment(stamp.moment, clock)?
        } else if !stamp.date.is_empty() {
            clock.moment(&[stamp.date, b" ", stamp.clock].concat())?.0
        } else {
            clock.of_day(stamp.day?, stamp.clock)?.0
        };
        if !stamp.is_local {
            self.clock.took_zone = false;
            return Some(time);
        }
        let zone = self.zones.get(host).filter(|_| self.clock.took_zone);
        Some(zone.map_or(time, |zone| zone.corrected(time, &self.clock.zone)))
    }

    /// The header of a line that is wrapped in something.
    #[inline(never)]
    fn header_inside<'a>(&mut self, line: &'a [u8], envelope: &'a Envelope) -> Header<'a> {
        let mut header = envelope.header(line, &mut self.clock);
        self.put_into_zone(&mut header);
        match (object(header.message), envelope.behind()) {
            (Some(object), Some(behind)) => self.header_behind(object, &header, behind),
            _ => header,
        }
    }

    /// What a line means whose message behind a header is an object; none where it is no such line.
    #[inline(always)] // nearly all lines end at its first question
    fn opened_behind<'a>(
        &mut self,
        header: &Header<'a>,
        envelope: &'a mut Envelope,
    ) -> Option<(Header<'a>, &'a Envelope)> {
        let object = object(header.message)?;
        if !envelope.open_behind(object) {
            return None;
        }
        Some((self.header_behind(object, header, envelope), envelope))
    }

    /// The header of a line whose message is an object.
    #[inline(never)]
    fn header_behind<'a>(&mut self, object: &'a [u8], outer: &Header<'a>, envelope: &'a Envelope) -> Header<'a> {
        let outer = Header { message: object, ..*outer };
        let mut header = envelope.header_behind(&outer, &mut self.clock);
        if header.time.is_some() {
            self.put_into_zone(&mut header);
            // Who put it behind a header received it then.
            header.relayed = outer.relayed.or(outer.time).or(header.relayed);
        } else {
            (header.time, header.relayed) = (outer.time, outer.relayed);
        }
        header
    }

    /// A time that says no zone is of the zone of its host.
    #[inline]
    fn put_into_zone(&self, header: &mut Header<'_>) {
        if !self.zones.is_empty() && self.clock.took_zone {
            if let Some(zone) = self.zones.get(header.host) {
                header.time = header.time.map(|time| zone.corrected(time, &self.clock.zone));
            }
        }
    }

    /// The same behind a header that is known.
    #[inline(always)] // a row is large
    pub fn brief_behind<'a>(
        &mut self,
        line: &'a [u8],
        header: &Header<'a>,
        around: Around<'a>,
        envelope: &'a mut Envelope,
    ) -> Row<'a> {
        match self.opened_behind(header, envelope) {
            Some((header, _)) => self.brief_message(line, &header, around),
            None => self.brief_message(line, header, around),
        }
    }

    fn brief_message<'a>(&mut self, line: &'a [u8], header: &Header<'a>, around: Around<'a>) -> Row<'a> {
        let mut row = Row {
            received: around.received.or(header.relayed),
            position: around.position,
            time: header.time,
            peer: around.peer,
            host: header.host,
            program: header.program,
            weight: 1,
            size: around.size,
            original: line,
            ..Row::default()
        };
        let Some(sign) = cisco::sign(header.whole) else {
            self.brief_text(header, &mut row);
            self.dated(header, &row);
            return row;
        };
        row.vendor = cisco::vendor(&sign, header);
        row.code = sign.code;
        let message = self.repeated(sign.message, &mut row);
        // Those that say how often.
        if matches!(row.vendor, "cisco_asa" | "cisco_ftd") {
            if matches!(number(row.code), Some(106_100 | 106_102 | 106_103)) {
                asa::read(message, &mut row);
            }
        } else {
            ios::read(message, &mut row);
        }
        row.template = self.templates.coded(row.vendor, row.code);
        self.remember(&row);
        self.templates.count(row.template, row.weight);
        row
    }

    fn brief_text<'a>(&mut self, header: &Header<'a>, row: &mut Row<'a>) {
        let message = self.repeated(header.message, row);
        let before = if message.is_empty() && row.weight > 1 { Some(self.before(row)) } else { None };
        row.template = match before {
            Some(Some(template)) => template,
            Some(None) => self.templates.mined(row.program, header.message),
            None if dialects::known(header, message, row) => self.dialect_template(row),
            None => self.templates.mined(row.program, message),
        };
        if before.is_none() {
            self.remember(row);
        }
        self.templates.count(row.template, row.weight);
    }

    fn message<'a>(&mut self, header: &Header<'a>, row: &mut Row<'a>) {
        if let Some(sign) = cisco::sign(header.whole) {
            row.vendor = cisco::vendor(&sign, header);
            row.code = sign.code;
            row.severity = Some(sign.severity);
            // `foo: %SYS-…`: only IOS-XR says a program there.
            if row.vendor != "cisco_xr" {
                row.program = b"";
                row.pid = None;
            }
            let message = self.repeated(sign.message, row);
            if matches!(row.vendor, "cisco_asa" | "cisco_ftd") {
                asa::read(message, row);
            } else {
                ios::read(message, row);
            }
            row.template = self.templates.coded(row.vendor, row.code);
            self.remember(row);
            return;
        }
        let message = self.repeated(header.message, row);
        if message.is_empty() && row.weight > 1 {
            row.template = self.before(row).unwrap_or_else(|| self.templates.mined(row.program, header.message));
            return;
        }
        if dialects::read(header, message, row) {
            row.template = self.dialect_template(row);
        } else {
            row.template = self.templates.mined(row.program, message);
        }
        self.remember(row);
    }

    /// The template of a dialect's id; in forms that many products use, of the product's.
    fn dialect_template(&mut self, row: &Row<'_>) -> u32 {
        if matches!(row.vendor, "cef" | "leef") {
            return self.templates.coded(row.vendor, &[row.program, b":", row.code].concat());
        }
        self.templates.coded(row.vendor, row.code)
    }

    /// `message repeated 2 times: [ … ]` and `last message repeated 3 times`: the weight, and the message inside.
    fn repeated<'a>(&self, message: &'a [u8], row: &mut Row<'a>) -> &'a [u8] {
        let rest = message.strip_prefix(b"last ").unwrap_or(message);
        let Some(rest) = rest.strip_prefix(b"message repeated ") else { return message };
        let Some((count, rest)) = leading_number(rest) else { return message };
        let Some(rest) = rest.strip_prefix(b" time") else { return message };
        let rest = rest.strip_prefix(b"s").unwrap_or(rest);
        row.weight = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        match rest.strip_prefix(b": [") {
            Some(inside) => trim(inside.strip_suffix(b"]").unwrap_or(inside), b" "),
            None if trim(rest, b" .").is_empty() => {
                row.action = b"repeated";
                b""
            }
            None => message,
        }
    }

    fn remember(&mut self, row: &Row<'_>) {
        if let Some(place) = self.place(row.host) {
            self.follow(place, row.template);
        }
    }

    /// Where the last template of a host is kept; none if there are too many hosts.
    pub fn place(&mut self, host: &[u8]) -> Option<u32> {
        if self.latest.1.is_some() && self.latest.0 == host {
            return self.latest.1;
        }
        let place = match self.hosts.get(host) {
            Some(place) => *place,
            None if self.hosts.len() < MOST_HOSTS => {
                let place = self.last.len() as u32;
                self.hosts.insert(host.into(), place);
                self.last.push(u32::MAX);
                place
            }
            None => return None,
        };
        self.latest.0.clear();
        self.latest.0.extend_from_slice(host);
        self.latest.1 = Some(place);
        Some(place)
    }

    /// This is the template of a host's last line now.
    #[inline]
    pub fn follow(&mut self, place: u32, template: u32) {
        if let Some(last) = self.last.get_mut(place as usize) {
            *last = template;
        }
    }

    /// The template of the line before from the same host.
    fn before(&self, row: &Row<'_>) -> Option<u32> {
        let place = self.hosts.get(row.host)?;
        self.last.get(*place as usize).copied().filter(|template| *template != u32::MAX)
    }
}
