//! Logs whose head names their columns: the Extended Log File Format of the W3C (WD-logfile-960323), which IIS, HTTP.sys,
//! CloudFront and Windows' firewall write; the tables of Zeek; and flow logs of AWS VPCs.

use crate::address::{is_address, port};
use crate::asa::protocol;
use crate::cef::verdict;
use crate::header::is_host;
use crate::row::Row;
use crate::stamps::epoch;
use crate::text::{number, split, word};
use crate::time::days;
use crate::vpc_flow;

/// Columns at most.
const MOST: usize = 128;
/// The longest name or value of a directive that is kept.
const LONGEST: usize = 64;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Other,
    /// `2026-03-03`, and `10:11:12` in the column of the clock.
    Date,
    Clock,
    /// Seconds since 1970, or a date with a time.
    Moment,
    Host,
    Interface,
    Source,
    SourcePort,
    Destination,
    DestinationPort,
    Transport,
    Action,
    Status,
    Path,
    User,
    Bytes,
}

fn column(name: &[u8]) -> Column {
    match name {
        b"date" => Column::Date,
        b"time" => Column::Clock,
        b"ts" | b"start" | b"date-time" => Column::Moment,
        b"s-computername" => Column::Host,
        b"interface-id" => Column::Interface,
        b"c-ip" | b"src-ip" | b"srcaddr" | b"id.orig_h" | b"src" => Column::Source,
        b"c-port" | b"src-port" | b"srcport" | b"id.orig_p" => Column::SourcePort,
        b"s-ip" | b"dst-ip" | b"dstaddr" | b"id.resp_h" | b"dst" => Column::Destination,
        b"s-port" | b"dst-port" | b"dstport" | b"id.resp_p" | b"p" => Column::DestinationPort,
        b"protocol" | b"proto" => Column::Transport,
        b"action" => Column::Action,
        b"log-status" => Column::Status,
        b"path" => Column::Path,
        b"cs-username" | b"user" | b"username" => Column::User,
        b"sc-bytes" | b"cs-bytes" | b"bytes" | b"size" | b"orig_bytes" | b"resp_bytes" => Column::Bytes,
        _ => Column::Other,
    }
}

/// The columns of a flow log of AWS in its default format.
const FLOW: [Column; vpc_flow::COLUMNS] = [
    Column::Other,
    Column::Other,
    Column::Interface,
    Column::Source,
    Column::Destination,
    Column::SourcePort,
    Column::DestinationPort,
    Column::Transport,
    Column::Other,
    Column::Bytes,
    Column::Moment,
    Column::Other,
    Column::Action,
    Column::Status,
];

/// The first columns of each of Zeek's tables of connections.
const CONNECTION: [Column; 6] =
    [Column::Moment, Column::Other, Column::Source, Column::SourcePort, Column::Destination, Column::DestinationPort];

/// Who writes such a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Extended,
    Zeek,
    Flow,
}

/// What the lines at the head of a log say of those below.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    kind: Kind,
    columns: Vec<Column>,
    /// The names of the columns stand between commas, and so do the values.
    has_commas: bool,
    /// Times are of the zone of the machine. If nothing is said, they are of Greenwich, as the W3C has it.
    is_local: bool,
    /// Of times without a date: the day since 1970.
    day: Option<i64>,
    /// Which of Zeek's tables it is.
    path: Box<[u8]>,
}

/// When a line under a heading says that it was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stamp<'a> {
    pub date: &'a [u8],
    pub clock: &'a [u8],
    pub moment: &'a [u8],
    pub is_local: bool,
    pub day: Option<i64>,
}

/// Is this a line of a head, which says how to read those below?
pub fn is_directive(line: &[u8]) -> bool {
    matches!(line, [b'#', b'A'..=b'Z' | b'a'..=b'z', ..]) || names_flow(line)
}

fn names_flow(line: &[u8]) -> bool {
    let has = |name: &[u8]| line.split(|byte| *byte == b' ').any(|word| word == name);
    matches!(line.first(), Some(b'a'..=b'z'))
        && line.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b' ' | b'-'))
        && has(b"srcaddr")
        && has(b"dstaddr")
        && has(b"start")
}

impl Heading {
    /// Take in a line of the head.
    pub fn heed(&mut self, line: &[u8]) {
        if names_flow(line) {
            *self = Heading { kind: Kind::Flow, columns: columns(line, b' '), ..Heading::default() };
        } else if line.starts_with(b"#separator ") {
            *self = Heading { kind: Kind::Zeek, ..Heading::default() };
        } else if line.starts_with(b"#Version:") {
            // A head that is written anew may leave out what the last one said.
            *self = Heading::default();
        } else if let Some(path) = line.strip_prefix(b"#path\t").filter(|path| path.len() <= LONGEST) {
            self.path = path.into();
        } else if let Some(names) = line.strip_prefix(b"#fields\t") {
            self.kind = Kind::Zeek;
            self.columns = columns(names, b'\t');
        } else if let Some(names) = line.strip_prefix(b"#Fields:") {
            self.kind = Kind::Extended;
            self.has_commas = names.contains(&b',');
            self.columns = columns(names, if self.has_commas { b',' } else { b' ' });
        } else if let Some(zone) = line.strip_prefix(b"#Time Format:") {
            self.is_local = word(zone).0.eq_ignore_ascii_case(b"local");
        } else if let Some(date) = line.strip_prefix(b"#Date:") {
            self.day = day(word(date).0);
        }
    }

    /// The parts of the id of the template of all lines below, where they have one.
    pub fn template(&self) -> Option<(&'static str, &[u8])> {
        (self.kind == Kind::Zeek && !self.path.is_empty()).then_some(("zeek", &*self.path))
    }

    /// Fill in what a line below says, if it is one; and when it was written.
    pub fn read<'a>(&self, line: &'a [u8], row: &mut Row<'a>) -> Option<Stamp<'a>> {
        if self.columns.is_empty() || line.is_empty() || line.first() == Some(&b'#') {
            return None;
        }
        let between = match self.kind {
            Kind::Extended if self.has_commas => b',',
            // Amazon names the columns between spaces, and puts tabs between the values.
            Kind::Extended | Kind::Zeek if line.contains(&b'\t') => b'\t',
            _ => b' ',
        };
        let values = || Values { rest: Some(line), between };
        if values().take(MOST).count() != self.columns.len() {
            return None;
        }
        let mut stamp = Stamp { is_local: self.is_local, day: self.day, ..Stamp::default() };
        fill(&self.columns, values(), row, &mut stamp);
        match self.kind {
            Kind::Zeek => row.vendor = "zeek",
            Kind::Flow => row.vendor = "aws_vpc",
            Kind::Extended => {}
        }
        if self.kind != Kind::Flow && !row.source.address.is_empty() {
            row.initiator = "source";
        }
        row.message = behind_time(&self.columns, line, between);
        Some(stamp)
    }
}

/// The day since 1970 of `2026-03-03`.
fn day(text: &[u8]) -> Option<i64> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = text else { return None };
    let two = |one: &u8, other: &u8| number(&[*one, *other]).and_then(|number| u32::try_from(number).ok());
    days(i64::try_from(number(&[*a, *b, *c, *d])?).ok()?, two(e, f)?, two(g, h)?)
}

fn columns(names: &[u8], between: u8) -> Vec<Column> {
    let names = names.split(|byte| *byte == between || *byte == b' ').filter(|name| !name.is_empty());
    names.take(MOST).map(column).collect()
}

/// What comes behind the columns that say the time.
fn behind_time<'a>(columns: &[Column], line: &'a [u8], between: u8) -> &'a [u8] {
    let is_time = |column: &&Column| matches!(column, Column::Date | Column::Clock | Column::Moment);
    let count = columns.iter().take_while(is_time).count();
    (0..count).fold(line, |rest, _| split(rest, between).map_or(rest, |(_, rest)| rest))
}

/// The values of a line; those in quotes may have in them what stands between.
struct Values<'a> {
    rest: Option<&'a [u8]>,
    between: u8,
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        if let (Some(inside), true) = (rest.strip_prefix(b"\""), self.between != b'\t') {
            if let Some((value, after)) = split(inside, b'"') {
                match after {
                    [] => self.rest = None,
                    [next, after @ ..] if *next == self.between => self.rest = Some(after),
                    _ => self.rest = Some(after),
                }
                return Some(value);
            }
        }
        match split(rest, self.between) {
            Some((value, after)) => {
                self.rest = Some(after);
                Some(value)
            }
            None => {
                self.rest = None;
                Some(rest)
            }
        }
    }
}

fn fill<'a>(columns: &[Column], values: impl Iterator<Item = &'a [u8]>, row: &mut Row<'a>, stamp: &mut Stamp<'a>) {
    for (column, value) in columns.iter().zip(values) {
        if matches!(value, b"-" | b"" | b"(empty)") {
            continue;
        }
        match column {
            Column::Date => stamp.date = value,
            Column::Clock => stamp.clock = value,
            Column::Moment => stamp.moment = value,
            Column::Host if is_host(value) => row.host = value,
            Column::Interface => row.source.interface = value,
            Column::Source if is_address(value) => row.source.address = value,
            Column::SourcePort => row.source.port = port(value),
            Column::Destination if is_address(value) => row.destination.address = value,
            Column::DestinationPort => row.destination.port = port(value),
            Column::Transport => row.transport = protocol(value),
            Column::Action => {
                row.code = value;
                row.action = verdict(value);
            }
            Column::Status if row.code.is_empty() => row.code = value,
            Column::Path => {
                row.direction = match value {
                    b"RECEIVE" => "inbound",
                    b"SEND" => "outbound",
                    _ => "",
                }
            }
            Column::User => row.user = value,
            Column::Bytes => row.bytes = number(value).map(|bytes| row.bytes.unwrap_or(0).saturating_add(bytes)),
            _ => {}
        }
    }
    if !matches!(row.transport, b"tcp" | b"udp" | b"sctp" | b"") {
        (row.source.port, row.destination.port) = (None, None);
    }
}

/// Fill in what a line says that has no head above it, if it is one of a flow log or of a table of connections.
pub fn without<'a>(text: &'a [u8], row: &mut Row<'a>) -> bool {
    if vpc_flow::is_one(text) {
        row.vendor = "aws_vpc";
        fill(&FLOW, text.split(|byte| *byte == b' '), row, &mut Stamp::default());
        return true;
    }
    let is_connection = matches!(epoch(text), Some((_, [b'\t', ..]))) && {
        let mut values = text.split(|byte| *byte == b'\t').skip(2);
        let mut next = || values.next().unwrap_or_default();
        is_address(next()) && port(next()).is_some() && is_address(next()) && port(next()).is_some()
    };
    if is_connection {
        row.vendor = "zeek";
        fill(&CONNECTION, text.split(|byte| *byte == b'\t'), row, &mut Stamp::default());
        row.initiator = "source";
    }
    is_connection
}
