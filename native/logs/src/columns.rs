//! Rows as Arrow columns: those of `LOGS` in whence.model.log_tables, in its order.

use std::sync::Arc;

use arrow_array::types::{TimestampMicrosecondType, UInt32Type, UInt64Type, UInt8Type};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::cells::Cells;
use crate::row::Row;
use crate::words::Words;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Words,
    Time,
    U8,
    U32,
    U64,
}

const LOGS: [(&str, Kind); 33] = [
    ("position", Kind::U64),
    ("received", Kind::Time),
    ("time", Kind::Time),
    ("peer", Kind::Words),
    ("host", Kind::Words),
    ("vendor", Kind::Words),
    ("facility", Kind::U8),
    ("severity", Kind::U8),
    ("program", Kind::Words),
    ("pid", Kind::U32),
    ("code", Kind::Words),
    ("template", Kind::Words),
    ("action", Kind::Words),
    ("direction", Kind::Words),
    ("transport", Kind::Words),
    ("source_interface", Kind::Words),
    ("source", Kind::Words),
    ("source_port", Kind::U32),
    ("source_nat", Kind::Words),
    ("destination_interface", Kind::Words),
    ("destination", Kind::Words),
    ("destination_port", Kind::U32),
    ("destination_nat", Kind::Words),
    ("user", Kind::Words),
    ("rule", Kind::Words),
    ("bytes", Kind::U64),
    ("duration", Kind::U32),
    ("reason", Kind::Words),
    ("initiator", Kind::Words),
    ("weight", Kind::U32),
    ("size", Kind::U32),
    ("unsure", Kind::Words),
    ("original", Kind::Text),
];

/// Columns that are known without reading a message to its end.
const BRIEF: [&str; 9] = ["position", "received", "time", "peer", "host", "code", "template", "weight", "size"];

/// Names of all columns, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    LOGS.iter().map(|column| column.0)
}

/// Which columns are wanted.
#[derive(Clone, Debug)]
pub struct Columns {
    pub schema: SchemaRef,
    wanted: Vec<usize>,
    is_brief: bool,
}

impl Columns {
    /// All columns, or those named, in the order of the names.
    pub fn new(names: Option<&[String]>) -> Result<Columns, String> {
        let wanted = match names {
            None => (0..LOGS.len()).collect(),
            Some(names) => names
                .iter()
                .map(|name| {
                    LOGS.iter()
                        .position(|column| column.0 == name)
                        .ok_or_else(|| format!("log lines have no column {name}"))
                })
                .collect::<Result<Vec<_>, _>>()?,
        };
        let fields = wanted.iter().filter_map(|at| LOGS.get(*at)).map(|(name, kind)| {
            let kind = match kind {
                Kind::Text => DataType::Utf8,
                Kind::Words => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
                Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
                Kind::U8 => DataType::UInt8,
                Kind::U32 => DataType::UInt32,
                Kind::U64 => DataType::UInt64,
            };
            Field::new(*name, kind, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let is_brief = schema.fields().iter().all(|field| BRIEF.contains(&field.name().as_str()));
        Ok(Columns { schema, wanted, is_brief })
    }

    fn wants(&self, at: usize) -> bool {
        self.wanted.contains(&at)
    }
}

fn strings(bytes: Vec<u8>, offsets: Vec<i32>, nulls: Option<NullBuffer>) -> Result<StringArray, ArrowError> {
    StringArray::try_new(OffsetBuffer::new(offsets.into()), bytes.into(), nulls)
}

/// Texts one after the other.
#[derive(Default)]
struct Texts {
    wanted: bool,
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    valid: Vec<bool>,
    nulls: usize,
}

impl Texts {
    fn new(wanted: bool) -> Texts {
        Texts { wanted, offsets: vec![0], ..Texts::default() }
    }

    #[inline]
    fn push(&mut self, text: Option<&[u8]>) {
        if !self.wanted {
            return;
        }
        match text {
            Some(text) => self.bytes.extend_from_slice(text),
            None => self.nulls += 1,
        }
        self.valid.push(text.is_some());
        self.offsets.push(self.bytes.len() as i32);
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let nulls = (self.nulls > 0).then(|| NullBuffer::from(std::mem::take(&mut self.valid)));
        let capacity = self.bytes.len();
        let array = strings(std::mem::take(&mut self.bytes), std::mem::take(&mut self.offsets), nulls)?;
        *self = Texts::new(self.wanted);
        self.bytes.reserve(capacity);
        Ok(Arc::new(array))
    }
}

/// Rows, on their way into a batch.
pub struct Batch {
    columns: Columns,
    rows: usize,
    position: Cells<UInt64Type>,
    received: Cells<TimestampMicrosecondType>,
    time: Cells<TimestampMicrosecondType>,
    words: [Words; 20],
    facility: Cells<UInt8Type>,
    severity: Cells<UInt8Type>,
    pid: Cells<UInt32Type>,
    ports: [Cells<UInt32Type>; 2],
    originals: Texts,
    bytes: Cells<UInt64Type>,
    duration: Cells<UInt32Type>,
    weight: Cells<UInt32Type>,
    size: Cells<UInt32Type>,
}

const PEER: usize = 3;
const WORDS: [usize; 20] = [PEER, 4, 5, 8, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 22, 23, 24, 27, 28, 31];
const ORIGINAL: usize = 32;

impl Batch {
    pub fn new(columns: Columns) -> Batch {
        let words = WORDS.map(|at| Words::new(columns.wants(at)));
        let originals = Texts::new(columns.wants(ORIGINAL));
        Batch {
            columns,
            rows: 0,
            position: Cells::default(),
            received: Cells::default(),
            time: Cells::default(),
            words,
            facility: Cells::default(),
            severity: Cells::default(),
            pid: Cells::default(),
            ports: [Cells::default(), Cells::default()],
            originals,
            bytes: Cells::default(),
            duration: Cells::default(),
            weight: Cells::default(),
            size: Cells::default(),
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether all that is wanted stands at the beginning of lines.
    pub fn is_brief(&self) -> bool {
        self.columns.is_brief
    }

    /// Bytes of texts that are not written once each.
    pub fn text_bytes(&self) -> usize {
        self.originals.bytes.len()
    }

    /// Add a row, with the id of its template.
    pub fn push(&mut self, row: &Row<'_>, template: &str, original: Option<&[u8]>) {
        let at = self.rows;
        self.rows += 1;
        self.position.push(at, Some(row.position));
        self.received.push(at, row.received);
        self.time.push(at, row.time);
        self.weight.push(at, Some(row.weight));
        self.size.push(at, Some(row.size));
        if self.columns.is_brief {
            let said = [row.peer, row.host, row.code, template.as_bytes()];
            for (place, text) in [0, 1, 4, 5].into_iter().zip(said) {
                if let Some(words) = self.words.get_mut(place) {
                    words.push(at, text);
                }
            }
            return;
        }
        self.facility.push(at, row.facility);
        self.severity.push(at, row.severity);
        self.pid.push(at, row.pid);
        self.bytes.push(at, row.bytes);
        self.duration.push(at, row.duration);
        let [source_port, destination_port] = &mut self.ports;
        source_port.push(at, row.source.port);
        destination_port.push(at, row.destination.port);
        let [peer, host, vendor, program, code, template_id, action, direction, transport, rest @ ..] = &mut self.words;
        let [source_interface, source, source_nat, destination_interface, rest @ ..] = rest;
        let [destination, destination_nat, user, rule, reason, initiator, unsure] = rest;
        peer.push(at, row.peer);
        host.push(at, row.host);
        vendor.push_own(at, row.vendor);
        program.push(at, row.program);
        code.push(at, row.code);
        template_id.push_numbered(at, row.template, template);
        action.push(at, row.action);
        direction.push_own(at, row.direction);
        transport.push(at, row.transport);
        source_interface.push(at, row.source.interface);
        source.push(at, row.source.address);
        source_nat.push(at, row.source.nat);
        destination_interface.push(at, row.destination.interface);
        destination.push(at, row.destination.address);
        destination_nat.push(at, row.destination.nat);
        user.push(at, row.user);
        rule.push(at, row.rule);
        reason.push(at, row.reason);
        initiator.push_own(at, row.initiator);
        unsure.push_own(at, row.unsure);
        self.originals.push(original);
    }

    /// The rows so far as a batch; after it there are none.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        let mut arrays: Vec<Option<ArrayRef>> = vec![None; LOGS.len()];
        let [source_port, destination_port] = &mut self.ports;
        let numbers: [(usize, ArrayRef); 12] = [
            (0, self.position.finish(rows)?),
            (1, self.received.finish(rows)?),
            (2, self.time.finish(rows)?),
            (6, self.facility.finish(rows)?),
            (7, self.severity.finish(rows)?),
            (9, self.pid.finish(rows)?),
            (17, source_port.finish(rows)?),
            (21, destination_port.finish(rows)?),
            (25, self.bytes.finish(rows)?),
            (26, self.duration.finish(rows)?),
            (29, self.weight.finish(rows)?),
            (30, self.size.finish(rows)?),
        ];
        let mut put = |at: usize, array: ArrayRef| {
            if let Some(place) = arrays.get_mut(at) {
                *place = Some(array);
            }
        };
        for (at, array) in numbers {
            put(at, array);
        }
        for (words, at) in self.words.iter_mut().zip(WORDS) {
            if words.wanted {
                put(at, words.finish(rows)?);
            }
        }
        if self.originals.wanted {
            put(ORIGINAL, self.originals.finish()?);
        }
        let wanted = self.columns.wanted.iter().filter_map(|at| arrays.get(*at)?.clone());
        RecordBatch::try_new(self.columns.schema.clone(), wanted.collect())
    }
}
