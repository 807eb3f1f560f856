//! Records in order of a number, however many there are: what is more than the memory allowed goes, in
//! sorted runs, to a file without a name that only this process can open.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

/// Bytes that all runs together are read ahead by.
const AHEAD: usize = 4 << 20;
/// A record in the file begins with its number and its length.
const HEAD: usize = 12;

/// Where a record is.
pub struct Entry {
    number: u64,
    at: usize,
    length: usize,
}

/// Records as they come.
pub struct Unsorted {
    memory: usize,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    file: Option<File>,
    written: u64,
    runs: Vec<(u64, u64)>,
}

impl Unsorted {
    /// Nothing, and how many bytes of records may be in memory.
    pub fn new(memory: usize) -> Unsorted {
        Unsorted { memory, bytes: Vec::new(), entries: Vec::new(), file: None, written: 0, runs: Vec::new() }
    }

    /// Add a record, which is appended to what is handed over.
    pub fn add(&mut self, number: u64, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let at = self.bytes.len();
        write(&mut self.bytes);
        self.entries.push(Entry { number, at, length: self.bytes.len() - at });
        if self.bytes.len() + self.entries.len() * size_of::<Entry>() >= self.memory {
            self.put_away()?;
        }
        Ok(())
    }

    /// All records in order; those of the same number as they came.
    pub fn sorted(mut self) -> io::Result<Sorted> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted::Here { bytes: self.bytes, entries: self.entries.into_iter() });
        }
        self.put_away()?;
        let Some(file) = self.file else { return Err(io::Error::other("runs without a file")) };
        let ahead = (AHEAD / self.runs.len()).clamp(1 << 12, 1 << 18);
        let runs = self.runs.into_iter().map(|(at, end)| Run { buffer: Vec::new(), read: 0, at, end, ahead });
        let mut away = Away { file, runs: runs.collect(), next: BinaryHeap::new() };
        for run in 0..away.runs.len() {
            away.look_at(run)?;
        }
        Ok(Sorted::Away(away))
    }

    fn sort(&mut self) {
        self.entries.sort_by_key(|entry| (entry.number, entry.at));
    }

    fn put_away(&mut self) -> io::Result<()> {
        if self.entries.is_empty() {
            return Ok(());
        }
        self.sort();
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        let mut to = BufWriter::with_capacity(1 << 18, &file);
        let begin = self.written;
        for entry in &self.entries {
            let record = self.bytes.get(entry.at..entry.at + entry.length).unwrap_or_default();
            to.write_all(&entry.number.to_le_bytes())?;
            to.write_all(&(record.len() as u32).to_le_bytes())?;
            to.write_all(record)?;
            self.written += (HEAD + record.len()) as u64;
        }
        to.flush()?;
        drop(to);
        self.file = Some(file);
        self.runs.push((begin, self.written));
        self.bytes.clear();
        self.entries.clear();
        Ok(())
    }
}

/// Records in order.
pub enum Sorted {
    Here { bytes: Vec<u8>, entries: std::vec::IntoIter<Entry> },
    Away(Away),
}

/// Records of a file, in sorted runs.
pub struct Away {
    file: File,
    runs: Vec<Run>,
    next: BinaryHeap<Reverse<(u64, usize)>>,
}

/// Records that lie one after the other in the file.
struct Run {
    buffer: Vec<u8>,
    /// Bytes of the buffer that were taken.
    read: usize,
    at: u64,
    end: u64,
    ahead: usize,
}

impl Sorted {
    /// The next record, in place of what is in `record`; false at the end.
    pub fn next(&mut self, record: &mut Vec<u8>) -> io::Result<bool> {
        record.clear();
        match self {
            Sorted::Here { bytes, entries } => {
                let Some(entry) = entries.next() else { return Ok(false) };
                record.extend_from_slice(bytes.get(entry.at..entry.at + entry.length).unwrap_or_default());
                Ok(true)
            }
            Sorted::Away(away) => away.next(record),
        }
    }
}

impl Away {
    fn next(&mut self, record: &mut Vec<u8>) -> io::Result<bool> {
        let Some(Reverse((_, number))) = self.next.pop() else { return Ok(false) };
        let Some(run) = self.runs.get_mut(number) else { return Ok(false) };
        run.take(HEAD, &self.file, |head| {
            let length = head.get(8..12).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
            length as usize
        })
        .and_then(|length| run.take(length, &self.file, |bytes| record.extend_from_slice(bytes)))?;
        self.look_at(number)?;
        Ok(true)
    }

    /// Note the number of the run's next record.
    fn look_at(&mut self, number: usize) -> io::Result<()> {
        if let Some(run) = self.runs.get_mut(number) {
            if let Some(first) = run.first(&self.file)? {
                self.next.push(Reverse((first, number)));
            }
        }
        Ok(())
    }
}

impl Run {
    /// The number of the next record; none at the end.
    fn first(&mut self, file: &File) -> io::Result<Option<u64>> {
        self.fill(HEAD, file)?;
        let head = self.buffer.get(self.read..self.read + 8).and_then(|bytes| bytes.try_into().ok());
        Ok(head.map(u64::from_le_bytes))
    }

    fn take<T>(&mut self, count: usize, file: &File, mut with: impl FnMut(&[u8]) -> T) -> io::Result<T> {
        self.fill(count, file)?;
        let bytes = self.buffer.get(self.read..self.read + count);
        let taken = bytes.map(&mut with).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.read += count;
        Ok(taken)
    }

    /// Have so many bytes in the buffer, or all there are.
    fn fill(&mut self, count: usize, file: &File) -> io::Result<()> {
        let here = self.buffer.len() - self.read;
        if here >= count {
            return Ok(());
        }
        self.buffer.drain(..self.read);
        self.read = 0;
        let more = (self.ahead.max(count) - here).min((self.end - self.at) as usize);
        self.buffer.resize(here + more, 0);
        file.read_exact_at(self.buffer.get_mut(here..).unwrap_or_default(), self.at)?;
        self.at += more as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(memory: usize, numbers: &[u64]) -> Vec<String> {
        let mut records = Unsorted::new(memory);
        for (at, number) in numbers.iter().enumerate() {
            let text = format!("{number}, came as {at}");
            records.add(*number, |to| to.extend_from_slice(text.as_bytes())).unwrap();
        }
        let (mut sorted, mut record, mut found) = (records.sorted().unwrap(), Vec::new(), Vec::new());
        while sorted.next(&mut record).unwrap() {
            found.push(String::from_utf8(record.clone()).unwrap());
        }
        found
    }

    #[test]
    fn records_come_in_order_wherever_they_were_kept() {
        // A permutation with repeated numbers: 7919 and 10007 are prime.
        let numbers: Vec<u64> = (0..10_007).map(|at| at * 7919 % 10_007 / 3).collect();
        let mut expected: Vec<(u64, usize)> = numbers.iter().copied().zip(0..).collect();
        expected.sort_unstable();
        let expected: Vec<String> =
            expected.into_iter().map(|(number, at)| format!("{number}, came as {at}")).collect();
        for memory in [1, 100, 10_000, 1 << 30] {
            let numbers = if memory == 1 { &numbers[..300] } else { &numbers[..] };
            let found = in_order(memory, numbers);
            if memory == 1 {
                assert_eq!(found.len(), 300);
                assert!(found.is_sorted_by_key(|text| text.split(',').next().unwrap().parse::<u64>().unwrap()));
            } else {
                assert!(found == expected, "with {memory} bytes");
            }
        }
    }

    #[test]
    fn records_larger_than_what_is_read_ahead() {
        let mut records = Unsorted::new(1);
        for number in [2, 1] {
            records.add(number, |to| to.resize(1 << 20, number as u8)).unwrap();
        }
        let (mut sorted, mut record) = (records.sorted().unwrap(), Vec::new());
        for number in [1, 2] {
            assert!(sorted.next(&mut record).unwrap());
            assert_eq!((record.len(), record[0]), (1 << 20, number));
        }
        assert!(!sorted.next(&mut record).unwrap());
    }

    #[test]
    fn nothing_is_in_order() {
        assert!(in_order(100, &[]).is_empty());
    }
}
