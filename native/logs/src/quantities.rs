//! What changes from line to line though it has no digit of its own: units, months, hexadecimal letters.

use crate::dates::WEEKDAYS;
use crate::time::MONTHS;

const UNITS: [&[u8]; 21] = [
    b"B", b"KB", b"MB", b"GB", b"TB", b"PB", b"kB", b"KiB", b"MiB", b"GiB", b"TiB", b"ns", b"us", b"ms", b"s", b"sec",
    b"secs", b"min", b"mins", b"Mbps", b"Gbps",
];
/// Names that have a number, but count nothing.
const PROTOCOLS: [&[u8]; 9] = [b"http2", b"ipv4", b"ipv6", b"md5", b"sha1", b"sha256", b"sha512", b"socks4", b"socks5"];
const METHODS: [&[u8]; 8] = [b"CONNECT", b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT"];

/// Bytes of the unit behind a number, with the space before it: of ` KB) sent`, 3.
pub fn unit(behind: &[u8]) -> usize {
    let Some(rest @ [b'B' | b'K' | b'M' | b'G' | b'T' | b'P' | b'k' | b'n' | b'u' | b'm' | b's', ..]) =
        behind.strip_prefix(b" ")
    else {
        return 0;
    };
    let length = rest.iter().take(5).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let ends = rest.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let is_unit = ends && rest.get(..length).is_some_and(|word| UNITS.contains(&word));
    if is_unit {
        1 + length
    } else {
        0
    }
}

/// Is this month or weekday part of a date: does a day come next?
pub fn is_of_date(word: &[u8], behind: &[u8]) -> bool {
    let gap = behind.iter().take_while(|byte| matches!(byte, b' ' | b',' | b'-' | b'/')).count();
    let next = behind.get(gap..).unwrap_or_default();
    if gap == 0 {
        return false;
    }
    let day = next.first().is_some_and(u8::is_ascii_digit);
    let month = next.get(..3).is_some_and(|next| MONTHS.contains(&next));
    (day && MONTHS.contains(&word)) || ((day || month) && WEEKDAYS.contains(&word))
}

/// Are these digits to the base of 16 a number: by their length, or as one of the groups of an address or UUID?
pub fn is_hexadecimal(word: &[u8], behind: &[u8]) -> bool {
    if word.len() >= 8 {
        return true;
    }
    let Some((b':' | b'-', next)) = behind.split_first() else { return false };
    let group = next.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let ends = next.get(group).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let digits = next.iter().take(group).any(u8::is_ascii_digit);
    matches!(word.len(), 2 | 4) && group == word.len() && ends && digits
}

/// Are these digits to the base of 16 a further group of an address or UUID, behind one that was masked?
pub fn is_hexadecimal_group(word: &[u8]) -> bool {
    matches!(word.len(), 2 | 4 | 12)
}

/// `IPv6`, `SOCKS5`, `SHA256`.
pub fn is_protocol(word: &[u8]) -> bool {
    matches!((word, word.len()), ([b'a'..=b'z' | b'A'..=b'Z', ..], 3..=6))
        && PROTOCOLS.iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// Bytes of the method of a request line: of `GET /index.html HTTP/1.1`, 3.
pub fn method(request: &[u8]) -> Option<usize> {
    let length = request.iter().take(8).take_while(|byte| byte.is_ascii_uppercase()).count();
    let is_method = request.get(length) == Some(&b' ') && METHODS.contains(&request.get(..length)?);
    is_method.then_some(length)
}
