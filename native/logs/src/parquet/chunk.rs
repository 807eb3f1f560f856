//! A column of a row group: its pages, and what the footer says of it.

use std::io;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMicrosecondType, UInt32Type, UInt64Type, UInt8Type};
use arrow_array::{Array, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};

use super::delta;
use super::numbers::{Distinct, Number};
use super::runs;

/// How values are written: one after the other, as places in a dictionary, or as differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    Plain,
    Dictionary,
    Delta,
}

/// The pages of a column, not compressed yet.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Distinct values, and how many; empty where there is no dictionary.
    pub dictionary: (Vec<u8>, usize),
    pub data: Vec<u8>,
    pub nulls: usize,
    /// The smallest and the largest value.
    pub range: Option<(Vec<u8>, Vec<u8>)>,
    pub encoding: Encoding,
    present: Vec<u32>,
    numbers: Vec<u64>,
    distinct: Distinct,
}

/// Longer texts are not told of as the smallest or the largest.
const LONGEST: usize = 64;

impl Chunk {
    /// Make the pages of a column; to numbers of a column of positions, something is added.
    pub fn fill(&mut self, array: &dyn Array, shift: u64) -> io::Result<()> {
        self.dictionary.0.clear();
        self.dictionary.1 = 0;
        self.data.clear();
        self.encoding = Encoding::Plain;
        self.nulls = array.null_count();
        self.range = None;
        let nulls = array.logical_nulls();
        let nulls = nulls.as_ref();
        // The length of the levels stands before them.
        self.data.extend_from_slice(&[0; 4]);
        runs::levels(nulls, array.len(), &mut self.data);
        let length = (self.data.len() - 4) as u32;
        if let Some(place) = self.data.first_chunk_mut() {
            *place = length.to_le_bytes();
        }
        if self.nulls == array.len() {
            return Ok(());
        }
        match array.data_type() {
            DataType::UInt8 => self.numbers(array.as_primitive::<UInt8Type>().values(), nulls, 0),
            DataType::UInt32 => self.numbers(array.as_primitive::<UInt32Type>().values(), nulls, 0),
            DataType::UInt64 => self.numbers(array.as_primitive::<UInt64Type>().values(), nulls, shift),
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                self.numbers(array.as_primitive::<TimestampMicrosecondType>().values(), nulls, 0);
            }
            DataType::Utf8 => self.texts(array.as_string()),
            DataType::Dictionary(_, _) => {
                let words = array.as_dictionary::<Int32Type>();
                let values = words.values().as_string_opt().ok_or_else(|| unknown(array.data_type()))?;
                self.words(words.keys().values(), nulls, values);
            }
            other => return Err(unknown(other)),
        }
        Ok(())
    }

    fn texts(&mut self, texts: &StringArray) {
        self.data.reserve(texts.value_data().len() + 4 * texts.len());
        for text in texts.iter().flatten() {
            write_text(text.as_bytes(), &mut self.data);
        }
    }

    fn words(&mut self, keys: &[i32], nulls: Option<&NullBuffer>, values: &StringArray) {
        for text in values.iter().flatten() {
            write_text(text.as_bytes(), &mut self.dictionary.0);
        }
        self.dictionary.1 = values.len();
        self.encoding = Encoding::Dictionary;
        let texts = || values.iter().flatten().map(str::as_bytes);
        if let (Some(least), Some(most)) = (texts().min(), texts().max()) {
            if least.len() <= LONGEST && most.len() <= LONGEST {
                self.range = Some((least.to_vec(), most.to_vec()));
            }
        }
        present(keys, nulls, &mut self.present, |key| key as u32);
        places(&self.present, values.len(), &mut self.data);
    }

    fn numbers<T: Number>(&mut self, values: &[T], nulls: Option<&NullBuffer>, shift: u64) {
        let mut numbers = std::mem::take(&mut self.numbers);
        present(values, nulls, &mut numbers, |value| value.bits().wrapping_add(shift));
        self.filled::<T>(&numbers);
        self.numbers = numbers;
    }

    fn filled<T: Number>(&mut self, numbers: &[u64]) {
        let ordered = || numbers.iter().map(|bits| T::of(*bits));
        let (Some(least), Some(most)) = (ordered().min(), ordered().max()) else { return };
        let bytes = |value: T| value.bits().to_le_bytes().iter().take(T::BYTES).copied().collect::<Vec<u8>>();
        self.range = Some((bytes(least), bytes(most)));
        if least == most {
            self.encoding = Encoding::Dictionary;
            self.dictionary = (bytes(least), 1);
            self.data.push(0);
            runs::same(0, numbers.len(), 0, &mut self.data);
        } else if self.distinct.fill(numbers) {
            for value in &self.distinct.values {
                self.dictionary.0.extend(value.to_le_bytes().iter().take(T::BYTES));
            }
            self.dictionary.1 = self.distinct.values.len();
            self.encoding = Encoding::Dictionary;
            places(&self.distinct.keys, self.distinct.values.len(), &mut self.data);
        } else if T::BYTES == 8 {
            self.encoding = Encoding::Delta;
            delta::numbers(numbers, &mut self.data);
        } else {
            self.data.extend(numbers.iter().flat_map(|bits| (*bits as u32).to_le_bytes()));
        }
    }
}

fn unknown(kind: &DataType) -> io::Error {
    io::Error::other(format!("no column of {kind} can be written"))
}

fn write_text(text: &[u8], to: &mut Vec<u8>) {
    to.extend_from_slice(&(text.len() as u32).to_le_bytes());
    to.extend_from_slice(text);
}

/// Places in a dictionary of so many values.
fn places(keys: &[u32], values: usize, to: &mut Vec<u8>) {
    let width = runs::width((values.max(1) - 1) as u32);
    to.push(width);
    runs::numbers(keys, width, to);
}

/// The values that are there.
fn present<T: Copy, U>(values: &[T], nulls: Option<&NullBuffer>, to: &mut Vec<U>, change: impl Fn(T) -> U) {
    to.clear();
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else {
        to.extend(values.iter().map(|value| change(*value)));
        return;
    };
    to.reserve(values.len() - nulls.null_count());
    for (values, bits) in values.chunks(64).zip(nulls.inner().bit_chunks().iter_padded()) {
        if bits == u64::MAX {
            to.extend(values.iter().map(|value| change(*value)));
            continue;
        }
        let mut left = bits;
        while left != 0 {
            to.extend(values.get(left.trailing_zeros() as usize).map(|value| change(*value)));
            left &= left - 1;
        }
    }
}
