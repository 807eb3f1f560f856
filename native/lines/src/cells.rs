//! Cells of a row, and rows as bytes: smaller than any text, to be kept until their turn comes.

/// One cell. Times are microseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell<'a> {
    #[default]
    Null,
    Number(u64),
    Time(i64),
    Text(&'a str),
}

/// What all cells of a column are, where they are not null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Number,
    Time,
    Text,
}

/// In place of the count of a number's bytes, which is 8 at most.
const NULL: u8 = 0xff;

impl<'a> Cell<'a> {
    pub fn number(self) -> Option<u64> {
        match self {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    pub fn time(self) -> Option<i64> {
        match self {
            Cell::Time(time) => Some(time),
            _ => None,
        }
    }

    /// The text, where there is one that is not empty.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Cell::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub fn write(self, to: &mut Vec<u8>) {
        match self {
            Cell::Null => to.push(NULL),
            Cell::Number(number) => write_number(number, to),
            Cell::Time(time) => write_number(time as u64, to),
            Cell::Text(text) => {
                write_number(text.len() as u64, to);
                to.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// Read what `write` wrote, and leave what follows it; none where it was not that.
    pub fn read(kind: Kind, from: &mut &'a [u8]) -> Option<Cell<'a>> {
        let (count, rest) = from.split_first()?;
        if *count == NULL {
            *from = rest;
            return Some(Cell::Null);
        }
        let (digits, rest) = rest.split_at_checked(usize::from(*count))?;
        let mut bytes = [0; 8];
        bytes.get_mut(..digits.len())?.copy_from_slice(digits);
        let number = u64::from_le_bytes(bytes);
        *from = rest;
        Some(match kind {
            Kind::Number => Cell::Number(number),
            Kind::Time => Cell::Time(number as i64),
            Kind::Text => {
                let (text, rest) = rest.split_at_checked(number as usize)?;
                *from = rest;
                Cell::Text(std::str::from_utf8(text).ok()?)
            }
        })
    }
}

/// The count of bytes that are not 0 at the end, and these, the lowest first.
fn write_number(number: u64, to: &mut Vec<u8>) {
    let count = 8 - number.leading_zeros() as usize / 8;
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    let bytes = [count as u8, a, b, c, d, e, f, g, h];
    to.extend_from_slice(bytes.get(..=count).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were() {
        let cells = [
            (Kind::Number, Cell::Number(0)),
            (Kind::Number, Cell::Number(256)),
            (Kind::Number, Cell::Number(u64::MAX)),
            (Kind::Number, Cell::Null),
            (Kind::Time, Cell::Time(-1)),
            (Kind::Time, Cell::Time(1_763_467_220_000_000)),
            (Kind::Text, Cell::Text("")),
            (Kind::Text, Cell::Text("lan0 ↔")),
            (Kind::Text, Cell::Null),
        ];
        let mut bytes = Vec::new();
        cells.iter().for_each(|(_, cell)| cell.write(&mut bytes));
        let mut from = bytes.as_slice();
        for (kind, cell) in cells {
            assert_eq!(Cell::read(kind, &mut from), Some(cell));
        }
        assert!(from.is_empty());
    }

    #[test]
    fn bytes_that_end_too_early_are_no_cell() {
        for bytes in [&[][..], &[3, 1], &[9, 1, 1, 1, 1, 1, 1, 1, 1, 1], &[1, 5, b'a'], &[1, 1, 0xff]] {
            assert_eq!(Cell::read(Kind::Text, &mut { bytes }), None);
        }
    }
}
