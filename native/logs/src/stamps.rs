//! Times that do not stand in a header: those of web servers, proxies, sensors, and firewalls that write keys.

use crate::dates::{date, day_first};
use crate::text::{after, leading_number, number, split};
use crate::time::Clock;
use crate::vpc_flow;

const SECOND: i64 = 1_000_000;
/// How far into a line a time in brackets, or behind a key, is looked for.
const FAR: usize = 512;
/// Seconds since 1970 of about the years 2001 to 2065, where a number that a line begins with may be a time.
const TIMES: std::ops::Range<u64> = 1_000_000_000..3_000_000_000;

/// When a line was written that has no time in its header, by what stands elsewhere in it.
#[inline(never)] // most lines have one
pub fn elsewhere(line: &[u8], clock: &mut Clock) -> Option<i64> {
    let took_zone = clock.took_zone;
    let found = first(line, clock).or_else(|| in_brackets(line, clock)).or_else(|| behind_key(line, clock));
    if found.is_none() {
        clock.took_zone = took_zone;
    }
    found
}

/// A time that the line begins with, in a form that no header has.
fn first(line: &[u8], clock: &mut Clock) -> Option<i64> {
    let text = line.strip_prefix(b"[").or_else(|| line.strip_prefix(b"(")).unwrap_or(line);
    // `[1772532672] SERVICE ALERT: …` of Nagios.
    let in_brackets = line.strip_prefix(b"[").and_then(|text| split(text, b']')).map(|(number, _)| number);
    let counted = || in_brackets.or_else(|| vpc_flow::start(text)).and_then(seconds);
    if let Some(moment) = of_greenwich(epoch(text).map(|(moment, _)| moment).or_else(counted), clock) {
        return Some(moment);
    }
    // `1,2026/03/03 10:11:12,001801,TRAFFIC,…` of Palo Alto Networks: when it was generated, else received.
    if let [b'0' | b'1', b',', rest @ ..] = text {
        let mut values = rest.split(|byte| *byte == b',');
        let (received, generated) = (values.next()?, values.nth(4).unwrap_or_default());
        return clock.moment(generated).or_else(|| clock.moment(received)).map(|(moment, _)| moment);
    }
    date(text, clock)
}

/// A moment that was counted from 1970, if there is one: it has a zone.
fn of_greenwich(moment: Option<i64>, clock: &mut Clock) -> Option<i64> {
    if moment.is_some() {
        clock.took_zone = false;
    }
    moment
}

/// Seconds since 1970, in about the years 2001 to 2065.
pub fn seconds(text: &[u8]) -> Option<i64> {
    number(text).filter(|whole| TIMES.contains(whole)).map(|whole| whole as i64 * SECOND)
}

/// `1772532672.123456 ` of Squid, Zeek and Meraki, in seconds since 1970.
pub fn epoch(text: &[u8]) -> Option<(i64, &[u8])> {
    let (whole, rest) = leading_number(text)?;
    if !TIMES.contains(&whole) {
        return None;
    }
    let digits = rest.strip_prefix(b".")?;
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let micros = digits.iter().take(count).chain(&[b'0'; 6]).take(6);
    let part = micros.fold(0, |sum, byte| sum * 10 + i64::from(byte.saturating_sub(b'0')));
    let rest = digits.get(count..)?;
    let ends = count > 0 && matches!(rest, [b' ' | b'\t' | b':', ..]);
    ends.then_some((whole as i64 * SECOND + part, rest))
}

/// `192.0.2.1 - - [03/Mar/2026:10:11:12 +0100] "GET / HTTP/1.1" 200`
fn in_brackets(line: &[u8], clock: &mut Clock) -> Option<i64> {
    let head = line.get(..line.len().min(FAR))?;
    memchr::memchr_iter(b'[', head).take(8).find_map(|at| day_first(line.get(at + 1..)?, clock))
}

/// `date=2026-03-03 time=10:11:12`, `time="2026-03-03 10:11:12 UTC"`, `ts=1772532672.123`,
/// `msg=audit(1772532672.123:4711)`.
fn behind_key(line: &[u8], clock: &mut Clock) -> Option<i64> {
    let head = line.get(..line.len().min(FAR))?;
    let counted = |text: Option<&[u8]>| text.and_then(epoch).map(|(moment, _)| moment);
    if let Some(moment) = of_greenwich(counted(after(head, b"msg=audit(")), clock) {
        return Some(moment);
    }
    let value = |key: &[u8]| {
        let value = if head.starts_with(key) { head.get(key.len()..)? } else { after(head, &[b" ", key].concat())? };
        Some(value.strip_prefix(b"\"").unwrap_or(value))
    };
    if let (Some(date), Some(time)) = (value(b"date="), value(b"time=")) {
        let end = |text: &[u8]| text.iter().take_while(|byte| !matches!(byte, b' ' | b'"' | b',')).count();
        // Sophos writes the name of the zone behind a key of its own.
        let zone = value(b"timezone=").unwrap_or_default();
        let text = [date.get(..end(date))?, b" ", time.get(..end(time))?, b" ", zone.get(..end(zone))?].concat();
        return clock.moment(&text).map(|(moment, _)| moment);
    }
    let stamp = value(b"time=").or_else(|| value(b"timestamp=")).or_else(|| value(b"ts="))?;
    of_greenwich(counted(Some(stamp)), clock).or_else(|| clock.moment(stamp).map(|(moment, _)| moment))
}
