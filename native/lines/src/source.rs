//! Cells from Arrow columns, of the native readers or of DuckDB.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int32Type, TimestampMicrosecondType, TimestampNanosecondType, UInt16Type, UInt32Type, UInt64Type, UInt8Type,
};
use arrow_array::{
    Array, DictionaryArray, PrimitiveArray, RecordBatch, StringArray, TimestampMicrosecondArray,
    TimestampNanosecondArray,
};
use arrow_schema::{DataType, Schema, TimeUnit};

use crate::cells::{Cell, Kind};

/// A column of a batch.
pub enum Source<'a> {
    Text(&'a StringArray),
    Words(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Nanoseconds(&'a TimestampNanosecondArray),
    Microseconds(&'a TimestampMicrosecondArray),
    U8(&'a PrimitiveArray<UInt8Type>),
    U16(&'a PrimitiveArray<UInt16Type>),
    U32(&'a PrimitiveArray<UInt32Type>),
    U64(&'a PrimitiveArray<UInt64Type>),
}

/// What the columns hold; an error names the column that cannot be read.
pub fn kinds(schema: &Schema) -> Result<Vec<Kind>, String> {
    schema
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 | DataType::Dictionary(..) => Ok(Kind::Text),
            DataType::Timestamp(..) => Ok(Kind::Time),
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => Ok(Kind::Number),
            other => Err(format!("column {} is of type {other}", field.name())),
        })
        .collect()
}

/// The columns of a batch, in order.
pub fn sources(batch: &RecordBatch) -> Result<Vec<Source<'_>>, String> {
    let schema = batch.schema_ref().fields().iter();
    schema
        .zip(batch.columns())
        .map(|(field, array)| {
            source(array).ok_or_else(|| format!("column {} is of type {}", field.name(), array.data_type()))
        })
        .collect()
}

fn source(array: &dyn Array) -> Option<Source<'_>> {
    Some(match array.data_type() {
        DataType::Utf8 => Source::Text(array.as_string_opt()?),
        DataType::Dictionary(..) => {
            let words = array.as_dictionary_opt::<Int32Type>()?;
            Source::Words(words, words.values().as_string_opt()?)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            Source::Nanoseconds(array.as_primitive_opt::<TimestampNanosecondType>()?)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Source::Microseconds(array.as_primitive_opt::<TimestampMicrosecondType>()?)
        }
        DataType::UInt8 => Source::U8(array.as_primitive_opt()?),
        DataType::UInt16 => Source::U16(array.as_primitive_opt()?),
        DataType::UInt32 => Source::U32(array.as_primitive_opt()?),
        DataType::UInt64 => Source::U64(array.as_primitive_opt()?),
        _ => return None,
    })
}

impl<'a> Source<'a> {
    /// The cell of a row; times are cut to microseconds.
    pub fn cell(&self, row: usize) -> Cell<'a> {
        match *self {
            Source::Text(array) => known(array, row, |row| Cell::Text(array.value(row))),
            Source::Words(words, values) => words.key(row).map_or(Cell::Null, |key| Cell::Text(values.value(key))),
            Source::Nanoseconds(array) => known(array, row, |row| Cell::Time(array.value(row).div_euclid(1000))),
            Source::Microseconds(array) => known(array, row, |row| Cell::Time(array.value(row))),
            Source::U8(array) => known(array, row, |row| Cell::Number(array.value(row).into())),
            Source::U16(array) => known(array, row, |row| Cell::Number(array.value(row).into())),
            Source::U32(array) => known(array, row, |row| Cell::Number(array.value(row).into())),
            Source::U64(array) => known(array, row, |row| Cell::Number(array.value(row))),
        }
    }
}

#[inline]
fn known<'a>(array: &impl Array, row: usize, cell: impl FnOnce(usize) -> Cell<'a>) -> Cell<'a> {
    if array.is_null(row) {
        Cell::Null
    } else {
        cell(row)
    }
}
