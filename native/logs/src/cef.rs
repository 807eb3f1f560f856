//! Events in the forms that collectors of security logs agreed on: CEF (ArcSight "Common Event Format", version 25) and
//! LEEF ("IBM Security QRadar Log Event Extended Format", versions 1.0 and 2.0).

use crate::address::port;
use crate::asa::protocol;
use crate::header::Header;
use crate::row::Row;
use crate::text::{number, trim};
use crate::time::Clock;

/// Keys of an event that are looked at.
const MOST: usize = 256;

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    [header.whole, message].into_iter().any(|text| cef(text, row) || leef(text, row))
}

/// `CEF:0|Vendor|Product|1.0|100|worm stopped|10|src=192.0.2.1 msg=a \= b`
fn cef<'a>(text: &'a [u8], row: &mut Row<'a>) -> bool {
    let Some(rest) = text.strip_prefix(b"CEF:") else { return false };
    let Some(([version, _, product, _, code, name, severity], extension)) = fields::<7>(rest) else { return false };
    if number(trim(version, b" ")).is_none() || code.is_empty() {
        return false;
    }
    begin("cef", product, code, severity, row);
    let mut label = None;
    for (key, value) in cef_pairs(extension) {
        match key {
            b"src" => row.source.address = value,
            b"spt" => row.source.port = port(value),
            b"dst" => row.destination.address = value,
            b"dpt" => row.destination.port = port(value),
            b"c6a2" if row.source.address.is_empty() => row.source.address = value,
            b"c6a3" if row.destination.address.is_empty() => row.destination.address = value,
            b"shost" if row.source.address.is_empty() => row.source.address = value,
            b"dhost" if row.destination.address.is_empty() => row.destination.address = value,
            b"sourceTranslatedAddress" => row.source.nat = value,
            b"destinationTranslatedAddress" => row.destination.nat = value,
            b"deviceInboundInterface" => row.source.interface = value,
            b"deviceOutboundInterface" => row.destination.interface = value,
            b"deviceDirection" => row.direction = direction(value),
            b"proto" => row.transport = protocol(value),
            b"act" => row.action = verdict(value),
            b"suser" => row.user = value,
            b"duser" if row.user.is_empty() => row.user = value,
            b"in" | b"out" => row.bytes = sum(row.bytes, value),
            b"cnt" => row.weight = weight(value),
            b"reason" => row.reason = value,
            b"rt" => row.time = moment(value).or(row.time),
            b"dvchost" | b"dvc" if row.host.is_empty() => row.host = value,
            [b'c', b's', at @ b'1'..=b'6', b'L', b'a', b'b', b'e', b'l'] if is_rule(value) => label = Some(*at),
            [b'c', b's', at @ b'1'..=b'6'] if label == Some(*at) => row.rule = value,
            _ => {}
        }
    }
    if let Some(at) = label.filter(|_| row.rule.is_empty()) {
        // The label may stand behind what it names.
        row.rule = cef_pairs(extension).find(|(key, _)| *key == [b'c', b's', at]).map_or(b"", |(_, value)| value);
    }
    if row.reason.is_empty() {
        row.reason = name;
    }
    end(row)
}

/// `LEEF:2.0|Vendor|Product|1.0|100|^|src=192.0.2.1^dst=198.51.100.1`; in version 1.0, tabs stand between.
fn leef<'a>(text: &'a [u8], row: &mut Row<'a>) -> bool {
    let Some(rest) = text.strip_prefix(b"LEEF:") else { return false };
    let Some(([version, _, product, _, code], rest)) = fields::<5>(rest) else { return false };
    let (between, attributes) = match trim(version, b" ") {
        b"1.0" | b"1" => (b'\t', rest),
        b"2.0" | b"2" => match fields::<1>(rest) {
            Some(([said], attributes)) => (delimiter(said), attributes),
            None => (b'\t', rest),
        },
        _ => return false,
    };
    if code.is_empty() {
        return false;
    }
    begin("leef", product, code, b"", row);
    for part in attributes.split(|byte| *byte == between).take(MOST) {
        let Some((key, value)) = crate::text::split(part, b'=') else { continue };
        match key {
            b"src" => row.source.address = value,
            b"srcPort" => row.source.port = port(value),
            b"dst" => row.destination.address = value,
            b"dstPort" => row.destination.port = port(value),
            b"srcPostNAT" => row.source.nat = value,
            b"dstPostNAT" => row.destination.nat = value,
            b"proto" => row.transport = protocol(value),
            b"action" | b"act" => row.action = verdict(value),
            b"usrName" => row.user = value,
            b"policy" => row.rule = value,
            b"srcBytes" | b"dstBytes" => row.bytes = sum(row.bytes, value),
            b"reason" => row.reason = value,
            b"sev" => row.severity = row.severity.or(severity_of(value)),
            b"devTime" => row.time = moment(value).or(row.time),
            _ => {}
        }
    }
    end(row)
}

/// So many fields, each with a bar behind it that no backslash is before; and what comes then.
fn fields<const COUNT: usize>(text: &[u8]) -> Option<([&[u8]; COUNT], &[u8])> {
    let mut found = [&b""[..]; COUNT];
    let mut rest = text;
    for field in &mut found {
        let bar = unescaped(rest, b'|')?;
        *field = trim(rest.get(..bar)?, b" ");
        rest = rest.get(bar + 1..)?;
    }
    Some((found, rest))
}

/// Where such a byte is that stands for itself: an even number of backslashes is before it.
fn unescaped(text: &[u8], byte: u8) -> Option<usize> {
    memchr::memchr_iter(byte, text).find(|at| {
        let before = text.get(..*at).unwrap_or_default();
        before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0
    })
}

/// Each key and its value, which goes on until a space and the next key.
fn cef_pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut next = next_key(text, 0);
    let pairs = std::iter::from_fn(move || {
        let (begin, equals) = next?;
        next = next_key(text, equals + 1);
        let end = next.map_or(text.len(), |(begin, _)| begin);
        Some((text.get(begin..equals)?, trim(text.get(equals + 1..end)?, b" ")))
    });
    pairs.take(MOST)
}

/// Where the next key begins, and where its `=` is: a word that is a name, at the beginning or behind a space.
fn next_key(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut searched = from;
    loop {
        let equals = searched + unescaped(text.get(searched..)?, b'=')?;
        let before = text.get(from..equals)?;
        let begin = from + memchr::memrchr(b' ', before).map_or(0, |at| at + 1);
        let key = text.get(begin..equals)?;
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'[' | b']');
        let is_behind_space = begin == 0 || text.get(begin - 1) == Some(&b' ');
        if !key.is_empty() && is_behind_space && key.iter().all(is_name) {
            return Some((begin, equals));
        }
        searched = equals + 1;
    }
}

fn begin<'a>(vendor: &'static str, product: &'a [u8], code: &'a [u8], severity: &[u8], row: &mut Row<'a>) {
    row.vendor = vendor;
    row.program = product;
    row.pid = None;
    row.code = code;
    row.severity = row.severity.or(severity_of(severity));
}

fn end(row: &mut Row<'_>) -> bool {
    if !row.source.address.is_empty() {
        row.initiator = "source";
    }
    true
}

/// A severity from 0 to 10, or a word for it, as one of syslog.
fn severity_of(text: &[u8]) -> Option<u8> {
    match (number(text), text.first().map(u8::to_ascii_lowercase)) {
        (Some(0..=3), _) | (None, Some(b'l')) => Some(6),
        (Some(4..=6), _) | (None, Some(b'm')) => Some(4),
        (Some(7..=8), _) | (None, Some(b'h')) => Some(3),
        (Some(9..=10), _) | (None, Some(b'v')) => Some(2),
        _ => None,
    }
}

/// The byte between attributes: itself, or its number in hexadecimal, `0x09` or `x09`.
fn delimiter(text: &[u8]) -> u8 {
    let hexadecimal = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"x")).filter(|rest| !rest.is_empty());
    let byte = hexadecimal.and_then(|rest| u8::from_str_radix(std::str::from_utf8(rest).ok()?, 16).ok());
    byte.or_else(|| text.first().copied()).unwrap_or(b'\t')
}

/// Milliseconds since 1970, or a date.
fn moment(text: &[u8]) -> Option<i64> {
    match (number(text), text.len()) {
        (Some(milliseconds), 11..=14) => i64::try_from(milliseconds).ok()?.checked_mul(1000),
        (Some(_), _) => None,
        // Without a year nobody knows which.
        _ => Clock::default().moment(text).map(|(moment, _)| moment).filter(|moment| *moment > 0),
    }
}

fn direction(value: &[u8]) -> &'static str {
    match value {
        b"0" => "inbound",
        b"1" => "outbound",
        _ => "",
    }
}

fn is_rule(label: &[u8]) -> bool {
    [&b"rule"[..], b"rule name", b"policy", b"policy name"].iter().any(|name| name.eq_ignore_ascii_case(label))
}

fn sum(known: Option<u64>, value: &[u8]) -> Option<u64> {
    number(value).map(|count| known.unwrap_or(0).saturating_add(count)).or(known)
}

fn weight(value: &[u8]) -> u32 {
    number(value).map_or(1, |count| u32::try_from(count).unwrap_or(u32::MAX).max(1))
}

pub fn verdict(value: &[u8]) -> &[u8] {
    const ALLOWED: [&[u8]; 7] = [b"allow", b"allowed", b"permit", b"permitted", b"accept", b"accepted", b"pass"];
    const DENIED: [&[u8]; 8] = [b"deny", b"denied", b"block", b"blocked", b"drop", b"dropped", b"reject", b"rejected"];
    let is = |name: &&[u8]| name.eq_ignore_ascii_case(value);
    if ALLOWED.iter().any(is) {
        b"allow"
    } else if DENIED.iter().any(is) {
        b"deny"
    } else {
        value
    }
}
