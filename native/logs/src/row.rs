//! What is known of a line. Text that is empty is not known.

use crate::time::AHEAD;

/// One line of a log, as columns; texts are pieces of the line, or words of ours.
#[derive(Clone, Debug, Default)]
pub struct Row<'a> {
    /// Where it came from: see `position` of the reader.
    pub position: u64,
    /// Microseconds since 1970, UTC.
    pub received: Option<i64>,
    /// The same by the device's clock.
    pub time: Option<i64>,
    pub peer: &'a [u8],
    pub host: &'a [u8],
    pub vendor: &'static str,
    pub facility: Option<u8>,
    pub severity: Option<u8>,
    pub program: &'a [u8],
    pub pid: Option<u32>,
    pub code: &'a [u8],
    /// Its number among the templates of the reading.
    pub template: u32,
    pub action: &'a [u8],
    pub direction: &'static str,
    pub transport: &'a [u8],
    pub source: End<'a>,
    pub destination: End<'a>,
    pub user: &'a [u8],
    pub rule: &'a [u8],
    pub bytes: Option<u64>,
    /// Seconds.
    pub duration: Option<u32>,
    pub reason: &'a [u8],
    pub initiator: &'static str,
    pub weight: u32,
    pub size: u32,
    pub unsure: &'static str,
    /// What stands behind time and host.
    pub message: &'a [u8],
    pub original: &'a [u8],
}

/// One end of what a line tells of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End<'a> {
    pub interface: &'a [u8],
    pub address: &'a [u8],
    pub port: Option<u32>,
    pub nat: &'a [u8],
}

impl Row<'_> {
    /// When it came, as far as that is known: of a file, what the line says is the best there is.
    ///
    /// What says no time, or one that is yet to come, came when the line before it did.
    pub fn came(&self, today: i64, latest: Option<i64>) -> Option<i64> {
        let said = self.time.filter(|time| *time <= today.saturating_add(AHEAD));
        self.received.or(said).or(latest).or(self.time)
    }

    /// Say once why a part of it is doubtful; the first reason stays.
    pub fn doubt(&mut self, why: &'static str) {
        if self.unsure.is_empty() {
            self.unsure = why;
        }
    }
}
