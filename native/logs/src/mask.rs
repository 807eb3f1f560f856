//! A message with what changes from line to line taken out: numbers, addresses, paths, what is quoted.

/// What stands for something that changes.
pub const ANY: &[u8] = b"<*>";
/// Longer messages are masked only so far.
const MOST: usize = 4096;

const WORD: u8 = 1;
const DIGIT: u8 = 2;
/// May join two numbers into one thing, as in addresses, times and dates.
const JOINS: u8 = 4;

const CLASSES: [u8; 256] = classes();

#[allow(clippy::indexing_slicing)] // the compiler runs it
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => WORD | DIGIT,
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
            let (mut all, mut length) = (0, 0);
            for byte in rest {
                let kind = class(*byte);
                if kind & WORD == 0 {
                    break;
                }
                all |= kind;
                length += 1;
            }
            if all & DIGIT != 0 {
                let joined = masked > 0 && to.len() == masked + 1 && class(before) & JOINS != 0;
                if joined {
                    to.truncate(masked);
                } else {
                    to.extend_from_slice(ANY);
                }
                masked = to.len();
            } else {
                to.extend_from_slice(rest.get(..length).unwrap_or_default());
            }
            at += length;
            before = b'a';
            continue;
        }
        if matches!(byte, b'"' | b'\'') && !class(before) & WORD != 0 && before != b'a' {
            let rest = message.get(at + 1..).unwrap_or_default();
            if let Some(length) = memchr::memchr(byte, rest) {
                to.push(byte);
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
