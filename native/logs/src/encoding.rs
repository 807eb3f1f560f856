//! Text as it stands in a file, as UTF-8: what Windows' tools write as UTF-16 is told by its beginning.

use std::io;

use whence_packets::Source;

/// Bytes of UTF-16 that are decoded at once.
const BLOCK: usize = 1 << 16;
/// What is no text in UTF-8 either, for a unit that is none in UTF-16: such a line is seen to be damaged.
const NO_TEXT: u8 = 0xff;

/// The bytes of a file, decompressed and decoded. What is not UTF-16 is given as it is.
pub struct Text {
    source: Source,
    wide: Option<Wide>,
}

impl Text {
    pub fn new(mut source: Source) -> io::Result<Text> {
        let wide = order(&source.beginning()?).map(Wide::new);
        Ok(Text { source, wide })
    }

    /// Fill the buffer with what comes next; `offset` says where that is. Says how far it is filled.
    pub fn read(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match &mut self.wide {
            None => self.source.read(buffer, offset),
            Some(wide) => wide.read(&mut self.source, buffer),
        }
    }

    /// How long it is, where that is known without reading all of it.
    pub fn length(&self) -> Option<u64> {
        match (&self.source, &self.wide) {
            (Source::Plain(plain), None) => Some(plain.length),
            _ => None,
        }
    }

    /// Whether what has arrived should be looked at before more is waited for.
    pub fn is_prompt(&self) -> bool {
        self.source.is_prompt()
    }

    /// Go to an offset where nothing was read yet; the end may be before it.
    pub fn skip(&mut self, to: u64) -> io::Result<()> {
        if self.length().is_some() {
            return Ok(());
        }
        let mut passed = [0; 1 << 13];
        let mut at = 0;
        while at < to {
            let most = passed.len().min(usize::try_from(to - at).unwrap_or(usize::MAX));
            match self.read(passed.get_mut(..most).unwrap_or_default(), at)? {
                0 => break,
                count => at += count as u64,
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// How a file is encoded that begins so; none where it is not UTF-16.
fn order(begin: &[u8]) -> Option<Order> {
    match *begin {
        [0xff, 0xfe, ..] => Some(Order::Little),
        [0xfe, 0xff, ..] => Some(Order::Big),
        // A log that was cut or rotated has its mark no more.
        [b' '..=b'~', 0, b' '..=b'~', 0, ..] => Some(Order::Little),
        [0, b' '..=b'~', 0, b' '..=b'~', ..] => Some(Order::Big),
        _ => None,
    }
}

/// A line that was put away in UTF-16, behind a mark of its own; none where it is not.
pub fn narrow(line: &[u8]) -> Option<Vec<u8>> {
    let ([0xff, 0xfe, ..] | [0xfe, 0xff, ..]) = line else { return None };
    let mut wide = Wide::new(order(line)?);
    line.chunks(BLOCK).for_each(|block| wide.decode(block));
    wide.decode(&[]);
    Some(wide.decoded)
}

/// UTF-16 on its way to be UTF-8.
struct Wide {
    order: Order,
    raw: Vec<u8>,
    /// Offset in the source.
    at: u64,
    /// Half of a unit.
    odd: Option<u8>,
    /// Half of a letter.
    high: Option<u16>,
    decoded: Vec<u8>,
    /// How much of that was given.
    given: usize,
    begun: bool,
    ended: bool,
}

impl Wide {
    fn new(order: Order) -> Wide {
        Wide {
            order,
            raw: vec![0; BLOCK],
            at: 0,
            odd: None,
            high: None,
            decoded: Vec::new(),
            given: 0,
            begun: false,
            ended: false,
        }
    }

    fn read(&mut self, source: &mut Source, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() && !self.ended {
            self.decoded.clear();
            self.given = 0;
            let count = source.read(&mut self.raw, self.at)?;
            self.at += count as u64;
            self.ended = count == 0;
            let raw = std::mem::take(&mut self.raw);
            self.decode(raw.get(..count).unwrap_or_default());
            self.raw = raw;
        }
        let rest = self.decoded.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }

    /// Decode some bytes; none are the end.
    fn decode(&mut self, bytes: &[u8]) {
        let is_end = bytes.is_empty();
        let mut bytes = bytes;
        if let (Some(first), [second, rest @ ..]) = (self.odd, bytes) {
            self.odd = None;
            bytes = rest;
            self.unit(first, *second);
        }
        let mut units = bytes.chunks_exact(2);
        for unit in &mut units {
            if let [first, second] = unit {
                self.unit(*first, *second);
            }
        }
        self.odd = units.remainder().first().copied().or(self.odd);
        if is_end {
            let damaged = usize::from(self.high.take().is_some()) + usize::from(self.odd.take().is_some());
            self.decoded.extend(std::iter::repeat_n(NO_TEXT, damaged));
        }
    }

    #[inline]
    fn unit(&mut self, first: u8, second: u8) {
        let unit = match self.order {
            Order::Little => u16::from_le_bytes([first, second]),
            Order::Big => u16::from_be_bytes([first, second]),
        };
        let is_mark = unit == 0xfeff && !self.begun;
        self.begun = true;
        if is_mark {
            return;
        }
        if let Some(high) = self.high.take() {
            if let Some(Ok(letter)) = char::decode_utf16([high, unit]).next() {
                self.letter(letter);
                return;
            }
            self.decoded.push(NO_TEXT);
        }
        match unit {
            0..0x80 => self.decoded.push(unit as u8),
            0xd800..0xdc00 => self.high = Some(unit),
            _ => match char::from_u32(u32::from(unit)) {
                Some(letter) => self.letter(letter),
                None => self.decoded.push(NO_TEXT),
            },
        }
    }

    fn letter(&mut self, letter: char) {
        self.decoded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn decoded(bytes: Vec<u8>, piece: usize) -> Vec<u8> {
        let mut text = Text::new(Source::memory(bytes, Arc::default()).unwrap()).unwrap();
        let mut whole = Vec::new();
        let mut buffer = vec![0; piece];
        loop {
            match text.read(&mut buffer, whole.len() as u64).unwrap() {
                0 => return whole,
                count => whole.extend_from_slice(&buffer[..count]),
            }
        }
    }

    fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn text_in_utf_16_is_the_same_text() {
        let text = "Mar  3 03:17:00 näme: 😀 “ok”\r\n".repeat(5000);
        let marked = format!("\u{feff}{text}");
        for piece in [1, 7, 1 << 18] {
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                assert_eq!(decoded(wide(&marked, bytes), piece), text.as_bytes());
                assert_eq!(decoded(wide(&text, bytes), piece), text.as_bytes(), "without a mark");
            }
        }
    }

    #[test]
    fn what_is_not_utf_16_is_given_as_it_is() {
        for bytes in [&b""[..], b"a", b"ab", b"\0\0\0\0ab\n", b"\xef\xbb\xbfab\n", b"\xff", b"a\0\n\0b", b"\xe4\xf6\n"]
        {
            assert_eq!(decoded(bytes.to_vec(), 3), bytes);
        }
    }

    #[test]
    fn half_letters_and_half_units_are_damage_and_nothing_else_is_lost() {
        let bytes = |units: &[u16]| units.iter().copied().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let a = u16::from(b'a');
        assert_eq!(decoded(bytes(&[0xfeff, 0xd83d, a, 0xde00, a]), 9), b"\xffa\xffa");
        assert_eq!(decoded(bytes(&[0xfeff, a, 0xd83d, 0xd83d, 0xde00]), 9), b"a\xff\xf0\x9f\x98\x80");
        let mut odd = bytes(&[0xfeff, a, 0xd83d]);
        odd.push(b'b');
        assert_eq!(decoded(odd, 9), b"a\xff\xff");
    }

    #[test]
    fn reading_goes_on_at_an_offset_of_the_text() {
        let bytes = wide("\u{feff}ab\ncd\n", u16::to_le_bytes);
        let mut text = Text::new(Source::memory(bytes, Arc::default()).unwrap()).unwrap();
        text.skip(3).unwrap();
        let mut buffer = [0; 8];
        assert_eq!(text.read(&mut buffer, 3).unwrap(), 3);
        assert_eq!(&buffer[..3], b"cd\n");
    }
}
