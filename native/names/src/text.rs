//! Making text of what strangers wrote: always short, always printable, never more clever than that.

/// How many characters of a name are kept. A DNS name has at most 253, an SSDP header may have thousands.
pub(crate) const LONGEST_NAME: usize = 255;
/// How many characters of a detail are kept.
pub(crate) const LONGEST_DETAIL: usize = 400;

/// Bytes as text of at most `limit` characters, without surrounding blanks and NULs.
///
/// What is not UTF-8 becomes U+FFFD. Control characters, and those that turn the reading direction or break the line
/// (Unicode TR 36 calls them spoofing), are written as Rust escapes such as `\n` or `\u{202e}`: what was there can
/// still be seen, and does nothing to the terminal. A backslash stays as it is. Text that was cut ends in `…`.
pub(crate) fn clean(bytes: &[u8], limit: usize) -> String {
    let plain = bytes.trim_ascii();
    if plain.len() <= limit && plain.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return String::from_utf8_lossy(plain).into_owned();
    }
    // Four bytes are the longest character, so this much holds all that can be kept, and bounds the work.
    let bytes = bytes.get(..limit.saturating_mul(4).saturating_add(4)).unwrap_or(bytes);
    let lossy = String::from_utf8_lossy(bytes);
    let trimmed = lossy.trim_matches(|character: char| character.is_whitespace() || character == '\0');
    let mut text = String::with_capacity(trimmed.len().min(limit));
    for (count, character) in trimmed.chars().enumerate() {
        if count >= limit {
            text.push('…');
            break;
        }
        if is_tricky(character) {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

/// Text in UTF-16, little endian, as Windows writes it.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    let bytes = bytes.get(..LONGEST_NAME.saturating_mul(4)).unwrap_or(bytes);
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(u16::from_le_bytes));
    char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .take_while(|&character| character != '\0')
        .collect()
}

/// The part of a fixed-size field before its first NUL.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

pub(crate) fn mac(address: [u8; 6]) -> String {
    let [a, b, c, d, e, f] = address;
    format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
}

fn is_tricky(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_do_nothing() {
        assert_eq!(clean(b" pc\x1b[2J\n1 \0\0", 99), "pc\\u{1b}[2J\\n1");
        assert_eq!(clean("a\u{202e}b".as_bytes(), 99), "a\\u{202e}b");
        assert_eq!(clean(b"caf\xe9", 99), "caf\u{fffd}");
        assert_eq!(clean("Büro".as_bytes(), 99), "Büro");
    }

    #[test]
    fn a_long_name_is_cut_and_says_so() {
        assert_eq!(clean(&[b'a'; 70_000], 3), "aaa…");
        assert_eq!(clean(b"aaa", 3), "aaa");
    }
}
