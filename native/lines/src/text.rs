//! How texts, numbers and times are written, without doing anything to a terminal.

use std::io::Write;

use chrono::{DateTime, Datelike, Timelike};

/// What steers a terminal or hides in it, beside C0: DEL, C1, marks that turn the direction of text (Unicode TR 9),
/// letters without width, and what is none. The same as `model/visible_text.py` has.
fn hides(letter: char) -> bool {
    matches!(letter,
        '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Whether every byte is a printable ASCII character, or a space.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..0x7f).contains(&byte))
}

/// Write a JSON string with its quotes (RFC 8259), what steers or hides escaped.
pub fn json(text: &str, to: &mut Vec<u8>) {
    to.push(b'"');
    let escaped = |byte: u8| !(b' '..0x7f).contains(&byte) || byte == b'"' || byte == b'\\';
    if !text.bytes().fold(false, |any, byte| any | escaped(byte)) {
        to.extend_from_slice(text.as_bytes());
    } else {
        text.chars().for_each(|letter| json_letter(letter, to));
    }
    to.push(b'"');
}

fn json_letter(letter: char, to: &mut Vec<u8>) {
    match letter {
        '"' => to.extend_from_slice(b"\\\""),
        '\\' => to.extend_from_slice(b"\\\\"),
        '\n' => to.extend_from_slice(b"\\n"),
        '\r' => to.extend_from_slice(b"\\r"),
        '\t' => to.extend_from_slice(b"\\t"),
        '\u{8}' => to.extend_from_slice(b"\\b"),
        '\u{c}' => to.extend_from_slice(b"\\f"),
        _ if letter < ' ' || hides(letter) => {
            letter.encode_utf16(&mut [0; 2]).iter().for_each(|half| print(to, format_args!("\\u{half:04x}")));
        }
        _ => to.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Write text for a terminal: what could steer it or hide in it as escapes, everything else as it is.
pub fn safe(text: &str, to: &mut Vec<u8>) {
    if is_plain(text) {
        to.extend_from_slice(text.as_bytes());
        return;
    }
    for letter in text.chars() {
        match u32::from(letter) {
            number if letter >= ' ' && !hides(letter) => {
                debug_assert!(number >= 0x20);
                to.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            number @ 0..0x100 => print(to, format_args!("\\x{number:02x}")),
            number @ 0..0x1_0000 => print(to, format_args!("\\u{number:04x}")),
            number => print(to, format_args!("\\U{number:08x}")),
        }
    }
}

/// Write what is formatted; memory is all that could fail.
pub fn print(to: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    let _ = to.write_fmt(what);
}

pub fn number(number: impl itoa::Integer, to: &mut Vec<u8>) {
    to.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Write a number with a comma before every three digits.
pub fn grouped(number: u64, to: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number).as_bytes();
    for (at, digit) in digits.iter().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            to.push(b',');
        }
        to.push(*digit);
    }
}

/// Write a number of bytes in three digits: 512 B, 1.5 kB, 2.4 GB.
pub fn size(count: u64, to: &mut Vec<u8>) {
    if count < 1000 {
        number(count, to);
        to.extend_from_slice(b" B");
        return;
    }
    let mut count = count as f64;
    for unit in [" kB", " MB", " GB", " TB"] {
        count /= 1000.0;
        if count < 1000.0 || unit == " TB" {
            three_digits(count, to);
            to.extend_from_slice(unit.as_bytes());
            return;
        }
    }
}

/// Write a number from 1 on as C's `%.3g` does.
fn three_digits(number: f64, to: &mut Vec<u8>) {
    let text = format!("{number:.2e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let shorter = digits.trim_end_matches('0').trim_end_matches('.');
    match exponent {
        "0" => to.extend_from_slice(shorter.as_bytes()),
        "1" | "2" => {
            let decimals = if exponent == "1" { 1 } else { 0 };
            let text = format!("{number:.decimals$}");
            let text = if decimals == 1 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            to.extend_from_slice(text.as_bytes());
        }
        _ => print(to, format_args!("{shorter}e+{exponent:0>2}")),
    }
}

/// Write a moment as RFC 3339 does, in UTC with microseconds.
pub fn time(microseconds: i64, to: &mut Vec<u8>) {
    date_and_time(microseconds, b'T', to);
    to.push(b'.');
    digits::<6>(microseconds.rem_euclid(1_000_000) as u32, to);
    to.push(b'Z');
}

/// Write a moment for people, in UTC with milliseconds.
pub fn moment(microseconds: i64, to: &mut Vec<u8>) {
    date_and_time(microseconds, b' ', to);
    to.push(b'.');
    digits::<3>((microseconds.rem_euclid(1_000_000) / 1000) as u32, to);
}

fn date_and_time(microseconds: i64, between: u8, to: &mut Vec<u8>) {
    // What is no date (the year 294,247) is the epoch: nanoseconds end in 2262.
    let date = DateTime::from_timestamp_micros(microseconds).unwrap_or_default().naive_utc();
    digits::<4>(date.year().unsigned_abs(), to);
    to.push(b'-');
    digits::<2>(date.month(), to);
    to.push(b'-');
    digits::<2>(date.day(), to);
    to.push(between);
    digits::<2>(date.hour(), to);
    to.push(b':');
    digits::<2>(date.minute(), to);
    to.push(b':');
    digits::<2>(date.second(), to);
}

fn digits<const COUNT: usize>(mut number: u32, to: &mut Vec<u8>) {
    let mut digits = [b'0'; COUNT];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    to.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut to = Vec::new();
        write(&mut to);
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn sizes_have_three_digits() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (1125, "1.12 kB"),
            (1375, "1.38 kB"),
            (9_996, "10 kB"),
            (12_340, "12.3 kB"),
            (20_000, "20 kB"),
            (123_456, "123 kB"),
            (100_000, "100 kB"),
            (999_600, "1e+03 kB"),
            (2_779_859_654, "2.78 GB"),
            (1_234_567_000_000_000, "1.23e+03 TB"),
        ] {
            assert_eq!(written(|to| size(count, to)), text, "{count}");
        }
    }

    #[test]
    fn numbers_are_grouped() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(written(|to| grouped(count, to)), text);
        }
    }

    #[test]
    fn times_before_and_after_1970() {
        assert_eq!(written(|to| time(1_763_467_220_000_001, to)), "2025-11-18T12:00:20.000001Z");
        assert_eq!(written(|to| time(-1, to)), "1969-12-31T23:59:59.999999Z");
        assert_eq!(written(|to| moment(951_782_400_999_999, to)), "2000-02-29 00:00:00.999");
    }

    #[test]
    fn nothing_that_is_written_steers() {
        let evil = "a\u{1b}[31m\u{7f}\u{9b}\u{202e}\n\"\\é\u{ad}\u{e0041}";
        assert_eq!(written(|to| safe(evil, to)), "a\\x1b[31m\\x7f\\x9b\\u202e\\x0a\"\\é\\xad\\U000e0041");
        assert_eq!(
            written(|to| json(evil, to)),
            "\"a\\u001b[31m\\u007f\\u009b\\u202e\\n\\\"\\\\é\\u00ad\\udb40\\udc41\""
        );
    }
}
