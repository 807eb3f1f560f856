//! Do two words at the same place of two messages make two wordings, or are they two values of one?

use memchr::{memchr, memmem};

use crate::mask::ANY;

/// Words and keys behind which a name stands: `for user alice`, `from gateway`, `ruser=bob`, `Name: eth`.
const BEFORE_NAMES: [&[u8]; 10] =
    [b"by", b"for", b"from", b"host", b"login", b"logname", b"name", b"rhost", b"ruser", b"user"];

/// How programs write that there is no value.
const NOTHING: [&[u8]; 5] = [b"", b"-", b"null", b"(null)", b"none"];

/// Is this a value rather than a word: something masked, `nginx.service`, `vim:amd64`, `(root)`? What a colon ends is
/// the name of what speaks, but for what stands in its parentheses: `imap(alice):`.
pub fn is_value(word: &[u8]) -> bool {
    let Some((last, inside)) = word.split_last() else { return false };
    let joins = inside.iter().any(|byte| matches!(byte, b'.' | b'@' | b'=' | b':'));
    has_masked(word) || holds_something(word) || (*last != b':' && joins)
}

/// May these words at a place be two values of one wording? `previous` is the word before them, `named` whether a colon
/// of its own comes behind: `alice : TTY=…`, as sudo writes it.
pub fn may_vary(known: &[u8], word: &[u8], previous: Option<&[u8]>, named: bool) -> bool {
    let (known_key, known_value) = key_and_value(known);
    let (key, value) = key_and_value(word);
    if known_key != key {
        // `x1=5` and `y1=5` are as different as two words; `<*>` and `fe80::1` are not.
        return known == ANY || word == ANY;
    }
    let either = |is: fn(&[u8]) -> bool| is(known_value) || is(value);
    if either(has_masked) || either(|value| NOTHING.contains(&value)) || named {
        return true;
    }
    let behind_name = key.or(previous).is_some_and(goes_before_names);
    if behind_name && !either(is_shouted) {
        return true;
    }
    if key.is_some() && either(|value| memchr(b'/', value).is_some()) {
        return true;
    }
    // `(root) CMD`, `process 7 (nginx)`, `imap(alice):`.
    let told = key.is_none() && previous.is_none_or(has_masked);
    (told && holds_something(known_value) && holds_something(value)) || either(is_name)
}

fn has_masked(word: &[u8]) -> bool {
    memmem::find(word, ANY).is_some()
}

/// `user=root,`: `user` and `root`; of `vim:<*>`, no key.
fn key_and_value(word: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let at = word.iter().position(|byte| matches!(byte, b'=' | b':' | b'(' | b'<'));
    match at.map(|at| word.split_at(at)) {
        Some((key, [b'=', value @ ..])) => (Some(key), without_comma(value)),
        Some((key, [b':', value @ ..])) if !value.is_empty() && !has_masked(value) => (Some(key), without_comma(value)),
        _ => (None, word),
    }
}

fn without_comma(value: &[u8]) -> &[u8] {
    value.strip_suffix(b",").unwrap_or(value)
}

fn goes_before_names(word: &[u8]) -> bool {
    let word = word.strip_suffix(b":").unwrap_or(word);
    BEFORE_NAMES.iter().any(|before| before.eq_ignore_ascii_case(word))
}

/// Is there something in its parentheses?
fn holds_something(word: &[u8]) -> bool {
    memchr(b'(', word).is_some_and(|at| word.get(at + 1).is_some_and(|next| *next != b')'))
}

/// States and the like: `RUNNING`, `SCREEN_ON`.
fn is_shouted(word: &[u8]) -> bool {
    word.len() > 1 && word.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-'))
}

/// A name of several parts: `www.example.org`, `nginx.service`, `alice@example.org`, but not what programs call their
/// own things: `android.intent.action.SCREEN_ON`, `wcp.Initialize`.
fn is_name(word: &[u8]) -> bool {
    let word = word.strip_suffix(b".").unwrap_or(word);
    let last = word.rsplit(|byte| matches!(byte, b'.' | b'@')).next().unwrap_or_default();
    last.len() < word.len() && last.first().is_some_and(u8::is_ascii_lowercase)
}
