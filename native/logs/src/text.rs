//! Pieces of a line: what is between two places, and nothing that could fail.

/// What is before and after the first such byte.
pub fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = memchr::memchr(at, text)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// What is before and after the last such byte.
pub fn split_last(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = memchr::memrchr(at, text)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// The first word, and what comes after it.
pub fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = skip_spaces(text);
    split(text, b' ').unwrap_or((text, &[]))
}

pub fn skip_spaces(text: &[u8]) -> &[u8] {
    let begin = text.iter().position(|byte| *byte != b' ').unwrap_or(text.len());
    text.get(begin..).unwrap_or_default()
}

/// What comes after the first place where this stands.
pub fn after<'a>(text: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    let place = memchr::memmem::find(text, what)?;
    text.get(place + what.len()..)
}

/// What is between two texts.
pub fn between<'a>(text: &'a [u8], begin: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let rest = after(text, begin)?;
    rest.get(..memchr::memmem::find(rest, end)?)
}

/// A decimal number, if nothing else is there.
pub fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    text.iter().try_fold(0u64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0')))
}

/// The decimal number at the beginning, and what comes after it.
pub fn leading_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    Some((number(text.get(..digits)?)?, text.get(digits..)?))
}

/// The text without these bytes at its ends.
pub fn trim<'a>(mut text: &'a [u8], what: &[u8]) -> &'a [u8] {
    while let [first, rest @ ..] = text {
        if !what.contains(first) {
            break;
        }
        text = rest;
    }
    while let [rest @ .., last] = text {
        if !what.contains(last) {
            break;
        }
        text = rest;
    }
    text
}

/// What stands in the quotes that the text begins with, else the first word.
pub fn quoted(text: &[u8]) -> &[u8] {
    match text {
        [quote @ (b'"' | b'\''), rest @ ..] => split(rest, *quote).map_or(rest, |(inside, _)| inside),
        _ => word(text).0,
    }
}
