//! Rows as Arrow columns: those of `LOGS` in whence.model.log_tables, in its order.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arrow_array::builder::{PrimitiveBuilder, UInt32Builder, UInt64Builder, UInt8Builder};
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::row::Row;

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
    ("source", Kind::Text),
    ("source_port", Kind::U32),
    ("source_nat", Kind::Text),
    ("destination_interface", Kind::Words),
    ("destination", Kind::Text),
    ("destination_port", Kind::U32),
    ("destination_nat", Kind::Text),
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

/// Texts that are written once each.
#[derive(Default)]
struct Words {
    wanted: bool,
    /// Places of texts; -1: none.
    keys: Vec<i32>,
    table: HashTable<(u64, i32)>,
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    /// Where the text that came last is in `bytes`, and its key.
    last: (usize, usize, i32),
    nulls: usize,
}

impl Words {
    fn new(wanted: bool) -> Words {
        Words { wanted, offsets: vec![0], ..Words::default() }
    }

    #[inline]
    fn push(&mut self, text: &[u8]) {
        if !self.wanted {
            return;
        }
        if text.is_empty() {
            self.keys.push(-1);
            self.nulls += 1;
            return;
        }
        let (begin, end, mut key) = self.last;
        if self.bytes.get(begin..end) != Some(text) {
            key = self.key(text);
            let place = |at: usize| self.offsets.get(at).map_or(0, |place| *place as usize);
            self.last = (place(key as usize), place(key as usize + 1), key);
        }
        self.keys.push(key);
    }

    fn key(&mut self, text: &[u8]) -> i32 {
        let mut hasher = FixedState::with_seed(7).build_hasher();
        hasher.write(text);
        let hash = hasher.finish();
        let (bytes, offsets) = (&self.bytes, &self.offsets);
        let known = self.table.find(hash, |(other, key)| {
            let at = *key as usize;
            let place = offsets.get(at).zip(offsets.get(at + 1));
            *other == hash && place.and_then(|(begin, end)| bytes.get(*begin as usize..*end as usize)) == Some(text)
        });
        if let Some((_, key)) = known {
            return *key;
        }
        let key = (self.offsets.len() - 1) as i32;
        self.bytes.extend_from_slice(text);
        self.offsets.push(self.bytes.len() as i32);
        self.table.insert_unique(hash, (hash, key), |(hash, _)| *hash);
        key
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let keys = &mut self.keys;
        let nulls = (self.nulls > 0).then(|| {
            let bits = BooleanBuffer::collect_bool(keys.len(), |row| keys.get(row).is_some_and(|key| *key >= 0));
            keys.iter_mut().for_each(|key| *key = (*key).max(0));
            NullBuffer::new(bits)
        });
        if self.offsets.len() == 1 {
            // A dictionary must hold something where rows, all of them without text, have key 0.
            self.offsets.push(0);
        }
        let values = strings(std::mem::take(&mut self.bytes), std::mem::take(&mut self.offsets), None)?;
        let keys = Int32Array::try_new(std::mem::take(&mut self.keys).into(), nulls)?;
        let array = DictionaryArray::try_new(keys, Arc::new(values))?;
        *self = Words::new(self.wanted);
        Ok(Arc::new(array))
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

type Times = PrimitiveBuilder<TimestampMicrosecondType>;

/// Rows, on their way into a batch.
pub struct Batch {
    columns: Columns,
    rows: usize,
    position: UInt64Builder,
    received: Times,
    time: Times,
    words: [Words; 17],
    facility: UInt8Builder,
    severity: UInt8Builder,
    pid: UInt32Builder,
    ports: [UInt32Builder; 2],
    texts: [Texts; 5],
    bytes: UInt64Builder,
    duration: UInt32Builder,
    weight: UInt32Builder,
    size: UInt32Builder,
}

const PEER: usize = 3;
const WORDS: [usize; 17] = [PEER, 4, 5, 8, 10, 11, 12, 13, 14, 15, 19, 23, 24, 27, 28, 31, usize::MAX];
const TEXTS: [usize; 5] = [16, 18, 20, 22, 32];

impl Batch {
    pub fn new(columns: Columns) -> Batch {
        let words = WORDS.map(|at| Words::new(columns.wants(at)));
        let texts = TEXTS.map(|at| Texts::new(columns.wants(at)));
        Batch {
            columns,
            rows: 0,
            position: UInt64Builder::new(),
            received: Times::new(),
            time: Times::new(),
            words,
            facility: UInt8Builder::new(),
            severity: UInt8Builder::new(),
            pid: UInt32Builder::new(),
            ports: [UInt32Builder::new(), UInt32Builder::new()],
            texts,
            bytes: UInt64Builder::new(),
            duration: UInt32Builder::new(),
            weight: UInt32Builder::new(),
            size: UInt32Builder::new(),
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
        self.texts.iter().map(|texts| texts.bytes.len()).sum()
    }

    /// Add a row, with the id of its template.
    pub fn push(&mut self, row: &Row<'_>, template: &str, original: Option<&[u8]>) {
        self.rows += 1;
        self.position.append_value(row.position);
        self.received.append_option(row.received);
        self.time.append_option(row.time);
        self.weight.append_value(row.weight);
        self.size.append_value(row.size);
        if self.columns.is_brief {
            let said = [row.peer, row.host, row.code, template.as_bytes()];
            for (at, text) in [0, 1, 4, 5].into_iter().zip(said) {
                if let Some(words) = self.words.get_mut(at) {
                    words.push(text);
                }
            }
            return;
        }
        self.facility.append_option(row.facility);
        self.severity.append_option(row.severity);
        self.pid.append_option(row.pid);
        self.bytes.append_option(row.bytes);
        self.duration.append_option(row.duration);
        let [source_port, destination_port] = &mut self.ports;
        source_port.append_option(row.source.port);
        destination_port.append_option(row.destination.port);
        let said: [&[u8]; 17] = [
            row.peer,
            row.host,
            row.vendor.as_bytes(),
            row.program,
            row.code,
            template.as_bytes(),
            row.action,
            row.direction.as_bytes(),
            row.transport,
            row.source.interface,
            row.destination.interface,
            row.user,
            row.rule,
            row.reason,
            row.initiator.as_bytes(),
            row.unsure.as_bytes(),
            b"",
        ];
        for (words, text) in self.words.iter_mut().zip(said) {
            words.push(text);
        }
        let known = |text| Some(text).filter(|text: &&[u8]| !text.is_empty());
        let said = [
            known(row.source.address),
            known(row.source.nat),
            known(row.destination.address),
            known(row.destination.nat),
            original,
        ];
        for (texts, text) in self.texts.iter_mut().zip(said) {
            texts.push(text);
        }
    }

    /// The rows so far as a batch; after it there are none.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let mut arrays: Vec<Option<ArrayRef>> = vec![None; LOGS.len()];
        let [source_port, destination_port] = &mut self.ports;
        let numbers: [(usize, ArrayRef); 12] = [
            (0, Arc::new(self.position.finish())),
            (1, Arc::new(self.received.finish())),
            (2, Arc::new(self.time.finish())),
            (6, Arc::new(self.facility.finish())),
            (7, Arc::new(self.severity.finish())),
            (9, Arc::new(self.pid.finish())),
            (17, Arc::new(source_port.finish())),
            (21, Arc::new(destination_port.finish())),
            (25, Arc::new(self.bytes.finish())),
            (26, Arc::new(self.duration.finish())),
            (29, Arc::new(self.weight.finish())),
            (30, Arc::new(self.size.finish())),
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
                put(at, words.finish()?);
            }
        }
        for (texts, at) in self.texts.iter_mut().zip(TEXTS) {
            if texts.wanted {
                put(at, texts.finish()?);
            }
        }
        let wanted = self.columns.wanted.iter().filter_map(|at| arrays.get(*at)?.clone());
        RecordBatch::try_new(self.columns.schema.clone(), wanted.collect())
    }
}
