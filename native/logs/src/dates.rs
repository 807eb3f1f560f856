//! Dates as programs write them that have no header, each with the time behind it.

use crate::text::{leading_number, number, skip_spaces, word};
use crate::time::{days, month, Clock};

/// As asctime(3) and date(1) write them before a date.
pub const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// The moment that a text begins with.
pub fn date(text: &[u8], clock: &mut Clock) -> Option<i64> {
    // `Tue Mar 03 10:11:12.123456 2026] [core:error]` of Apache, and what asctime(3) writes; `Tue, 03 Mar 2026 …` of RFC
    // 5322; `4711:M 03 Mar 2026 …` of Redis.
    let (day, rest) = word(text);
    let day = day.strip_suffix(b",").unwrap_or(day);
    let is_before = WEEKDAYS.contains(&day) || is_role(day);
    let text = if is_before { skip_spaces(rest) } else { text };
    let usual = clock.moment(text).map(|(moment, _)| moment);
    usual
        .or_else(|| day_first(text, clock))
        .or_else(|| month_first(text, clock))
        .or_else(|| month_by_name(text, clock))
        .or_else(|| together(text, clock))
        .or_else(|| behind_severity(text, clock))
}

/// `4711:M`: the process of Redis, and whether it is a master, a replica, a sentinel, or writes to disk.
fn is_role(word: &[u8]) -> bool {
    matches!(word, [pid @ .., b':', b'M' | b'S' | b'C' | b'X'] if number(pid).is_some())
}

/// `03/Mar/2026:10:11:12 +0100` of web servers, `03-Mar-2026 10:11:12.123` of BIND, PHP and Tomcat, `3 Mar 2026 10:11:12`
/// of RFC 5322, `03.03.2026 10:11:12` of programs that speak German.
pub fn day_first(text: &[u8], clock: &mut Clock) -> Option<i64> {
    let (day, [between, name @ ..]) = leading_number(text)? else { return None };
    if let ([a, b, b'.', c, d, e, f, b' ', rest @ ..], b'.') = (name, between) {
        return dated(number(&[*c, *d, *e, *f])?, number(&[*a, *b])?, day, rest, clock);
    }
    if !matches!(between, b'/' | b'-' | b' ') {
        return None;
    }
    let month = month(name)?;
    let [again, c, d, e, f, b':' | b' ', rest @ ..] = name.get(3..)? else { return None };
    if again != between {
        return None;
    }
    dated(number(&[*c, *d, *e, *f])?, u64::from(month), day, rest, clock)
}

/// `03/03/2026-10:11:12.123456` of Suricata and Snort, which may leave out the year; `03/03/2026:10:11:12 GMT` of
/// NetScaler; `3/3/2026 1:11:12 PM` of Windows: who counts hours to twelve writes the month first.
fn month_first(text: &[u8], clock: &mut Clock) -> Option<i64> {
    let (month, [b'/', rest @ ..]) = leading_number(text)? else { return None };
    let (day, rest) = leading_number(rest)?;
    match rest {
        [b'/', e, f, g, h, between @ (b'-' | b':' | b' '), rest @ ..] if *between != b' ' || says_half(rest) => {
            dated(number(&[*e, *f, *g, *h])?, month, day, rest, clock)
        }
        [b'-', rest @ ..] => without_year(month, day, rest, clock),
        _ => None,
    }
}

/// Does AM or PM stand behind a time?
fn says_half(text: &[u8]) -> bool {
    let (_, behind) = word(text);
    matches!(word(behind).0, b"AM" | b"PM" | b"am" | b"pm")
}

/// `Mar 03, 2026 1:11:12 PM` of java.util.logging.
fn month_by_name(text: &[u8], clock: &mut Clock) -> Option<i64> {
    let month = month(text)?;
    let [b' ', rest @ ..] = text.get(3..)? else { return None };
    let (day, [b',', b' ', a, b, c, d, b' ', rest @ ..]) = leading_number(rest)? else { return None };
    dated(number(&[*a, *b, *c, *d])?, u64::from(month), day, rest, clock)
}

fn dated(year: u64, month: u64, day: u64, rest: &[u8], clock: &mut Clock) -> Option<i64> {
    let date = days(i64::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    clock.of_day(date, rest).map(|(moment, _)| moment)
}

fn without_year(month: u64, day: u64, rest: &[u8], clock: &mut Clock) -> Option<i64> {
    let (month, day) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
    clock.without_year(month, day, rest).map(|(moment, _)| moment)
}

/// `20260303 10:11:12`, `20260303T101112Z` of ISO 8601, `20260303101112`; `4711:20260303:101112.123` of Zabbix.
fn together(text: &[u8], clock: &mut Clock) -> Option<i64> {
    let text = match leading_number(skip_spaces(text)) {
        Some((pid, [b':', rest @ ..])) if pid < 10_000_000 => rest,
        _ => text,
    };
    let [a, b, c, d, e, f, g, h, rest @ ..] = text else { return None };
    let year = number(&[*a, *b, *c, *d]).filter(|year| (1970..2100).contains(year))?;
    let (month, day) = (number(&[*e, *f])?, number(&[*g, *h])?);
    let rest = match rest {
        [b' ' | b'T' | b':', rest @ ..] => rest,
        _ => rest,
    };
    match rest {
        [_, _, b':', ..] => dated(year, month, day, rest, clock),
        [a, b, c, d, e, f, behind @ ..] if !matches!(behind.first(), Some(b'0'..=b'9')) => {
            let clocks = [*a, *b, b':', *c, *d, b':', *e, *f];
            dated(year, month, day, &[&clocks, behind].concat(), clock)
        }
        _ => None,
    }
}

/// `I0303 10:11:12.123456    4711 server.go:12] …` of klog and glog, as the parts of Kubernetes write it.
fn behind_severity(text: &[u8], clock: &mut Clock) -> Option<i64> {
    let [b'I' | b'W' | b'E' | b'F', a, b, c, d, b' ', rest @ ..] = text else { return None };
    let (month, day) = (number(&[*a, *b])?, number(&[*c, *d])?);
    leading_number(skip_spaces(word(rest).1))?;
    without_year(month, day, rest, clock)
}
