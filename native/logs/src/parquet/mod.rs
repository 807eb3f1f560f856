//! Batches of log lines as a Parquet file (https://parquet.apache.org/docs/file-format/), a batch a row group.
//!
//! Columns come with the dictionaries that the file wants: they are written as they are. A writer that takes any columns
//! looks each text up anew.

mod chunk;
mod compact;
mod delta;
mod numbers;
mod runs;

use std::io::{self, Write};

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};

use chunk::{Chunk, Encoding};
use compact::{Compact, Of};

const MAGIC: &[u8; 4] = b"PAR1";
/// Of zstd: the lines themselves are most of what is compressed, and level 3 takes twice as long for a tenth less.
const LEVEL: i32 = 1;

const INT32: i32 = 1;
const INT64: i32 = 2;
const BYTE_ARRAY: i32 = 6;

const PLAIN: i32 = 0;
const RLE: i32 = 3;
const DELTA_BINARY_PACKED: i32 = 5;
const RLE_DICTIONARY: i32 = 8;

const UNCOMPRESSED: i32 = 0;
const ZSTD: i32 = 6;

const DATA_PAGE: i32 = 0;
const DICTIONARY_PAGE: i32 = 2;

/// What the footer says of a column of a row group.
#[derive(Debug)]
struct Written {
    encoding: Encoding,
    codec: i32,
    nulls: usize,
    range: Option<(Vec<u8>, Vec<u8>)>,
    /// With the headers of the pages.
    unpacked: usize,
    packed: usize,
    /// Where its first page is, and that of its data.
    begin: u64,
    data: u64,
}

#[derive(Debug)]
struct Group {
    rows: usize,
    columns: Vec<Written>,
}

/// A file that is being written.
pub struct Writer<W: Write> {
    out: W,
    at: u64,
    schema: SchemaRef,
    groups: Vec<Group>,
    chunk: Chunk,
    pages: Pages,
}

/// The pages of a column, as they are written.
struct Pages {
    packer: zstd::bulk::Compressor<'static>,
    /// Where they are compressed; else the chunk's own are written.
    dictionary: Vec<u8>,
    data: Vec<u8>,
    codec: i32,
}

impl<W: Write> Writer<W> {
    pub fn new(mut out: W, schema: SchemaRef) -> io::Result<Writer<W>> {
        out.write_all(MAGIC)?;
        let (chunk, pages) = (Chunk::default(), Pages::new()?);
        Ok(Writer { out, at: MAGIC.len() as u64, schema, groups: Vec::new(), chunk, pages })
    }

    /// Write a row group; to each position, `shift` is added.
    pub fn write(&mut self, batch: &RecordBatch, shift: u64) -> io::Result<()> {
        let mut columns = Vec::with_capacity(batch.num_columns());
        let mut before: Option<&ArrayRef> = None;
        for (array, field) in batch.columns().iter().zip(self.schema.clone().fields()) {
            // Of a file, a line came when it says so: the next column is the same again.
            if !before.is_some_and(|before| is_same_time(before, array)) {
                self.chunk.fill(array, if field.name() == "position" { shift } else { 0 })?;
                self.pages.pack(&self.chunk)?;
            }
            columns.push(self.put(batch.num_rows())?);
            before = Some(array);
        }
        self.groups.push(Group { rows: batch.num_rows(), columns });
        Ok(())
    }

    /// Write the footer, and give how many rows there are.
    pub fn finish(mut self) -> io::Result<u64> {
        let footer = self.footer();
        self.out.write_all(&footer)?;
        self.out.write_all(&(footer.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.groups.iter().map(|group| group.rows as u64).sum())
    }

    /// Write the pages of the column in `chunk`.
    fn put(&mut self, rows: usize) -> io::Result<Written> {
        let (chunk, encoding, codec) = (&self.chunk, self.chunk.encoding, self.pages.codec);
        let (texts, values) = (&chunk.dictionary.0, chunk.dictionary.1);
        let (dictionary, data) =
            if codec == ZSTD { (&self.pages.dictionary, &self.pages.data) } else { (texts, &chunk.data) };
        let mut written = Written {
            encoding,
            codec,
            nulls: chunk.nulls,
            range: chunk.range.clone(),
            unpacked: texts.len() + chunk.data.len(),
            packed: 0,
            begin: self.at,
            data: self.at,
        };
        if encoding == Encoding::Dictionary {
            let mut header = page(DICTIONARY_PAGE, texts.len(), dictionary.len());
            header.begin(7);
            header.i32(1, values as i32);
            header.i32(2, PLAIN);
            header.end();
            header.end();
            self.out.write_all(&header.bytes)?;
            self.out.write_all(dictionary)?;
            self.at += (header.bytes.len() + dictionary.len()) as u64;
            written.unpacked += header.bytes.len();
            written.data = self.at;
        }
        let mut header = page(DATA_PAGE, chunk.data.len(), data.len());
        header.begin(5);
        header.i32(1, rows as i32);
        header.i32(2, number_of(encoding));
        header.i32(3, RLE);
        header.i32(4, RLE);
        header.end();
        header.end();
        self.out.write_all(&header.bytes)?;
        self.out.write_all(data)?;
        self.at += (header.bytes.len() + data.len()) as u64;
        written.unpacked += header.bytes.len();
        written.packed = (self.at - written.begin) as usize;
        Ok(written)
    }

    /// `FileMetaData` of parquet.thrift.
    fn footer(&self) -> Vec<u8> {
        let mut footer = Compact::default();
        footer.element();
        footer.i32(1, 1);
        let fields = self.schema.fields();
        footer.list(2, Of::Structs, fields.len() + 1);
        footer.element();
        footer.binary(4, b"logs");
        footer.i32(5, fields.len() as i32);
        footer.end();
        for field in fields {
            footer.element();
            let (kind, converted) = kind(field.data_type());
            footer.i32(1, kind);
            footer.i32(3, 1); // optional
            footer.binary(4, field.name().as_bytes());
            footer.i32(6, converted);
            if let DataType::Timestamp(_, _) = field.data_type() {
                // Microseconds, and of no zone.
                footer.begin(10);
                footer.begin(8);
                footer.bool(1, false);
                footer.begin(2);
                footer.begin(2);
                footer.end();
                footer.end();
                footer.end();
                footer.end();
            }
            footer.end();
        }
        footer.i64(3, self.groups.iter().map(|group| group.rows as i64).sum());
        footer.list(4, Of::Structs, self.groups.len());
        for group in &self.groups {
            footer.element();
            self.group(group, &mut footer);
            footer.end();
        }
        footer.binary(6, concat!("whence ", env!("CARGO_PKG_VERSION")).as_bytes());
        // The smallest and the largest are so by the order of their type.
        footer.list(7, Of::Structs, fields.len());
        for _ in fields {
            footer.element();
            footer.begin(1);
            footer.end();
            footer.end();
        }
        footer.end();
        footer.bytes
    }

    /// `RowGroup` of parquet.thrift.
    fn group(&self, group: &Group, footer: &mut Compact) {
        footer.list(1, Of::Structs, group.columns.len());
        for (column, field) in group.columns.iter().zip(self.schema.fields()) {
            footer.element();
            footer.i64(2, column.begin as i64);
            footer.begin(3);
            footer.i32(1, kind(field.data_type()).0);
            footer.list(2, Of::Numbers, 3);
            footer.number(PLAIN);
            footer.number(RLE);
            footer.number(if column.encoding == Encoding::Delta { DELTA_BINARY_PACKED } else { RLE_DICTIONARY });
            footer.list(3, Of::Texts, 1);
            footer.text(field.name().as_bytes());
            footer.i32(4, column.codec);
            footer.i64(5, group.rows as i64);
            footer.i64(6, column.unpacked as i64);
            footer.i64(7, column.packed as i64);
            footer.i64(9, column.data as i64);
            if column.encoding == Encoding::Dictionary {
                footer.i64(11, column.begin as i64);
            }
            footer.begin(12);
            footer.i64(3, column.nulls as i64);
            if let Some((least, most)) = &column.range {
                footer.binary(5, most);
                footer.binary(6, least);
            }
            footer.end();
            footer.end();
            footer.end();
        }
        let bytes = |of: fn(&Written) -> usize| group.columns.iter().map(|column| of(column) as i64).sum();
        footer.i64(2, bytes(|column| column.unpacked));
        footer.i64(3, group.rows as i64);
        footer.i64(6, bytes(|column| column.packed));
    }
}

impl Pages {
    fn new() -> io::Result<Pages> {
        let packer = zstd::bulk::Compressor::new(LEVEL)?;
        Ok(Pages { packer, dictionary: Vec::new(), data: Vec::new(), codec: UNCOMPRESSED })
    }

    /// Compress the pages of a column, if that is worth it.
    fn pack(&mut self, chunk: &Chunk) -> io::Result<()> {
        let (texts, data) = (&chunk.dictionary.0, &chunk.data);
        (self.dictionary, self.data) = (self.packer.compress(texts)?, self.packer.compress(data)?);
        // What is hardly smaller is not worth unpacking.
        let is_smaller = self.dictionary.len() + self.data.len() < (texts.len() + data.len()) / 8 * 7;
        self.codec = if is_smaller { ZSTD } else { UNCOMPRESSED };
        Ok(())
    }
}

/// Are these two columns of times of which one is as good as the other?
fn is_same_time(one: &ArrayRef, other: &ArrayRef) -> bool {
    let times = |array: &ArrayRef| matches!(array.data_type(), DataType::Timestamp(_, _));
    times(one) && times(other) && one.to_data() == other.to_data()
}

/// The beginning of a `PageHeader`.
fn page(kind: i32, unpacked: usize, packed: usize) -> Compact {
    let mut header = Compact::default();
    header.element();
    header.i32(1, kind);
    header.i32(2, unpacked as i32);
    header.i32(3, packed as i32);
    header
}

/// `Encoding` of parquet.thrift.
fn number_of(encoding: Encoding) -> i32 {
    match encoding {
        Encoding::Plain => PLAIN,
        Encoding::Dictionary => RLE_DICTIONARY,
        Encoding::Delta => DELTA_BINARY_PACKED,
    }
}

/// `Type` and `ConvertedType` of parquet.thrift.
fn kind(of: &DataType) -> (i32, i32) {
    match of {
        DataType::UInt8 => (INT32, 11),
        DataType::UInt32 => (INT32, 13),
        DataType::UInt64 => (INT64, 14),
        DataType::Timestamp(_, _) => (INT64, 10),
        _ => (BYTE_ARRAY, 0),
    }
}
