//! The heads of lines, so that a line whose head was met before is counted without being read.
//!
//! Of a line of a file, hour, host and the id of an ASA stand in its first bytes; only minute and second differ from
//! line to line. What is no head of the two strict forms here is read by the parser, and so is each head the first time.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::text::{position, position_of_two};

/// Heads at most; then they are forgotten.
const MOST: usize = 1 << 14;
/// Where the colon behind the hour may stand: `<166>Mar 01 2026 10:`.
const HOUR_ENDS: usize = 24;
/// The longest host.
const HOST: usize = 64;
const SECOND: i64 = 1_000_000;

/// What stands behind the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `%ASA-4-419002:`, the last of the head.
    Coded,
    /// The name of a program, which is no part of the head.
    Named,
}

/// The parts of a line that has a head.
#[derive(Clone, Copy, Debug)]
pub struct Split<'a> {
    pub form: Form,
    /// From the beginning to the hour.
    before: &'a [u8],
    /// From behind the seconds to the end of the head.
    after: &'a [u8],
    /// Minutes and seconds, in microseconds.
    pub within: i64,
    /// Behind the head.
    pub rest: &'a [u8],
}

struct Head<T> {
    before: Box<[u8]>,
    after: Box<[u8]>,
    day: i64,
    known: T,
}

/// Take a line apart, if its head has one of the forms.
#[inline]
pub fn split(line: &[u8]) -> Option<Split<'_>> {
    let hour_ends = position(line.get(..HOUR_ENDS.min(line.len()))?, b':')?;
    let [_, a, b, b':', c, d, after @ ..] = line.get(hour_ends..)? else { return None };
    let digits = [a, b, c, d].map(|digit| digit.wrapping_sub(b'0'));
    let [a, b, c, d] = digits;
    if a > 5 || c > 5 || b > 9 || d > 9 {
        return None;
    }
    let within = i64::from(a) * 600 + i64::from(b) * 60 + i64::from(c) * 10 + i64::from(d);
    let [b' ' | b':', behind @ ..] = after else { return None };
    let host_ends = position_of_two(behind.get(..HOST.min(behind.len()))?, b' ', b'%')?;
    let next = behind.get(host_ends + 1..)?;
    let (form, length) = match next {
        [b'a'..=b'z', ..] if behind.get(host_ends) == Some(&b' ') && host_ends > 0 => (Form::Named, host_ends + 2),
        _ => (Form::Coded, sign_ends(after)?),
    };
    let (after, rest) = after.split_at_checked(length)?;
    Some(Split { form, before: line.get(..hour_ends)?, after, within: within * SECOND, rest })
}

/// Where the sign of an ASA ends, behind its colon.
#[inline]
fn sign_ends(after: &[u8]) -> Option<usize> {
    let at = position(after.get(..(HOST + 8).min(after.len()))?, b'%')?;
    let [b'%', b'A', b'S', b'A', b'-', _, b'-', _, _, _, _, _, _, b':', message @ ..] = after.get(at..)? else {
        return None;
    };
    // The message may say that another one was repeated.
    let repeats = message.iter().find(|byte| **byte != b' ').is_some_and(|byte| matches!(byte, b'm' | b'l'));
    (!repeats).then_some(at + SIGN)
}

/// Does the parser take it for the sign? If not, it looks for one in the message.
fn is_sign(sign: &[u8]) -> bool {
    let [b'%', b'A', b'S', b'A', b'-', b'0'..=b'7', b'-', code @ .., b':'] = sign else { return false };
    code.len() == 6 && code.iter().all(u8::is_ascii_digit)
}

/// `%ASA-4-419002:`
const SIGN: usize = 14;
/// `:11:12`
const CLOCK: usize = 6;

impl<'a> Split<'a> {
    /// The host of a named one.
    pub fn host(&self) -> &'a [u8] {
        self.after.get(1..self.after.len() - 1).unwrap_or_default()
    }

    /// Host, so many bytes of it, and code of a coded one.
    pub fn coded(&self, host: usize) -> (&'a [u8], &'a [u8]) {
        let sign = self.after.get(self.after.len().saturating_sub(SIGN)..).unwrap_or_default();
        (self.after.get(1..1 + host).unwrap_or_default(), sign.get(7..SIGN - 1).unwrap_or_default())
    }

    /// Where the sign of a coded one begins in the line.
    pub fn sign_at(&self) -> usize {
        (self.before.len() + CLOCK + self.after.len()).saturating_sub(SIGN)
    }

    /// Is all of the head of one of the two forms, so that nothing behind it can change what it says?
    fn is_strict(&self, host: &[u8]) -> bool {
        let date = match self.before {
            [b'<', rest @ ..] => rest.iter().position(|byte| *byte == b'>').and_then(|at| rest.get(at + 1..)),
            date => Some(date),
        };
        let is_day = |a: u8, b: u8| (a == b' ' || a.is_ascii_digit()) && b.is_ascii_digit();
        let is_hour = |text: &[u8]| matches!(text, [b'0'..=b'9', b'0'..=b'9']);
        let is_date = match date {
            Some([b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ', a, b, b' ', hour @ ..]) if is_day(*a, *b) => {
                match hour {
                    [year @ .., b' ', c, d] => {
                        year.len() == 4 && year.iter().all(u8::is_ascii_digit) && is_hour(&[*c, *d])
                    }
                    hour => is_hour(hour),
                }
            }
            _ => false,
        };
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let is_host = host.first().is_some_and(u8::is_ascii_alphabetic) && host.iter().all(is_name);
        let around = |between: &[u8]| {
            let rest = self.after.strip_prefix(b" ").and_then(|rest| rest.strip_prefix(host));
            rest.and_then(|rest| rest.strip_prefix(between))
        };
        let is_head = match self.form {
            Form::Named => around(b" ") == Some(b"") && host.iter().any(|byte| !byte.is_ascii_alphabetic()),
            Form::Coded => {
                let sign = around(b" : ").or_else(|| around(b": ")).or_else(|| around(b" "));
                sign.is_some_and(is_sign)
            }
        };
        is_date && is_host && is_head
    }
}

/// Heads that were met, and what they say.
pub struct Heads<T> {
    all: Vec<Head<T>>,
    places: HashTable<(u64, u32)>,
}

impl<T> Default for Heads<T> {
    fn default() -> Heads<T> {
        Heads { all: Vec::new(), places: HashTable::new() }
    }
}

const STATE: FixedState = FixedState::with_seed(5);

fn hash_of(line: &Split<'_>) -> u64 {
    let mut hasher = STATE.build_hasher();
    hasher.write(line.before);
    hasher.write(line.after);
    hasher.finish()
}

impl<T: Copy> Heads<T> {
    /// What the head of a line says that is read on a day, if it was met before.
    #[inline]
    pub fn find(&self, line: &Split<'_>, day: i64) -> Option<T> {
        let head = |at: u32| self.all.get(at as usize);
        let same = |head: &Head<T>| head.day == day && *head.before == *line.before && *head.after == *line.after;
        let (_, at) = self.places.find(hash_of(line), |(_, at)| head(*at).is_some_and(same))?;
        head(*at).map(|head| head.known)
    }

    /// Know a head from now on, if nothing that follows it can change what it says.
    ///
    /// Where it says no year, that depends on the day on which it is read.
    pub fn learn(&mut self, line: &Split<'_>, host: &[u8], day: i64, known: T) {
        if !line.is_strict(host) {
            return;
        }
        if self.all.len() >= MOST {
            self.all.clear();
            self.places.clear();
        }
        let (hash, at) = (hash_of(line), self.all.len() as u32);
        self.all.push(Head { before: line.before.into(), after: line.after.into(), day, known });
        self.places.insert_unique(hash, (hash, at), |(hash, _)| *hash);
    }
}
