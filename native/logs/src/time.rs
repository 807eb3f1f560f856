//! Moments as devices write them, in microseconds since 1970.

use crate::text::{leading_number, number, skip_spaces};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// A device's clock may be ahead of ours by so much before the year is taken for the one before.
pub const AHEAD: i64 = 2 * DAY;

/// How far a zone is east of Greenwich: in seconds, and with its summer times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// Before the first change.
    pub east: i64,
    /// Since when, in microseconds since 1970, it is so many seconds; ascending.
    pub changes: Vec<(i64, i64)>,
}

impl From<i64> for Zone {
    fn from(east: i64) -> Zone {
        Zone { east, changes: Vec::new() }
    }
}

impl Zone {
    /// The moment that a clock on the wall there means; of two, the first.
    #[inline]
    fn moment(&self, local: i64) -> i64 {
        let mut earlier = self.changes.as_slice();
        while let Some(((since, east), before)) = earlier.split_last() {
            let was = before.last().map_or(self.east, |(_, east)| *east);
            if local.saturating_sub(was.saturating_mul(SECOND)) >= *since {
                return local.saturating_sub(east.saturating_mul(SECOND));
            }
            earlier = before;
        }
        local.saturating_sub(self.east.saturating_mul(SECOND))
    }

    /// What a clock on the wall there shows.
    fn local(&self, moment: i64) -> i64 {
        let change = self.changes.iter().take_while(|(since, _)| *since <= moment).last();
        moment.saturating_add(change.map_or(self.east, |(_, east)| *east).saturating_mul(SECOND))
    }

    /// What a time means here that was read as one of another zone.
    pub fn corrected(&self, moment: i64, read_as: &Zone) -> i64 {
        self.moment(read_as.local(moment))
    }
}

/// How to read what a device leaves out.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// When the line was received, or the file was written last: what tells the year.
    pub now: i64,
    /// Of times that do not say it.
    pub zone: Zone,
    /// Whether that was taken for the moment that was read last.
    pub took_zone: bool,
    /// Month and day, the day on which it was asked, and the day since 1970 that it means, in microseconds.
    known: Option<(u32, u32, i64, i64)>,
    /// How the date was written that was met last, `Mar  3 `, and the same two days.
    written: Option<([u8; 7], i64, i64)>,
}

/// Days since 1970 of a date in the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub fn days(year: i64, month: u32, day: u32) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > longest || !(1..=9999).contains(&year) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = i64::from((153 * ((month + 9) % 12) + 2) / 5 + day - 1);
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn year_of(moment: i64) -> i64 {
    let days = moment.div_euclid(DAY) + 719_468;
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // March is the first month of such a year.
    days.div_euclid(146_097) * 400 + year + i64::from(of_year >= 306)
}

pub const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// The number of a month from its first three letters.
pub fn month(text: &[u8]) -> Option<u32> {
    let name = text.get(..3)?;
    // Only MikroTik writes them small.
    (1..)
        .zip(MONTHS)
        .find(|(_, known)| name.get(1..) == known.get(1..) && name.eq_ignore_ascii_case(known))
        .map(|(at, _)| at)
}

impl Clock {
    pub fn new(now: i64, zone: impl Into<Zone>) -> Clock {
        Clock { now, zone: zone.into(), took_zone: false, known: None, written: None }
    }

    /// The moment at the beginning of a text, and what comes after it.
    pub fn moment<'a>(&mut self, text: &'a [u8]) -> Option<(i64, &'a [u8])> {
        match text {
            [b'A'..=b'Z' | b'a'..=b'z', ..] => self.by_month(text),
            [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', rest @ ..] => {
                let year = number(text.get(..4)?)? as i64;
                match rest {
                    [b'-' | b'/' | b':' | b'.', ..] => self.by_year(year, rest),
                    [b' ', b'A'..=b'Z', ..] => self.year_and_month(year, rest.get(1..)?),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `Mar  3 10:11:12 ` of the day that the line before had, without a zone; and what comes after the space.
    #[inline]
    pub fn known_day<'a>(&mut self, text: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let (written, today, date) = self.written?;
        let stamp = text.first_chunk::<16>()?;
        if !stamp.starts_with(&written) || today != self.now.div_euclid(DAY) || stamp[15] != b' ' {
            return None;
        }
        let (clock, _) = clock(stamp.get(7..15)?)?;
        self.took_zone = true;
        Some((self.zone.moment(date + clock), text.get(16..)?))
    }

    /// `Mar  3 10:11:12`, `Mar 3 2026 10:11:12.123`, `jan/02/2026 10:11:12`.
    fn by_month<'a>(&mut self, text: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let month = month(text)?;
        let between = *text.get(3)?;
        if between != b' ' && between != b'/' {
            return None;
        }
        let (day, rest) = leading_number(skip_spaces(text.get(4..)?))?;
        let (&after, rest) = rest.split_first()?;
        if after != between || day > 31 {
            return None;
        }
        let day = day as u32;
        if let [a, b, c, d, b' ', rest @ ..] = rest {
            if let Some(year) = number(&[*a, *b, *c, *d]) {
                let (clock, rest) = clock(rest)?;
                return self.zoned(days(year as i64, month, day)? * DAY + clock, rest);
            }
        }
        let (clock, rest) = clock(rest)?;
        // Some write the year behind the time.
        // (An address may begin with four digits and a colon.)
        if let [b' ', a @ (b'1' | b'2'), b, c, d, behind @ ..] = rest {
            let ends = matches!(behind, [] | [b' ' | b']', ..] | [b':', b' ', ..]);
            if let (true, Some(year @ 1970..2100)) = (ends, number(&[*a, *b, *c, *d])) {
                let rest = behind;
                return self.zoned(days(year as i64, month, day)? * DAY + clock, rest);
            }
        }
        // `Tue Mar  3 10:11:12 CET 2026` of date(1) and Java.
        if let Some((year, behind)) = behind_zone(rest) {
            let (moment, _) = self.zoned(days(year, month, day)? * DAY + clock, rest)?;
            return Some((moment, behind));
        }
        let date = self.date(month, day, clock)?;
        if let (Some(written), Some(b" ")) = (text.first_chunk::<7>(), text.get(6..7)) {
            self.written = (between == b' ').then_some((*written, self.now.div_euclid(DAY), date));
        }
        self.zoned(date + clock, rest)
    }

    /// The latest such day that is not in the future.
    fn date(&mut self, month: u32, day: u32, clock: i64) -> Option<i64> {
        let today = self.now.div_euclid(DAY);
        if let Some((m, d, at, date)) = self.known {
            if (m, d, at) == (month, day, today) {
                return Some(date);
            }
        }
        let year = year_of(self.now);
        let date = (0..9)
            .filter_map(|back| days(year + 1 - back, month, day))
            .find(|date| self.zone.moment(date * DAY + clock) <= self.now + AHEAD)?
            * DAY;
        self.known = Some((month, day, today, date));
        Some(date)
    }

    /// `2026-03-03T10:11:12.123+01:00`, `2026-03-03 10:11:12,123`, `2026/03/03 10:11:12`, `2026:03:03-10:11:12`,
    /// `2026.03.03 10:11:12`, `2026-03-03_10:11:12.123`.
    fn by_year<'a>(&mut self, year: i64, text: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let [between, a, b, again, c, d, behind @ (b'T' | b' ' | b't' | b'-' | b'_'), rest @ ..] = text else {
            return None;
        };
        if between != again || (*between == b':') != (*behind == b'-') {
            return None;
        }
        let date = days(year, number(&[*a, *b])? as u32, number(&[*c, *d])? as u32)? * DAY;
        let (clock, rest) = clock(rest)?;
        self.zoned(date + clock, rest)
    }

    /// `2026 Jun 25 10:11:12.123` of NX-OS.
    fn year_and_month<'a>(&mut self, year: i64, text: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let month = month(text)?;
        let [b' ', rest @ ..] = text.get(3..)? else { return None };
        let (day, rest) = leading_number(skip_spaces(rest))?;
        let [b' ', rest @ ..] = rest else { return None };
        let (clock, rest) = clock(rest)?;
        self.zoned(days(year, month, u32::try_from(day).ok()?)? * DAY + clock, rest)
    }

    /// The moment of a day since 1970 that a text begins with, `10:11:12 +0100`, and what comes after it.
    pub fn of_day<'a>(&mut self, day: i64, text: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let (clock, rest) = clock(text)?;
        let rest = match rest {
            [b' ', zone @ ..] if matches!(zone, [b'+' | b'-', b'0'..=b'9', ..]) => zone,
            _ => rest,
        };
        self.zoned(day * DAY + clock, rest)
    }

    /// The same of a month and a day, where nobody says of which year.
    pub fn without_year<'a>(&mut self, month: u32, day: u32, text: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let (clock, _) = clock(text)?;
        let date = self.date(month, day, clock)?;
        self.of_day(date / DAY, text)
    }

    /// Take the zone behind a time into account, where one is written.
    fn zoned<'a>(&mut self, local: i64, rest: &'a [u8]) -> Option<(i64, &'a [u8])> {
        self.took_zone = true;
        match rest {
            [b'Z' | b'z', rest @ ..] => {
                self.took_zone = false;
                Some((local, rest))
            }
            [sign @ (b'+' | b'-'), a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
                self.took_zone = false;
                let rest = rest.strip_prefix(b":").unwrap_or(rest);
                let minutes = rest.get(..2).and_then(number);
                let rest = if minutes.is_some() { rest.get(2..)? } else { rest };
                let east = (number(&[*a, *b])? * 60 + minutes.unwrap_or(0)) as i64 * 60 * SECOND;
                Some((if *sign == b'+' { local - east } else { local + east }, rest))
            }
            // Cisco writes the name of a zone, and a colon behind it; one that is known stands without one as well.
            [b' ', name @ ..] => {
                let letters = name.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
                let zone = name.get(..letters).and_then(named_zone);
                let ends = match name.get(letters) {
                    Some(b':') => (3..=5).contains(&letters),
                    Some(b' ' | b'"' | b']') | None => zone.is_some(),
                    _ => false,
                };
                if ends {
                    let moment = match zone {
                        Some(NamedZone::East(east)) => {
                            self.took_zone = false;
                            local - east
                        }
                        Some(NamedZone::OneOfSeveral) | None => self.zone.moment(local),
                    };
                    return Some((moment, name.get(letters..)?));
                }
                Some((self.zone.moment(local), rest))
            }
            _ => Some((self.zone.moment(local), rest)),
        }
    }
}

/// The year behind the name of a zone, and what comes then.
fn behind_zone(text: &[u8]) -> Option<(i64, &[u8])> {
    let name = text.strip_prefix(b" ")?;
    let letters = name.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    let [b' ', year @ ..] = name.get(letters..)? else { return None };
    let (year @ 1970..2100, behind) = leading_number(year)? else { return None };
    let ends = (3..=5).contains(&letters) && matches!(behind, [] | [b' ' | b']' | b':', ..]);
    ends.then_some((year as i64, behind))
}

/// What the name of a zone says.
#[derive(Debug, PartialEq, Eq)]
pub enum NamedZone {
    /// So many microseconds east of Greenwich.
    East(i64),
    /// Who writes this is asked for the zone (`--zone`), as if nothing was written.
    OneOfSeveral,
}

/// The zone of this name, which no host has.
///
/// The names of RFC 5322 (section 4.3, obs-zone), and of the tz database those that are no words. CST is of America,
/// China and Cuba, IST of India, Ireland and Israel, BST of Britain and Bangladesh.
pub fn named_zone(name: &[u8]) -> Option<NamedZone> {
    let minutes = match name {
        b"UTC" | b"GMT" | b"WET" => 0,
        b"CET" | b"WEST" | b"MET" => 60,
        b"CEST" | b"EET" | b"MEST" | b"SAST" => 120,
        b"EEST" | b"MSK" | b"IDT" => 180,
        b"PKT" => 300,
        b"HKT" | b"AWST" => 480,
        b"JST" | b"KST" => 540,
        b"ACST" => 570,
        b"AEST" => 600,
        b"ACDT" => 630,
        b"AEDT" => 660,
        b"NZST" => 720,
        b"NZDT" => 780,
        b"EDT" => -240,
        b"EST" | b"CDT" => -300,
        b"MDT" => -360,
        b"MST" | b"PDT" => -420,
        b"PST" | b"AKDT" => -480,
        b"AKST" => -540,
        b"CST" | b"IST" | b"BST" => return Some(NamedZone::OneOfSeveral),
        _ => return None,
    };
    Some(NamedZone::East(minutes * 60 * SECOND))
}

/// `10:11:12` with or without a fraction, or `1:11:12 PM`, in microseconds, and what comes after it.
#[inline]
fn clock(text: &[u8]) -> Option<(i64, &[u8])> {
    if text.get(1) == Some(&b':') {
        return early(text);
    }
    let (whole, rest) = whole_day(text)?;
    match rest {
        [b' ', b'A' | b'P' | b'a' | b'p', b'M' | b'm', ..] => Some(half_day(whole, rest).unwrap_or((whole, rest))),
        _ => Some((whole, rest)),
    }
}

/// Before ten, an hour is written with one digit by who counts to twelve; `1:2:3` alone is no time.
#[cold]
fn early(text: &[u8]) -> Option<(i64, &[u8])> {
    let (clock, rest) = text.split_at_checked(7)?;
    let whole = whole_day(&[b"0", clock].concat())?.0;
    half_day(whole, rest)
}

/// What `AM` or `PM` makes of a time up to 12:59:59.
#[cold]
fn half_day(whole: i64, rest: &[u8]) -> Option<(i64, &[u8])> {
    let [b' ', half @ (b'A' | b'P' | b'a' | b'p'), b'M' | b'm', behind @ ..] = rest else { return None };
    let ends = !matches!(behind.first(), Some(letter) if letter.is_ascii_alphanumeric());
    let hour = whole / (3600 * SECOND);
    if !ends || !(1..=12).contains(&hour) {
        return None;
    }
    let begin = if half.eq_ignore_ascii_case(&b'p') { DAY / 2 } else { 0 };
    Some((begin + whole % (DAY / 2), behind))
}

/// `10:11:12` of a day that has 24 hours.
fn whole_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let [a, b, b':', c, d, b':', e, f, rest @ ..] = text else { return None };
    let two = |a: &u8, b: &u8| number(&[*a, *b]);
    let (hour, minute, second) = (two(a, b)?, two(c, d)?, two(e, f)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let whole = (hour * 3600 + minute * 60 + second) as i64 * SECOND;
    let [b'.' | b',', digits @ ..] = rest else { return Some((whole, rest)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return Some((whole, rest));
    }
    let fraction = digits.iter().take(count.min(6)).fold(0i64, |sum, byte| sum * 10 + i64::from(byte - b'0'));
    let scale = 10i64.pow(6 - count.min(6) as u32);
    Some((whole + fraction * scale, digits.get(count..)?))
}
