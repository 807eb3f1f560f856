//! What a file says and how much that is, for who compares files: decompressed, and in UTF-8.

use std::io;
use std::path::Path;
use std::sync::Arc;

use whence_packets::Source;

use crate::encoding::Text;

const BLOCK: usize = 1 << 16;

/// How long a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Length {
    pub whole: u64,
    /// Up to the end of the last line that has one.
    pub lines: u64,
}

fn open(path: &Path) -> io::Result<Text> {
    Text::new(Source::open(path, Arc::default(), Arc::default())?)
}

/// How long the text of a file is.
pub fn length(path: &Path) -> io::Result<Length> {
    let mut text = open(path)?;
    match text.length() {
        Some(whole) => Ok(Length { whole, lines: end_of_lines(&mut text, whole)? }),
        None => measured(&mut text),
    }
}

/// Read everything to see how long it is.
fn measured(text: &mut Text) -> io::Result<Length> {
    let mut buffer = vec![0; BLOCK];
    let mut length = Length::default();
    loop {
        let count = text.read(&mut buffer, length.whole)?;
        if count == 0 {
            return Ok(length);
        }
        if let Some(end) = memchr::memrchr(b'\n', buffer.get(..count).unwrap_or_default()) {
            length.lines = length.whole + end as u64 + 1;
        }
        length.whole += count as u64;
    }
}

/// Look for the last end of a line, from the end on.
fn end_of_lines(text: &mut Text, whole: u64) -> io::Result<u64> {
    let mut buffer = vec![0; BLOCK];
    let mut end = whole;
    while end > 0 {
        let begin = end.saturating_sub(BLOCK as u64);
        let count = text.read(buffer.get_mut(..(end - begin) as usize).unwrap_or_default(), begin)?;
        if let Some(found) = memchr::memrchr(b'\n', buffer.get(..count).unwrap_or_default()) {
            return Ok(begin + found as u64 + 1);
        }
        end = begin;
    }
    Ok(0)
}

/// Some bytes of the text of a file; fewer where it is not so long.
pub fn piece(path: &Path, begin: u64, size: usize) -> io::Result<Vec<u8>> {
    let mut text = open(path)?;
    text.skip(begin)?;
    let mut whole = vec![0; size];
    let mut filled = 0;
    while let Some(rest) = whole.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match text.read(rest, begin + filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    whole.truncate(filled);
    Ok(whole)
}
