//! Lines counted by hour, host and template, without looking at what else they say.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::envelope::Envelope;
use crate::header::{behind, Header};
use crate::heads::{self, Form, Heads, Split};
use crate::parser::{Around, Parser};
use crate::row::Row;
use crate::text::number;

const HOUR: i64 = 3_600_000_000;
/// Groups at most; what comes after is counted without its host.
const MOST_GROUPS: usize = 1 << 20;

struct Group {
    /// Hours since 1970; the least number: not known.
    hour: i64,
    host: u32,
    template: u32,
    lines: u64,
    weight: u64,
    bytes: u64,
}

/// What a head says.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The moment at which its hour begins.
    begin: i64,
    /// Where the parser keeps the last template of the host.
    place: u32,
    /// Of what has a code.
    template: u32,
    /// What such lines are counted in.
    group: u32,
}

/// Groups, and how many lines they have.
pub struct Counts {
    groups: Vec<Group>,
    places: HashTable<u32>,
    hosts: Vec<Box<[u8]>>,
    host_places: HashTable<u32>,
    /// Host and group of the last line.
    last: (u32, u32),
    left_out: u64,
    heads: Heads<Known>,
    /// Lines whose heads were known.
    by_heads: u64,
}

impl Default for Counts {
    fn default() -> Counts {
        Counts {
            groups: Vec::new(),
            places: HashTable::new(),
            hosts: vec![Box::default()],
            host_places: HashTable::new(),
            last: (0, u32::MAX),
            left_out: 0,
            heads: Heads::default(),
            by_heads: 0,
        }
    }
}

const STATE: FixedState = FixedState::with_seed(3);

fn hash_of(text: &[u8]) -> u64 {
    let mut hasher = STATE.build_hasher();
    hasher.write(text);
    hasher.finish()
}

fn mixed(hour: i64, host: u32, template: u32) -> u64 {
    let key = (hour as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(host) << 32 | u64::from(template));
    let key = (key ^ (key >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key ^ (key >> 32)
}

impl Counts {
    fn host(&mut self, host: &[u8]) -> u32 {
        if self.hosts.get(self.last.0 as usize).is_some_and(|known| **known == *host) {
            return self.last.0;
        }
        if host.is_empty() {
            return 0;
        }
        let hash = hash_of(host);
        let hosts = &self.hosts;
        let known = |at: &u32| hosts.get(*at as usize).is_some_and(|known| **known == *host);
        if let Some(at) = self.host_places.find(hash, known) {
            return *at;
        }
        if self.hosts.len() >= MOST_GROUPS {
            self.left_out += 1;
            return 0;
        }
        let at = self.hosts.len() as u32;
        self.hosts.push(host.into());
        let hosts = &self.hosts;
        self.host_places.insert_unique(hash, at, |at| hosts.get(*at as usize).map_or(0, |host| hash_of(host)));
        at
    }

    /// Count a line of a file by what it begins with, if such a line was met before, else by reading it; give when
    /// it came, if it says a time.
    pub fn line(
        &mut self,
        parser: &mut Parser,
        line: &[u8],
        around: Around<'_>,
        envelope: &mut Envelope,
        latest: Option<i64>,
    ) -> Option<i64> {
        let is_plain = around.received.is_none() && line.first() != Some(&b'{');
        let head = if is_plain { heads::split(line) } else { None };
        if let Some(head) = &head {
            if let Some(moment) = self.known(parser, line, head, around, envelope) {
                return Some(moment);
            }
        }
        let row = parser.brief(line, around, envelope);
        let came = row.came(parser.today, latest);
        let group = self.add(came, &row);
        let says_how_often = matches!(number(row.code), Some(106_100 | 106_102 | 106_103));
        let is_plain = match head.map(|head| head.form) {
            Some(Form::Coded) => row.vendor == "cisco_asa" && !says_how_often && row.weight == 1,
            Some(Form::Named) => row.vendor.is_empty(),
            None => false,
        };
        if let (Some(head), Some(moment), true) =
            (head, row.time, is_plain && came == row.time && self.groups.len() < MOST_GROUPS)
        {
            if let Some(place) = parser.place(row.host) {
                self.heads.learn(
                    &head,
                    row.host,
                    0,
                    Known { begin: moment - head.within, place, template: row.template, group },
                );
            }
        }
        row.time.and(came)
    }

    /// Count a line whose head is known; give its time.
    #[inline]
    fn known(
        &mut self,
        parser: &mut Parser,
        line: &[u8],
        head: &Split<'_>,
        around: Around<'_>,
        envelope: &mut Envelope,
    ) -> Option<i64> {
        let known = self.heads.find(head, 0)?;
        let moment = known.begin + head.within;
        self.by_heads += 1;
        parser.clock.took_zone = true;
        if head.form == Form::Coded {
            parser.follow(known.place, known.template);
            parser.templates.count(known.template, 1);
            self.count(known.group, 1, around.size);
            return Some(moment);
        }
        let mut header = Header { time: Some(moment), host: head.host(), ..Header::default() };
        behind(head.rest, &mut header);
        let row = parser.brief_behind(line, &header, around, envelope);
        // What is inside of it may say another time.
        let came = if row.received.is_none() { row.time } else { row.came(parser.today, Some(moment)) };
        self.add(came, &row);
        row.time.and(came)
    }

    /// Count one line; give its group.
    fn add(&mut self, time: Option<i64>, row: &Row<'_>) -> u32 {
        let group = self.group(time, row.host, row.template);
        self.count(group, row.weight, row.size);
        group
    }

    #[inline]
    fn count(&mut self, group: u32, weight: u32, bytes: u32) {
        if let Some(group) = self.groups.get_mut(group as usize) {
            group.lines += 1;
            group.weight += u64::from(weight);
            group.bytes += u64::from(bytes);
        }
    }

    /// The group of such lines.
    fn group(&mut self, time: Option<i64>, host: &[u8], template: u32) -> u32 {
        let hour = time.map_or(i64::MIN, |time| time.div_euclid(HOUR));
        let mut host = self.host(host);
        if self.groups.len() >= MOST_GROUPS && self.place(hour, host, template).is_none() {
            self.left_out += 1;
            host = 0;
        }
        self.last.0 = host;
        if let Some(at) = self.place(hour, host, template) {
            return at;
        }
        let at = self.groups.len() as u32;
        self.groups.push(Group { hour, host, template, lines: 0, weight: 0, bytes: 0 });
        let groups = &self.groups;
        self.places.insert_unique(mixed(hour, host, template), at, |at| {
            groups.get(*at as usize).map_or(0, |group| mixed(group.hour, group.host, group.template))
        });
        at
    }

    fn place(&self, hour: i64, host: u32, template: u32) -> Option<u32> {
        let same = |at: &u32| {
            let group = self.groups.get(*at as usize);
            group.is_some_and(|group| (group.hour, group.host, group.template) == (hour, host, template))
        };
        self.places.find(mixed(hour, host, template), same).copied()
    }

    /// Lines that were counted by what they begin with.
    pub fn by_heads(&self) -> u64 {
        self.by_heads
    }

    /// Lines of which the host was not kept.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// One row a group, ordered by hour, host and template.
    pub fn table(&mut self, template: impl Fn(u32) -> String) -> Result<RecordBatch, ArrowError> {
        let mut groups = std::mem::take(&mut self.groups);
        self.places.clear();
        self.heads = Heads::default();
        let host = |at: u32| {
            self.hosts.get(at as usize).filter(|host| !host.is_empty()).map(|host| String::from_utf8_lossy(host))
        };
        groups.sort_by_cached_key(|group| (group.hour, host(group.host), template(group.template)));
        let hours = groups.iter().map(|group| group.hour.checked_mul(HOUR));
        let numbers =
            |of: fn(&Group) -> u64| -> ArrayRef { Arc::new(UInt64Array::from_iter_values(groups.iter().map(of))) };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(TimestampMicrosecondArray::from_iter(hours)),
            Arc::new(StringArray::from_iter(groups.iter().map(|group| host(group.host)))),
            Arc::new(StringArray::from_iter_values(groups.iter().map(|group| template(group.template)))),
            numbers(|group| group.lines),
            numbers(|group| group.weight),
            numbers(|group| group.bytes),
        ];
        RecordBatch::try_new(schema(), columns)
    }
}

/// hour (UTC), host, template, lines, weight, bytes.
pub fn schema() -> SchemaRef {
    let number = |name| Field::new(name, DataType::UInt64, false);
    Arc::new(Schema::new(vec![
        Field::new("hour", DataType::Timestamp(TimeUnit::Microsecond, None), true),
        Field::new("host", DataType::Utf8, true),
        Field::new("template", DataType::Utf8, false),
        number("lines"),
        number("weight"),
        number("bytes"),
    ]))
}
