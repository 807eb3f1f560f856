//! A flow as a row of a table for people.

use crate::known::Known;
use crate::refusals;
use crate::row::Row;
use crate::text;

pub fn heading() -> String {
    format!(
        "{:23}  {:>8}  {:21}  {:21}  {:9} {:6} {:>15}  {:>17}  at",
        "first", "lasts", "from", "to", "transport", "state", "packets", "bytes"
    )
}

/// Where the columns are.
pub struct Places {
    first: usize,
    last: usize,
    source: End,
    destination: End,
    transport: usize,
    state: usize,
    interface: usize,
    vlan: usize,
    direction: usize,
    tunnel: usize,
    sampling: usize,
    server_name: usize,
    refused: refusals::Places,
}

struct End {
    ip: usize,
    port: usize,
    packets: usize,
    bytes: usize,
}

impl Places {
    /// `at` says where a column is, also where there is none.
    pub fn new(at: impl Fn(&str) -> usize) -> Places {
        let end = |end: &str| End {
            ip: at(&format!("{end}_ip")),
            port: at(&format!("{end}_port")),
            packets: at(&format!("{end}_packets")),
            bytes: at(&format!("{end}_bytes")),
        };
        Places {
            first: at("first"),
            last: at("last"),
            source: end("source"),
            destination: end("destination"),
            transport: at("transport"),
            state: at("state"),
            interface: at("interface"),
            vlan: at("vlan"),
            direction: at("direction_in"),
            tunnel: at("tunnel"),
            sampling: at("sampling"),
            server_name: at("server_name"),
            refused: refusals::Places::new(at),
        }
    }

    pub fn write(&self, row: &Row<'_>, known: &Known, to: &mut Vec<u8>) {
        let begin = to.len();
        let (first, last) = (row.time(self.first), row.time(self.last));
        let transport = row.text(self.transport).unwrap_or_default();
        text::moment(first, to);
        let mut cells = Cells { to };
        cells.right("  ", 8, |to| text::print(to, format_args!("{:.3} s", last.saturating_sub(first) as f64 / 1e6)));
        cells.left("  ", 21, |to| self.source.write(row, transport, to));
        cells.left("  ", 21, |to| self.destination.write(row, transport, to));
        cells.left("  ", 9, |to| text::safe(transport, to));
        cells.left(" ", 6, |to| text::safe(row.text(self.state).unwrap_or_default(), to));
        let (there, back) = (&self.source, &self.destination);
        cells.right(" ", 15, |to| both(row.number(there.packets), row.number(back.packets), text::grouped, to));
        cells.right("  ", 17, |to| both(row.number(there.bytes), row.number(back.bytes), text::size, to));
        to.push(b' ');
        self.at(row, known, to);
        let end = to.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        to.truncate(end.max(begin));
    }

    /// Where it was seen, who the destination is, and who said that it cannot be reached.
    fn at(&self, row: &Row<'_>, known: &Known, to: &mut Vec<u8>) {
        let mut word = |before: &str, text: Option<&str>, after: &str| {
            if let Some(text) = text {
                to.push(b' ');
                to.extend_from_slice(before.as_bytes());
                text::safe(text, to);
                to.extend_from_slice(after.as_bytes());
            }
        };
        word("", row.text(self.interface), "");
        word("VLAN ", row.text(self.vlan), "");
        word("", row.text(self.direction), "");
        word("in ", row.text(self.tunnel), "");
        if let Some(sampling) = row.cell(self.sampling).number().filter(|sampling| *sampling > 1) {
            word("sampled 1:", Some(itoa::Buffer::new().format(sampling)), "");
        }
        let called = || row.text(self.destination.ip).and_then(|ip| known.names.get(ip)).map(String::as_str);
        word("(", row.text(self.server_name).or_else(called).filter(|name| !name.is_empty()), ")");
        let span = (row.time(self.first), row.time(self.last));
        word("· ", known.refusals.of(row, &self.refused, span).as_deref(), "");
    }
}

impl End {
    fn write(&self, row: &Row<'_>, transport: &str, to: &mut Vec<u8>) {
        let address = row.text(self.ip).unwrap_or("None");
        let port = row.cell(self.port).number().filter(|_| !transport.contains("icmp"));
        match port {
            None => text::safe(address, to),
            Some(port) if address.contains(':') => text::print(to, format_args!("[{address}]:{port}")),
            Some(port) => text::print(to, format_args!("{address}:{port}")),
        }
    }
}

fn both(there: u64, back: u64, write: impl Fn(u64, &mut Vec<u8>), to: &mut Vec<u8>) {
    write(there, to);
    to.extend_from_slice(" ↔ ".as_bytes());
    write(back, to);
}

/// Cells of one row, padded to the width of their columns.
struct Cells<'a> {
    to: &'a mut Vec<u8>,
}

impl Cells<'_> {
    fn left(&mut self, before: &str, width: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.to.extend_from_slice(before.as_bytes());
        let begin = self.to.len();
        write(self.to);
        let missing = width.saturating_sub(self.letters(begin));
        self.to.resize(self.to.len() + missing, b' ');
    }

    fn right(&mut self, before: &str, width: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.to.extend_from_slice(before.as_bytes());
        let begin = self.to.len();
        write(self.to);
        let missing = width.saturating_sub(self.letters(begin));
        self.to.splice(begin..begin, std::iter::repeat_n(b' ', missing));
    }

    /// Characters from there on.
    fn letters(&self, begin: usize) -> usize {
        let text = self.to.get(begin..).unwrap_or_default();
        text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
    }
}
