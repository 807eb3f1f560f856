//! Pieces of a line: what is between two places, and nothing that could fail.

/// One in each of eight bytes, and the highest bit of each.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
/// So many bytes are looked at eight at a time; words are short, and to call what is made for long texts takes longer.
const NEAR: usize = 24;
/// Hardly a message is longer.
const MESSAGE: usize = 512;

/// Where this byte stands first.
#[inline]
pub fn position(text: &[u8], what: u8) -> Option<usize> {
    let mut at = 0;
    let mut rest = text;
    while let Some((eight, after)) = rest.split_first_chunk::<8>() {
        // Zero is where the byte stands; the lowest one that is found is right (Hacker's Delight, 6-1).
        let differs = u64::from_le_bytes(*eight) ^ (LOW * u64::from(what));
        let found = differs.wrapping_sub(LOW) & !differs & HIGH;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        (at, rest) = (at + 8, after);
        if at == NEAR {
            return memchr::memchr(what, rest).map(|place| at + place);
        }
    }
    rest.iter().position(|byte| *byte == what).map(|place| at + place)
}

/// Where one of two bytes stands first.
#[inline]
pub fn position_of_two(text: &[u8], one: u8, other: u8) -> Option<usize> {
    let mut at = 0;
    let mut rest = text;
    while let Some((eight, after)) = rest.split_first_chunk::<8>() {
        let eight = u64::from_le_bytes(*eight);
        let found = [one, other].iter().fold(0, |found, what| {
            let differs = eight ^ (LOW * u64::from(*what));
            found | (differs.wrapping_sub(LOW) & !differs & HIGH)
        });
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        (at, rest) = (at + 8, after);
        if at == NEAR {
            return memchr::memchr2(one, other, rest).map(|place| at + place);
        }
    }
    rest.iter().position(|byte| *byte == one || *byte == other).map(|place| at + place)
}

/// What is before and after the first such byte.
#[inline]
pub fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = position(text, at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// What is before and after the last such byte.
pub fn split_last(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = memchr::memrchr(at, text)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// The first word, and what comes after it.
#[inline]
pub fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = skip_spaces(text);
    split(text, b' ').unwrap_or((text, &[]))
}

#[inline]
pub fn skip_spaces(text: &[u8]) -> &[u8] {
    let begin = text.iter().position(|byte| *byte != b' ').unwrap_or(text.len());
    text.get(begin..).unwrap_or_default()
}

/// What comes after the first place where this stands.
pub fn after<'a>(text: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    text.get(find(text, what)? + what.len()..)
}

/// Where a text stands first. What is made for long ones prepares itself for longer than a message is.
pub fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    if text.len() > MESSAGE {
        return memchr::memmem::find(text, what);
    }
    let (mut at, mut rest) = (0, text);
    loop {
        let next = position(rest, first)?;
        (at, rest) = (at + next, rest.get(next..)?);
        if rest.starts_with(what) {
            return Some(at);
        }
        (at, rest) = (at + 1, rest.get(1..)?);
    }
}

/// What is between two texts.
pub fn between<'a>(text: &'a [u8], begin: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let rest = after(text, begin)?;
    rest.get(..find(rest, end)?)
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

#[cfg(test)]
mod tests {
    use super::{find, position, position_of_two, MESSAGE};

    #[test]
    fn a_byte_is_found_where_it_stands_first() {
        let mut state = 1u64;
        for length in 0..60 {
            for _ in 0..200 {
                let text: Vec<u8> = (0..length)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        // Few bytes, so that they come often; of these some that differ in one bit.
                        [b' ', b'!', 0, 0xff, 0x80, b'a', b'b', 0xa0][(state >> 61) as usize]
                    })
                    .collect();
                for what in [b' ', b'!', 0, 0xff, 0x80, b'a', b'z', 0xa0] {
                    let first = |other: u8| text.iter().position(|byte| *byte == what || *byte == other);
                    assert_eq!(position(&text, what), first(what), "{text:?} {what}");
                    assert_eq!(position_of_two(&text, what, b'b'), first(b'b'), "{text:?} {what}");
                }
                for what in [&b" !"[..], b"a", b"  b", b"ab\xff"] {
                    let plain = text.windows(what.len()).position(|part| part == what);
                    assert_eq!(find(&text, what), plain, "{text:?} {what:?}");
                    let long = [vec![0; MESSAGE], text.clone()].concat();
                    assert_eq!(find(&long, what), plain.map(|at| at + MESSAGE));
                }
            }
        }
    }
}
