//! `key=value key="a value"`, as firewalls write it.

use crate::text::split;

/// Each key and its value, without the quotes.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (before, after) = split(rest, b'=')?;
        let begin = memchr::memrchr3(b' ', b',', b'[', before).map_or(0, |at| at + 1);
        let key = before.get(begin..)?;
        let value;
        (value, rest) = match after {
            [b'"', inside @ ..] => closed(inside),
            _ => {
                let end = memchr::memchr2(b' ', b']', after).unwrap_or(after.len());
                (after.get(..end)?, after.get(end..)?)
            }
        };
        Some((key, value))
    })
}

/// What is before the quote that ends it; a backslash before a quote makes it part of the value.
fn closed(text: &[u8]) -> (&[u8], &[u8]) {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let at = from + at;
        if at == 0 || text.get(at - 1) != Some(&b'\\') {
            return (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        }
        from = at + 1;
    }
    (text, &[])
}
