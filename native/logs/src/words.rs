//! Texts that are written once each, and for each row which of them it has.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::ArrowError;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// A text of at most sixteen bytes, as numbers: compared and found without a look at where it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Short {
    first: u64,
    last: u64,
    length: u8,
}

impl Short {
    #[inline]
    fn of(text: &[u8]) -> Option<Short> {
        let (first, last) = match text.len() {
            8..=16 => (u64::from_le_bytes(*text.first_chunk()?), u64::from_le_bytes(*text.last_chunk()?)),
            4..=7 => (u32::from_le_bytes(*text.first_chunk()?).into(), u32::from_le_bytes(*text.last_chunk()?).into()),
            2..=3 => (u16::from_le_bytes(*text.first_chunk()?).into(), u16::from_le_bytes(*text.last_chunk()?).into()),
            1 => ((*text.first()?).into(), 0),
            _ => return None,
        };
        Some(Short { first, last, length: text.len() as u8 })
    }

    #[inline]
    fn hash(self) -> u64 {
        let mixed = self.first.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.last.rotate_left(29) ^ u64::from(self.length);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    }
}

/// A column of texts, on its way into a batch.
#[derive(Default)]
pub struct Words {
    pub wanted: bool,
    /// Places of texts by row; -1: none. What is none costs nothing until the next that is one.
    keys: Vec<i32>,
    short: HashTable<(Short, i32)>,
    long: HashTable<(u64, i32)>,
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    /// The short text that came last, and its key.
    last: (Short, i32),
    /// Where in `bytes` the long text is that came last, and its key.
    last_long: (usize, usize, i32),
    /// Where the word of ours is that came last, how long it is, and its key.
    last_own: (usize, usize, i32),
    /// Keys of texts that have numbers; -1: not met yet.
    numbered: Vec<i32>,
    texts: usize,
}

const STATE: FixedState = FixedState::with_seed(7);

impl Words {
    pub fn new(wanted: bool) -> Words {
        Words { wanted, offsets: vec![0], ..Words::default() }
    }

    /// Say what is in a row; rows come in order, and empty text is none.
    #[inline]
    pub fn push(&mut self, row: usize, text: &[u8]) {
        if text.is_empty() || !self.wanted {
            return;
        }
        let key = self.key(text);
        self.put(row, key);
    }

    /// The same of a word of ours, which stays where it is, so that a look at where it is tells which it is.
    #[inline]
    pub fn push_own(&mut self, row: usize, text: &'static str) {
        if text.is_empty() || !self.wanted {
            return;
        }
        let place = (text.as_ptr() as usize, text.len());
        if (self.last_own.0, self.last_own.1) != place {
            self.last_own = (place.0, place.1, self.key(text.as_bytes()));
        }
        self.put(row, self.last_own.2);
    }

    /// The same of a text that has a number, which tells which it is; two numbers may have the same text.
    #[inline]
    pub fn push_numbered(&mut self, row: usize, number: u32, text: &str) {
        if text.is_empty() || !self.wanted {
            return;
        }
        let key = match self.numbered.get(number as usize) {
            Some(key) if *key >= 0 => *key,
            _ => self.number(number as usize, text),
        };
        self.put(row, key);
    }

    #[cold]
    fn number(&mut self, number: usize, text: &str) -> i32 {
        let key = self.key(text.as_bytes());
        if self.numbered.len() <= number {
            self.numbered.resize(number + 1, -1);
        }
        if let Some(place) = self.numbered.get_mut(number) {
            *place = key;
        }
        key
    }

    #[inline]
    fn put(&mut self, row: usize, key: i32) {
        if self.keys.len() < row {
            self.keys.resize(row, -1);
        }
        self.keys.push(key);
        self.texts += 1;
    }

    #[inline]
    fn key(&mut self, text: &[u8]) -> i32 {
        match Short::of(text) {
            Some(short) if short == self.last.0 => self.last.1,
            Some(short) => {
                let key = self.short_key(short, text);
                self.last = (short, key);
                key
            }
            None => self.long_key(text),
        }
    }

    #[inline]
    fn short_key(&mut self, short: Short, text: &[u8]) -> i32 {
        let hash = short.hash();
        if let Some((_, key)) = self.short.find(hash, |(other, _)| *other == short) {
            return *key;
        }
        let key = self.add(text);
        self.short.insert_unique(hash, (short, key), |(short, _)| short.hash());
        key
    }

    fn long_key(&mut self, text: &[u8]) -> i32 {
        let (begin, end, key) = self.last_long;
        if self.bytes.get(begin..end) == Some(text) {
            return key;
        }
        let key = self.long_key_of(text);
        let place = |at: usize| self.offsets.get(at).map_or(0, |place| *place as usize);
        self.last_long = (place(key as usize), place(key as usize + 1), key);
        key
    }

    fn long_key_of(&mut self, text: &[u8]) -> i32 {
        let mut hasher = STATE.build_hasher();
        hasher.write(text);
        let hash = hasher.finish();
        let (bytes, offsets) = (&self.bytes, &self.offsets);
        let known = self.long.find(hash, |(other, key)| {
            let at = *key as usize;
            let place = offsets.get(at).zip(offsets.get(at + 1));
            *other == hash && place.and_then(|(begin, end)| bytes.get(*begin as usize..*end as usize)) == Some(text)
        });
        if let Some((_, key)) = known {
            return *key;
        }
        let key = self.add(text);
        self.long.insert_unique(hash, (hash, key), |(hash, _)| *hash);
        key
    }

    fn add(&mut self, text: &[u8]) -> i32 {
        let key = (self.offsets.len() - 1) as i32;
        self.bytes.extend_from_slice(text);
        self.offsets.push(self.bytes.len() as i32);
        key
    }

    /// So many rows as a column; after it there are none.
    pub fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        let mut keys = std::mem::take(&mut self.keys);
        keys.resize(rows, -1);
        let nulls = (self.texts < rows).then(|| {
            if self.texts == 0 {
                keys.fill(0);
                return NullBuffer::new_null(rows);
            }
            NullBuffer::new(taken(&mut keys))
        });
        if self.offsets.len() == 1 {
            // A dictionary must hold something where rows, all of them without text, have key 0.
            self.offsets.push(0);
        }
        let (bytes, offsets) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.offsets));
        let values = StringArray::try_new(OffsetBuffer::new(offsets.into()), bytes.into(), None)?;
        let array = DictionaryArray::try_new(Int32Array::try_new(keys.into(), nulls)?, Arc::new(values))?;
        self.short.clear();
        self.long.clear();
        self.keys.reserve(rows);
        self.offsets.push(0);
        self.last = Default::default();
        self.last_long = Default::default();
        self.last_own = Default::default();
        self.numbered.clear();
        self.texts = 0;
        Ok(Arc::new(array))
    }
}

/// Which keys are some, each as a bit; those that are none become 0.
fn taken(keys: &mut [i32]) -> BooleanBuffer {
    let bits = keys.chunks_mut(64).map(|keys| {
        let some = keys.iter().enumerate().fold(0, |bits, (at, key)| bits | u64::from(*key >= 0) << at);
        keys.iter_mut().for_each(|key| *key = (*key).max(0));
        some.to_le()
    });
    let bits: Vec<u64> = bits.collect();
    BooleanBuffer::new(bits.into(), 0, keys.len())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use arrow_array::cast::AsArray;
    use arrow_array::types::Int32Type;
    use arrow_array::Array;

    use super::{taken, Words};

    #[test]
    fn which_rows_have_a_text_is_said_in_bits() {
        for rows in [0, 1, 63, 64, 65, 130] {
            let mut keys: Vec<i32> = (0..rows).map(|row| if row % 3 == 1 || row % 7 == 0 { -1 } else { row }).collect();
            let before = keys.clone();
            let bits = taken(&mut keys);
            assert_eq!(bits.iter().collect::<Vec<_>>(), before.iter().map(|key| *key >= 0).collect::<Vec<_>>());
            assert!(keys.iter().zip(before).all(|(key, before)| *key == before.max(0)));
        }
    }

    #[test]
    fn a_text_is_the_same_whichever_way_it_comes() {
        let mut words = Words::new(true);
        for _ in 0..2 {
            words.push(0, b"tcp");
            words.push_own(1, "tcp");
            words.push_numbered(2, 7, "tcp");
            words.push_own(4, "destination");
            words.push_numbered(5, 7, "tcp");
            words.push_numbered(6, 9, "destination");
            words.push_numbered(7, 8, "tcp");
            words.push_own(8, "");
            let array = words.finish(9).unwrap();
            let array = array.as_dictionary::<Int32Type>();
            assert_eq!(array.values().len(), 2);
            let keys: Vec<_> = array.keys().iter().collect();
            let (tcp, destination) = (Some(0), Some(1));
            assert_eq!(keys, [tcp, tcp, tcp, None, destination, tcp, destination, tcp, None]);
        }
    }

    #[test]
    fn each_text_is_kept_once_whatever_its_length() {
        let mut words = Words::new(true);
        let letters = "abaabbbaaabbbbbaaaaaaabbbbbbba";
        let texts: Vec<&str> = (0..letters.len())
            .flat_map(|begin| (begin..=letters.len()).filter_map(move |end| letters.get(begin..end)))
            .collect();
        for _ in 0..2 {
            texts.iter().enumerate().for_each(|(row, text)| words.push(row, text.as_bytes()));
            let array = words.finish(texts.len()).unwrap();
            let array = array.as_dictionary::<Int32Type>();
            let values = array.values().as_string::<i32>();
            let mut known = HashMap::new();
            for (row, text) in texts.iter().enumerate() {
                let key = array.key(row);
                assert_eq!(key.map(|key| values.value(key)), Some(*text).filter(|text| !text.is_empty()));
                assert_eq!(*known.entry(*text).or_insert(key), key);
            }
            assert_eq!(known.len() - 1, values.len());
        }
    }
}
