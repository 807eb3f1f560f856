//! Lines of files, as they are; and what is too long or no text.

use std::io;

use crate::encoding::Text;

/// The longest line that is kept whole; of longer ones, the rest is skipped.
pub const LONGEST: usize = 1 << 20;
/// Small enough to stay in the cache of a processor.
const BLOCK: usize = 1 << 18;
/// Of a longer line, as much as tells that it is longer, whatever its end.
const KEPT: usize = LONGEST + 8;

/// One line, and where it was.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Offset in the text of the file: after decompression, and in UTF-8.
    pub offset: u64,
    /// Without its end.
    pub bytes: &'a [u8],
    /// As it stood there, without its end.
    pub size: usize,
    /// Surely nothing but ASCII.
    pub is_ascii: bool,
}

/// A file, line by line.
pub struct Lines {
    text: Text,
    buffer: Vec<u8>,
    begin: usize,
    end: usize,
    /// Offset in the file of `buffer[0]`.
    offset: u64,
    ended: bool,
    /// Where the next newline is known not to be before.
    searched: usize,
    /// Nothing but ASCII is in the buffer; to see that once for many lines is quicker than for each.
    is_ascii: bool,
}

impl Lines {
    /// Read from an offset on.
    pub fn new(mut text: Text, start: u64) -> io::Result<Lines> {
        text.skip(start)?;
        Ok(Lines {
            text,
            buffer: vec![0; BLOCK],
            begin: 0,
            end: 0,
            offset: start,
            ended: false,
            searched: 0,
            is_ascii: true,
        })
    }

    /// Whether lines that have arrived should be shown before more is waited for.
    pub fn is_prompt(&self) -> bool {
        self.text.is_prompt()
    }

    /// Offset behind the last line that was given.
    pub fn offset(&self) -> u64 {
        self.offset + self.begin as u64
    }

    fn fill(&mut self) -> io::Result<usize> {
        let at = self.offset + self.end as u64;
        let Some(rest) = self.buffer.get_mut(self.end..) else { return Ok(0) };
        let count = self.text.read(rest, at)?;
        let was_ascii = self.begin == self.end || self.is_ascii;
        self.is_ascii = was_ascii && rest.get(..count).is_some_and(<[u8]>::is_ascii);
        self.end += count;
        Ok(count)
    }

    /// Move what is left to the front, and read on. False where nothing comes any more.
    fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.begin > 0 {
            self.buffer.copy_within(self.begin..self.end, 0);
            self.offset += self.begin as u64;
            self.end -= self.begin;
            self.begin = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).min(LONGEST * 2), 0);
        }
        let count = self.fill()?;
        self.ended = count == 0;
        Ok(count > 0)
    }

    /// Have whole lines in the buffer, or the last one; false at the end.
    pub fn ready(&mut self) -> io::Result<bool> {
        loop {
            let rest = self.buffer.get(self.begin + self.searched..self.end).unwrap_or_default();
            if memchr::memchr(b'\n', rest).is_some() {
                return Ok(true);
            }
            self.searched = self.end - self.begin;
            if self.searched > LONGEST {
                return Ok(true);
            }
            if !self.more()? {
                return Ok(self.begin < self.end);
            }
        }
    }

    /// The next line of those in the buffer; none where more must be read first.
    #[inline]
    pub fn next(&mut self) -> Option<Line<'_>> {
        let rest = self.buffer.get(self.begin..self.end)?;
        let offset = self.offset + self.begin as u64;
        let length = match memchr::memchr(b'\n', rest.get(self.searched..)?) {
            Some(length) => {
                let length = length + self.searched;
                self.begin += length + 1;
                length
            }
            None if rest.is_empty() => return None,
            None if self.ended => {
                self.begin = self.end;
                rest.len()
            }
            None => return None,
        };
        self.searched = 0;
        let bytes = rest.get(..length)?;
        let size = bytes.len();
        Some(Line { offset, bytes: without_end(bytes), size, is_ascii: self.is_ascii })
    }

    /// Skip the rest of a line that is longer than may be: its beginning, and how long it was.
    pub fn long(&mut self, beginning: &mut Vec<u8>) -> io::Result<(u64, usize)> {
        let offset = self.offset();
        beginning.clear();
        let mut size = 0;
        loop {
            let rest = self.buffer.get(self.begin..self.end).unwrap_or_default();
            let found = memchr::memchr(b'\n', rest);
            let length = found.unwrap_or(rest.len());
            if beginning.len() < KEPT {
                beginning.extend_from_slice(rest.get(..length.min(KEPT - beginning.len())).unwrap_or_default());
            }
            size += length;
            self.begin += length + usize::from(found.is_some());
            self.searched = 0;
            if found.is_some() || !self.more()? {
                return Ok((offset, size));
            }
        }
    }
}

/// The line without carriage return and NUL at its end.
pub fn without_end(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r' | b'\0' | b'\n'] = line {
        line = rest;
    }
    line
}
