//! Who said no to the packets of a flow, as somebody else has put it in words.

use std::collections::HashMap;

use crate::row::Row;

/// Whose packet was refused: its transport, source and destination, and their ports where the quotation has them.
pub type Ends = (String, String, String, Option<(u64, u64)>);

/// Said between these microseconds since 1970.
#[derive(Clone, Debug)]
pub struct Said {
    pub first: i64,
    pub last: i64,
    pub words: String,
}

/// By the packets that were refused.
#[derive(Default)]
pub struct Refusals(HashMap<Ends, Vec<Said>>);

/// So much later than the last packet, in microseconds, may it be said that it did not arrive: who asks for a neighbour
/// in vain gives up within this time.
const LATE: i64 = 10_000_000;

impl Refusals {
    pub fn add(&mut self, ends: Ends, said: Said) {
        self.0.entry(ends).or_default().push(said);
    }

    /// What was said to a flow between these moments, whichever end had sent what was refused.
    pub fn of(&self, row: &Row<'_>, places: &Places, (first, last): (i64, i64)) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let (source, destination) = (places.source.of(row)?, places.destination.of(row)?);
        let transport = row.text(places.transport)?;
        let mut words: Vec<&str> = [(source, destination), (destination, source)]
            .into_iter()
            .flat_map(|((from, from_port), (to, to_port))| {
                [Some((from_port, to_port)), None]
                    .map(|ports| (transport.to_string(), from.to_string(), to.to_string(), ports))
            })
            .filter_map(|ends| self.0.get(&ends))
            .flatten()
            .filter(|said| said.first <= last.saturating_add(LATE) && said.last >= first)
            .map(|said| said.words.as_str())
            .collect();
        words.dedup();
        (!words.is_empty()).then(|| words.join("; "))
    }
}

/// Where the columns are that say it.
pub struct Places {
    transport: usize,
    source: End,
    destination: End,
}

struct End {
    ip: usize,
    port: usize,
}

impl Places {
    pub fn new(at: impl Fn(&str) -> usize) -> Places {
        let end = |end: &str| End { ip: at(&format!("{end}_ip")), port: at(&format!("{end}_port")) };
        Places { transport: at("transport"), source: end("source"), destination: end("destination") }
    }
}

impl End {
    fn of<'a>(&self, row: &Row<'a>) -> Option<(&'a str, u64)> {
        Some((row.text(self.ip)?, row.cell(self.port).number()?))
    }
}
