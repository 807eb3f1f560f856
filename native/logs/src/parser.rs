//! A line in, a row out. What a line says of the lines before it (repeats, the year) is kept here.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::cisco;
use crate::header::{header, Header};
use crate::row::Row;
use crate::templates::Templates;
use crate::text::{leading_number, number, trim};
use crate::time::Clock;
use crate::{asa, dialects, ios};

/// Hosts whose last line is remembered.
const MOST_HOSTS: usize = 4096;

/// What is known from the lines before.
pub struct Parser {
    pub templates: Templates,
    pub clock: Clock,
    /// The template of each host's last line.
    last: HashMap<Box<[u8]>, u32, RandomState>,
    /// The same of the host that wrote last.
    latest: (Vec<u8>, u32),
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
    pub fn new(now: i64, zone: i64) -> Parser {
        Parser {
            templates: Templates::default(),
            clock: Clock::new(now, zone),
            last: HashMap::default(),
            latest: (Vec::new(), 0),
        }
    }

    /// Read one line, without its end.
    pub fn line<'a>(&mut self, line: &'a [u8], around: Around<'a>) -> Row<'a> {
        if let Some(received) = around.received {
            self.clock.now = received;
        }
        let header = header(line, &mut self.clock);
        self.whole(line, &header, around)
    }

    fn whole<'a>(&mut self, line: &'a [u8], header: &Header<'a>, around: Around<'a>) -> Row<'a> {
        let mut row = Row {
            position: around.position,
            received: around.received,
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
        let port = row.source.port.max(row.destination.port);
        if port.is_some_and(|port| port > 65_535) {
            row.doubt("a port above 65535");
        }
        self.templates.count(row.template, row.weight);
        row
    }

    /// Only what lines are counted by: a row without the two ends, where the template is known without them.
    pub fn brief<'a>(&mut self, line: &'a [u8], around: Around<'a>) -> Row<'a> {
        if let Some(received) = around.received {
            self.clock.now = received;
        }
        let header = header(line, &mut self.clock);
        let Some(sign) = cisco::sign(header.whole) else { return self.whole(line, &header, around) };
        let mut row =
            Row { received: around.received, time: header.time, host: header.host, weight: 1, ..Row::default() };
        row.size = around.size;
        row.vendor = cisco::vendor(&sign, &header);
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
            row.template = self.templates.coded(row.vendor, row.code);
        } else {
            row.template = self.templates.mined(row.program, message);
        }
        self.remember(row);
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
        if self.latest.0 != row.host {
            let host = std::mem::take(&mut self.latest.0);
            if let Some(known) = self.last.get_mut(&host[..]) {
                *known = self.latest.1;
            } else if self.last.len() < MOST_HOSTS {
                self.last.insert(host[..].into(), self.latest.1);
            }
            self.latest.0 = host;
            self.latest.0.clear();
            self.latest.0.extend_from_slice(row.host);
        }
        self.latest.1 = row.template;
    }

    /// The template of the line before from the same host.
    fn before(&self, row: &Row<'_>) -> Option<u32> {
        if self.latest.0 == row.host {
            return (!self.templates.all().is_empty()).then_some(self.latest.1);
        }
        self.last.get(row.host).copied()
    }
}
