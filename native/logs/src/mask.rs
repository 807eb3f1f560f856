//! A message with what changes from line to line taken out: numbers, addresses, paths, what is quoted.

use crate::quantities::{is_hexadecimal, is_hexadecimal_group, is_of_date, is_protocol, method, unit};

/// What stands for something that changes.
pub const ANY: &[u8] = b"<*>";
/// Longer messages are masked only so far.
const MOST: usize = 4096;

const WORD: u8 = 1;
const DIGIT: u8 = 2;
/// May join two numbers into one thing, as in addresses, times and dates.
const JOINS: u8 = 4;
/// A digit to the base of 16.
const HEXADECIMAL: u8 = 8;

const CLASSES: [u8; 256] = classes();

#[allow(clippy::indexing_slicing)] // the compiler runs it
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => WORD | DIGIT | HEXADECIMAL,
            b'a'..=b'f' | b'A'..=b'F' => WORD | HEXADECIMAL,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xff => WORD,
            b'.' | b':' | b'/' | b'-' | b'@' | b'+' | b',' => JOINS,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Write the message with `<*>` in place of what changes.
pub fn mask(message: &[u8], to: &mut Vec<u8>) {
    let message = message.get(..message.len().min(MOST)).unwrap_or_default();
    let mut at = 0;
    // The kernel's clock is as wide for one second as for a million: `[    1.234567]`.
    let spaces = message.iter().skip(1).take_while(|byte| **byte == b' ').count();
    if message.first() == Some(&b'[') && spaces > 0 && message.get(1 + spaces).is_some_and(u8::is_ascii_digit) {
        to.push(b'[');
        at = 1 + spaces;
    }
    // Where the last `<*>` ended, in `to`.
    let mut masked = 0;
    let mut before = if at > 0 { b'[' } else { b' ' };
    while let Some(&byte) = message.get(at) {
        let kind = class(byte);
        if kind & WORD != 0 {
            let rest = message.get(at..).unwrap_or_default();
            let (mut all, mut every, mut length) = (0, HEXADECIMAL, 0);
            for byte in rest {
                let kind = class(*byte);
                if kind & WORD == 0 {
                    break;
                }
                all |= kind;
                every &= kind;
                length += 1;
            }
            let (word, behind) = rest.split_at_checked(length).unwrap_or((rest, b""));
            let joined = masked > 0 && to.len() == masked + 1 && class(before) & JOINS != 0;
            let is_value = if all & DIGIT != 0 {
                !is_protocol(word)
            } else {
                let group = || joined && matches!(before, b':' | b'-') && is_hexadecimal_group(word);
                (length == 3 && is_of_date(word, behind)) || (every != 0 && (is_hexadecimal(word, behind) || group()))
            };
            if is_value {
                if joined {
                    to.truncate(masked);
                } else {
                    to.extend_from_slice(ANY);
                }
                masked = to.len();
            } else {
                to.extend_from_slice(word);
            }
            if is_value && byte.is_ascii_digit() {
                let unit = unit(behind);
                if unit > 0 {
                    at += unit + end_quantity(to, behind.get(unit..).unwrap_or_default());
                    masked = to.len();
                }
            }
            at += length;
            before = b'a';
            continue;
        }
        if matches!(byte, b'"' | b'\'') && !class(before) & WORD != 0 && before != b'a' {
            let rest = message.get(at + 1..).unwrap_or_default();
            if let Some(length) = memchr::memchr(byte, rest) {
                to.push(byte);
                if let Some(method) = method(rest.get(..length).unwrap_or_default()) {
                    to.extend_from_slice(rest.get(..=method).unwrap_or_default());
                }
                to.extend_from_slice(ANY);
                to.push(byte);
                at += length + 2;
                before = byte;
                continue;
            }
        }
        if byte == b'/' && matches!(before, b' ' | b'=' | b'(' | b'"' | b'<' | b'[') {
            let rest = message.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| !matches!(byte, b' ' | b',' | b')' | b'"' | b';' | b']' | b'>'));
            let mut length = length.count();
            if rest.get(length - 1) == Some(&b':') {
                length -= 1;
            }
            if length > 1 {
                to.extend_from_slice(ANY);
                masked = to.len();
                at += length;
                before = b'a';
                continue;
            }
        }
        to.push(if byte < b' ' { b' ' } else { byte });
        before = byte;
        at += 1;
    }
}

/// A number and its unit were masked: so is what compares it (`<1 sec`), and what says a size again
/// (`2818 bytes (2.75 KB)`). Gives the bytes behind it that belong to it.
fn end_quantity(to: &mut Vec<u8>, behind: &[u8]) -> usize {
    if behind.first() == Some(&b')') {
        if let Some(said) = to.strip_suffix(b" (<*>").filter(|said| said.ends_with(b"<*> bytes")) {
            to.truncate(said.len());
            return 1;
        }
    }
    if to.ends_with(b" <<*>") {
        to.truncate(to.len() - b"<<*>".len());
        to.extend_from_slice(ANY);
    }
    0
}
