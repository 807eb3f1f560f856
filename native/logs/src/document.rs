//! A row as a line of text: a document of the Elastic Common Schema 8, or a row of a table for people.
//!
//! The names are those of `ECS` in whence.model.log_tables; what is not known is left out.

use whence_lines::text;

use crate::address::is_address;
use crate::row::{End, Row};

/// What a line of text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An ECS document as JSON.
    Document,
    /// A row of a table for people.
    Table,
}

/// What is above a table.
pub const HEADING: &str =
    "time (UTC)           host              what                           action         from → to, or the message";

/// An object that is being written; without a field it is not written at all.
struct Object<'a> {
    to: &'a mut Vec<u8>,
    /// Where it would begin.
    begin: usize,
    /// Where its first field is.
    inside: usize,
}

impl<'a> Object<'a> {
    fn new(to: &'a mut Vec<u8>, begin: usize) -> Object<'a> {
        to.push(b'{');
        let inside = to.len();
        Object { to, begin, inside }
    }

    fn end(self) {
        if self.to.len() == self.inside {
            self.to.truncate(self.begin);
        } else {
            self.to.push(b'}');
        }
    }

    fn name(&mut self, name: &str) {
        if self.to.len() > self.inside {
            self.to.push(b',');
        }
        self.to.push(b'"');
        self.to.extend_from_slice(name.as_bytes());
        self.to.extend_from_slice(b"\":");
    }

    fn within(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) {
        let begin = self.to.len();
        self.name(name);
        let mut inner = Object::new(self.to, begin);
        write(&mut inner);
        inner.end();
    }

    fn text(&mut self, name: &str, value: &[u8]) {
        if !value.is_empty() {
            self.name(name);
            text::json(&String::from_utf8_lossy(value), self.to);
        }
    }

    fn number(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.name(name);
            text::number(value, self.to);
        }
    }

    fn time(&mut self, name: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.name(name);
            self.to.push(b'"');
            text::time(value, self.to);
            self.to.push(b'"');
        }
    }
}

/// Write a row, with the id of its template, as one line of JSON.
pub fn document(row: &Row<'_>, template: &str, original: Option<&[u8]>, to: &mut Vec<u8>) {
    let mut whole = Object::new(to, usize::MAX);
    whole.time("@timestamp", row.time.or(row.received));
    whole.within("event", |event| {
        event.time("created", row.received);
        event.text("module", row.vendor.as_bytes());
        event.text("code", row.code);
        event.text("action", row.action);
        event.text("reason", row.reason);
        event.number("duration", row.duration.map(|seconds| u64::from(seconds) * 1_000_000_000));
        event.text("original", original.unwrap_or_default());
    });
    whole.within("host", |host| host.text("name", row.host));
    whole.within("log", |log| {
        log.within("source", |source| source.text("address", row.peer));
        log.within("syslog", |syslog| {
            syslog.within("facility", |facility| facility.number("code", row.facility.map(u64::from)));
            syslog.within("severity", |severity| severity.number("code", row.severity.map(u64::from)));
        });
    });
    whole.within("process", |process| {
        process.text("name", row.program);
        process.number("pid", row.pid.map(u64::from));
    });
    whole.within("network", |network| {
        network.text("direction", row.direction.as_bytes());
        network.text("transport", row.transport);
        network.number("bytes", row.bytes);
    });
    whole.within("observer", |observer| {
        let mut side = |name: &str, interface: &[u8]| {
            observer.within(name, |side| side.within("interface", |named| named.text("name", interface)));
        };
        side("ingress", row.source.interface);
        side("egress", row.destination.interface);
    });
    whole.within("source", |end| write_end(&row.source, end));
    whole.within("destination", |end| write_end(&row.destination, end));
    whole.within("user", |user| user.text("name", row.user));
    whole.within("rule", |rule| rule.text("name", row.rule));
    whole.within("whence", |own| {
        own.number("position", Some(row.position));
        own.within("template", |named| named.text("id", template.as_bytes()));
        own.text("initiator", row.initiator.as_bytes());
        own.number("weight", Some(row.weight.into()));
        own.number("size", Some(row.size.into()));
        own.text("unsure", row.unsure.as_bytes());
    });
    whole.end();
    to.push(b'\n');
}

fn write_end(end: &End<'_>, to: &mut Object<'_>) {
    to.text("address", end.address);
    if is_address(end.address) {
        to.text("ip", end.address);
    }
    to.number("port", end.port.map(u64::from));
    to.within("nat", |nat| nat.text("ip", end.nat));
}

/// Write a row for people.
pub fn line(row: &Row<'_>, template: &str, to: &mut Vec<u8>) {
    let begin = to.len();
    match row.time.or(row.received) {
        Some(time) => {
            text::moment(time, to);
            to.truncate(to.len() - 4);
        }
        None => to.extend_from_slice(b"-"),
    }
    let mut column = begin;
    let mut pad = |to: &mut Vec<u8>, width: usize| {
        let written = String::from_utf8_lossy(to.get(column..).unwrap_or_default()).chars().count();
        to.extend(std::iter::repeat_n(b' ', width.saturating_sub(written)));
        to.extend_from_slice(b"  ");
        column = to.len();
    };
    pad(to, 19);
    put(if row.host.is_empty() { b"-" } else { row.host }, to);
    pad(to, 16);
    if row.code.is_empty() && !row.program.is_empty() {
        put(row.program, to);
    } else {
        put(template.as_bytes(), to);
    }
    pad(to, 29);
    put(if row.action.is_empty() { b"-" } else { row.action }, to);
    pad(to, 13);
    if row.source.address.is_empty() && row.destination.address.is_empty() {
        put(row.message, to);
    } else {
        if !row.transport.is_empty() {
            put(row.transport, to);
            to.push(b' ');
        }
        write_place(&row.source, to);
        to.extend_from_slice(" → ".as_bytes());
        write_place(&row.destination, to);
    }
    if row.weight > 1 {
        to.extend_from_slice(" ×".as_bytes());
        text::number(row.weight, to);
    }
    if !row.unsure.is_empty() {
        to.extend_from_slice(b" (unsure: ");
        put(row.unsure.as_bytes(), to);
        to.push(b')');
    }
    to.push(b'\n');
}

fn write_place(end: &End<'_>, to: &mut Vec<u8>) {
    if !end.interface.is_empty() {
        put(end.interface, to);
        to.push(b' ');
    }
    if end.address.is_empty() {
        to.push(b'-');
    } else if end.port.is_some() && end.address.contains(&b':') {
        to.push(b'[');
        put(end.address, to);
        to.push(b']');
    } else {
        put(end.address, to);
    }
    if let Some(port) = end.port {
        to.push(b':');
        text::number(port, to);
    }
}

/// What could steer a terminal as escapes, and no more than a screen is wide.
fn put(value: &[u8], to: &mut Vec<u8>) {
    let value = String::from_utf8_lossy(value.get(..value.len().min(1000)).unwrap_or_default());
    text::safe(&value, to);
}
