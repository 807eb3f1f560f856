//! What stands before the message: RFC 3164, RFC 5424, and what devices make of them.

use crate::address::is_address;
use crate::dates::WEEKDAYS;
use crate::sql_server::behind_session;
use crate::stamps::epoch;
use crate::text::{leading_number, number, skip_spaces, split, trim};
use crate::time::{named_zone, Clock};

/// What may stand before an object of JSON in place of a program (Common Event Expression).
pub const COOKIE: &[u8] = b"@cee:";

/// The parts of a header; what is not there is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Header<'a> {
    pub facility: Option<u8>,
    pub severity: Option<u8>,
    pub time: Option<i64>,
    /// When a relay wrote it down, where its time stands before that of the device.
    pub relayed: Option<i64>,
    pub host: &'a [u8],
    pub program: &'a [u8],
    pub pid: Option<u32>,
    /// MSGID of RFC 5424.
    pub id: &'a [u8],
    /// STRUCTURED-DATA of RFC 5424, with its brackets.
    pub data: &'a [u8],
    /// The id of an event of Windows, where an object around the message says it.
    pub event: &'a [u8],
    pub message: &'a [u8],
    /// The message as it is where no program stands before it.
    pub whole: &'a [u8],
    /// A router's processor stands before the time, as IOS-XR writes it.
    pub is_xr: bool,
    /// The year stands first, as NX-OS writes it.
    pub is_nxos: bool,
    /// The session stands before the message, as SQL Server writes it.
    pub is_sql_server: bool,
}

/// Read what stands behind time and host.
pub fn behind<'a>(text: &'a [u8], header: &mut Header<'a>) {
    header.whole = text;
    tag(text, header);
}

/// Read the header of a line.
pub fn header<'a>(line: &'a [u8], clock: &mut Clock) -> Header<'a> {
    let mut header = Header::default();
    // Editors of Windows begin a file with it.
    let mut rest = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if let Some((priority, after)) = priority(rest) {
        header.facility = Some(priority >> 3);
        header.severity = Some(priority & 7);
        rest = after;
        if let [b'1', b' ', after @ ..] = rest {
            if rfc5424(after, clock, &mut header) {
                return header;
            }
            if let Some((moment, after)) = epoch(after) {
                return of_meraki(moment, skip_spaces(after), header);
            }
        }
    } else if rest.first() == Some(&b'1') {
        // Some write files in the form of RFC 5424 without the priority.
        if let [b'1', b' ', after @ ..] = rest {
            if rfc5424(after, clock, &mut header) {
                return header;
            }
        }
    } else if let Some((facility, severity, after)) = named_priority(rest) {
        header.facility = Some(facility);
        header.severity = Some(severity);
        rest = after;
    }
    if let Some((moment, host, whole)) = straight(rest, clock) {
        return Header { time: Some(moment), host, whole, message: whole, ..header };
    }
    rest = bsd(skip_spaces(rest), clock, &mut header, true);
    header.whole = rest;
    tag(rest, &mut header);
    header
}

/// `Mar  3 10:11:12 fw-1 %ASA-…`: the form of most lines, read in one go. None: it is another.
#[inline]
fn straight<'a>(text: &'a [u8], clock: &mut Clock) -> Option<(i64, &'a [u8], &'a [u8])> {
    let (moment, rest) = clock.known_day(text)?;
    let length = rest.iter().take(64).position(|byte| *byte == b' ')?;
    let host = rest.get(..length)?;
    let whole = rest.get(length + 1..)?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let is_host =
        host.first().is_some_and(u8::is_ascii_alphabetic) && host.iter().all(is_name) && named_zone(host).is_none();
    (is_host && whole.first() == Some(&b'%')).then_some((moment, host, whole))
}

/// `<134>1 1772532672.123456789 MX84 flows src=…`: a device of Meraki, and which of its logs it is.
fn of_meraki<'a>(moment: i64, text: &'a [u8], header: Header<'a>) -> Header<'a> {
    let (host, rest) = crate::text::word(text);
    let (program, message) = crate::text::word(rest);
    Header { time: Some(moment), host, program, message, whole: message, ..header }
}

/// `<189>`
fn priority(text: &[u8]) -> Option<(u8, &[u8])> {
    let rest = text.strip_prefix(b"<")?;
    let (number, rest) = leading_number(rest.get(..4).map_or(rest, |_| rest))?;
    let rest = rest.strip_prefix(b">")?;
    (number <= 191).then_some((number as u8, rest))
}

const FACILITIES: [&[u8]; 24] = [
    b"kern",
    b"user",
    b"mail",
    b"daemon",
    b"auth",
    b"syslog",
    b"lpr",
    b"news",
    b"uucp",
    b"cron",
    b"authpriv",
    b"ftp",
    b"ntp",
    b"audit",
    b"alert",
    b"clock",
    b"local0",
    b"local1",
    b"local2",
    b"local3",
    b"local4",
    b"local5",
    b"local6",
    b"local7",
];
const SEVERITIES: [&[&[u8]]; 8] = [
    &[b"emerg", b"emergency", b"emergencies", b"panic"],
    &[b"alert", b"alerts"],
    &[b"crit", b"critical"],
    &[b"err", b"error", b"errors"],
    &[b"warning", b"warn", b"warnings"],
    &[b"notice", b"notification", b"notifications"],
    &[b"info", b"informational"],
    &[b"debug", b"debugging"],
];

/// The number of a severity that is written as a word.
pub fn severity(word: &[u8]) -> Option<u8> {
    (0..).zip(SEVERITIES).find(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(word))).map(|(at, _)| at)
}

/// `LOCAL4.WARNING: `
fn named_priority(text: &[u8]) -> Option<(u8, u8, &[u8])> {
    let head = text.get(..text.len().min(24))?;
    let (facility, _) = split(head, b'.')?;
    let (word, _) = split(head.get(facility.len() + 1..)?, b':')?;
    let facility_at = FACILITIES.iter().position(|name| name.eq_ignore_ascii_case(facility))?;
    let rest = text.get(facility.len() + 1 + word.len() + 1..)?;
    Some((facility_at as u8, severity(word)?, rest))
}

/// The rest of RFC 5424, section 6, behind the version.
fn rfc5424<'a>(text: &'a [u8], clock: &mut Clock, header: &mut Header<'a>) -> bool {
    let Some((stamp, rest)) = split(text, b' ') else { return false };
    let time = if stamp == b"-" {
        None
    } else {
        match clock.moment(stamp) {
            Some((moment, [])) => Some(moment),
            _ => return false,
        }
    };
    let mut fields = [&[][..]; 4];
    let mut rest = rest;
    for field in &mut fields {
        let Some((word, after)) = split(rest, b' ') else { return false };
        *field = if word == b"-" { &[] } else { word };
        rest = after;
    }
    let [host, program, pid, id] = fields;
    let (data, message) = structured(rest);
    header.time = time;
    header.host = host;
    header.program = program;
    header.pid = number(pid).and_then(|pid| u32::try_from(pid).ok());
    header.id = id;
    header.data = data;
    header.message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    header.whole = header.message;
    true
}

/// Structured data, and what comes after it.
fn structured(text: &[u8]) -> (&[u8], &[u8]) {
    if let Some(rest) = text.strip_prefix(b"-") {
        return (&[], skip_spaces(rest));
    }
    let (mut quoted, mut escaped, mut inside) = (false, false, false);
    for (at, byte) in text.iter().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' if inside => quoted = !quoted,
            b'[' if !quoted => inside = true,
            b']' if !quoted => inside = false,
            _ if !inside => {
                return (text.get(..at).unwrap_or_default(), skip_spaces(text.get(at..).unwrap_or_default()))
            }
            _ => {}
        }
    }
    if inside {
        (&[], text)
    } else {
        (text, &[])
    }
}

/// The value of a parameter of structured data.
pub fn parameter<'a>(data: &'a [u8], name: &[u8]) -> &'a [u8] {
    let mut rest = data;
    while let Some(after) = crate::text::after(rest, name) {
        let begin = rest.len() - after.len() - name.len();
        let before = begin.checked_sub(1).and_then(|at| rest.get(at));
        if let (Some(b' '), Some(value)) = (before, after.strip_prefix(b"=\"")) {
            return split(value, b'"').map_or(value, |(value, _)| value);
        }
        rest = after;
    }
    &[]
}

/// What a line begins with in RFC 3164, and what devices put in between; gives what comes after the host.
fn bsd<'a>(text: &'a [u8], clock: &mut Clock, header: &mut Header<'a>, first: bool) -> &'a [u8] {
    let mut rest = text;
    // Sequence numbers and names of what counted: `45: `, `000123: `, `: `.
    loop {
        match rest {
            [b':', after @ ..] | [b' ', after @ ..] => rest = after,
            [b'0'..=b'9', ..] => match leading_number(rest) {
                Some((_, [b':', b' ', after @ ..])) => rest = after,
                _ => break,
            },
            _ => break,
        }
    }
    // IOS-XR: the processor before the time.
    if let [b'R' | b'L', b'P' | b'C', b'/', ..] = rest {
        if let Some((node, after)) = split(rest, b':') {
            if node.len() < 24 {
                if let Some((moment, after)) = clock.moment(after) {
                    header.time = header.time.or(Some(moment));
                    header.is_xr = true;
                    return skip_spaces(after.strip_prefix(b":").unwrap_or(after));
                }
            }
        }
    }
    // The clock is not set, or not synchronised (IOS).
    let stamp = match rest {
        [b'*' | b'.', after @ ..] => skip_spaces(after),
        _ => rest,
    };
    let Some((moment, after)) = clock.moment(stamp) else {
        return if first { without_time(rest, clock, header) } else { text };
    };
    header.is_nxos |= stamp.get(4) == Some(&b' ') && stamp.first().is_some_and(u8::is_ascii_digit);
    header.time = Some(moment);
    if let [b':', after @ ..] = after {
        return skip_spaces(after);
    }
    if !first && !after.starts_with(b" ") {
        return text;
    }
    if header.host.is_empty() {
        host(skip_spaces(after), clock, header)
    } else {
        // The device's own time behind that of a relay.
        let rest = skip_spaces(after);
        match crate::text::word(rest) {
            (word, after) if word == header.host => skip_spaces(after),
            _ => rest,
        }
    }
}

/// No time comes first: it may be a host, with the time behind it.
fn without_time<'a>(text: &'a [u8], clock: &mut Clock, header: &mut Header<'a>) -> &'a [u8] {
    let (word, after) = crate::text::word(text);
    let name = word.strip_suffix(b":").unwrap_or(word);
    if is_uptime(name) && skip_spaces(after).starts_with(b"%") {
        return skip_spaces(after);
    }
    if !is_host(name) || number(name).is_some() {
        return text;
    }
    let after = skip_spaces(after);
    if WEEKDAYS.contains(&name) {
        return bsd(after, clock, header, false);
    }
    let known = *header;
    let rest = bsd(after, clock, header, false);
    let found = header.time != known.time;
    if found || (after.starts_with(b"%") && !word.starts_with(b"%")) {
        if header.host.is_empty() {
            header.host = name;
        }
        return rest;
    }
    // `foo: 000123: %SYS-5-…`: only a name that stands before a sign of Cisco.
    if word.len() > name.len() {
        let behind = sequence(after);
        if behind.len() < after.len() {
            if let Some((moment, rest)) = clock.moment(trim_star(behind)) {
                header.host = name;
                header.time = Some(moment);
                return skip_spaces(rest.strip_prefix(b":").unwrap_or(rest));
            }
        }
    }
    text
}

fn trim_star(text: &[u8]) -> &[u8] {
    match text {
        [b'*' | b'.', after @ ..] => skip_spaces(after),
        _ => text,
    }
}

fn sequence(text: &[u8]) -> &[u8] {
    match leading_number(text) {
        Some((_, [b':', b' ', after @ ..])) => after,
        _ => text,
    }
}

/// `1w2d`, `3d04h`, `00:01:12`: how long a router is up, which it may write in place of the time.
fn is_uptime(text: &[u8]) -> bool {
    let is_part = |part: &[u8], units: &[u8]| {
        part.split_last().is_some_and(|(unit, count)| units.contains(unit) && number(count).is_some())
    };
    match text {
        [.., b':', _, _, b':', _, _] => text.iter().all(|byte| byte.is_ascii_digit() || *byte == b':'),
        _ => {
            let mut parts = text.split_inclusive(|byte| !byte.is_ascii_digit());
            let (first, second) = (parts.next(), parts.next());
            let (Some(first), Some(second), None) = (first, second, parts.next()) else { return false };
            is_part(first, b"ywd") && is_part(second, b"wdh")
        }
    }
}

/// What access points of UniFi write before a message: their name, their MAC address, and model with version.
///
/// Gives the name, which some leave out, and what comes behind.
fn unifi(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (word, after) = split(text, b' ')?;
    let mut parts = word.strip_suffix(b":")?.split(|byte| *byte == b',');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    let (name, mac) = if third.is_some() { (first, second) } else { (&[][..], first) };
    let is_mac = mac.len() == 12 && mac.iter().all(u8::is_ascii_hexdigit);
    (is_mac && parts.next().is_none() && (name.is_empty() || is_host(name))).then_some((name, skip_spaces(after)))
}

/// Could this be the name of a host?
pub fn is_host(text: &[u8]) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':'))
        && text.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b':' || *byte == b'_')
        && text.last() != Some(&b':')
}

/// The host behind a time, where the next word is one; gives what comes after it.
fn host<'a>(text: &'a [u8], clock: &mut Clock, header: &mut Header<'a>) -> &'a [u8] {
    if let Some(message) = behind_session(text) {
        header.is_sql_server = true;
        return message;
    }
    let (word, after) = split(text, b' ').unwrap_or((text, &[]));
    let next = skip_spaces(after);
    // `fw : %ASA-…`, `fw: %ASA-…`, `switch %ETHPORT-…`
    if let Some((name, message)) = unifi(text) {
        header.host = name;
        return message;
    }
    let name = word.strip_suffix(b":").unwrap_or(word);
    if let [b'%', ..] | [b':', b' ', ..] = next {
        if is_host(name) && !word.starts_with(b"%") && !is_number(name) {
            header.host = name;
            return skip_spaces(next.strip_prefix(b":").unwrap_or(next));
        }
        return text;
    }
    if word.len() > name.len() || !is_host(word) || is_number(word) || next.is_empty() {
        return text;
    }
    if word.len() == 3 && crate::time::month(word).is_some() {
        // A relay's time before the device's.
        if let Some((moment, after)) = clock.moment(text) {
            header.relayed = header.time.replace(moment);
            return match after {
                [b':', after @ ..] => skip_spaces(after),
                _ => host(skip_spaces(after), clock, header),
            };
        }
        return text;
    }
    // The clock is ours, of a relay, and the host's name is followed by its own header.
    if let [b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'.' | b':' | b'<', ..] = next {
        let known = *header;
        (header.host, header.time) = (word, None);
        let after_relay = bsd(next, clock, header, false);
        if after_relay.len() < next.len() && header.time.is_some() {
            header.relayed = known.time;
            return after_relay;
        }
        *header = known;
    }
    let named = word.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_' | b':'));
    if named || (has_tag(next) && !begins_sentence(word, next)) || (is_repeat(next) && word != b"last") {
        header.host = word;
        return unifi(next).map_or(next, |(_, message)| message);
    }
    text
}

/// Is this the first word of a sentence, as in `Interface Gi0/1: down`, and not a host before a program?
fn begins_sentence(word: &[u8], next: &[u8]) -> bool {
    let [first, rest @ ..] = word else { return false };
    let tag = next.iter().position(|byte| matches!(byte, b':' | b'[' | b' '));
    let has_process = tag.is_some_and(|at| next.get(at) == Some(&b'['));
    first.is_ascii_uppercase()
        && rest.iter().all(u8::is_ascii_lowercase)
        && !has_process
        && !next.starts_with(b"kernel:")
}

fn is_number(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn is_repeat(text: &[u8]) -> bool {
    text.starts_with(b"last message repeated ") || text.starts_with(b"message repeated ")
}

/// Does the text begin with the name of a program, as `sshd[12]:` or `kernel:`?
fn has_tag(text: &[u8]) -> bool {
    let mut header = Header::default();
    tag(text, &mut header);
    let known = [
        &b"MSWinEventLog"[..],
        b"devname=",
        b"date=",
        b"1,20",
        b"0,20",
        b"CEF:",
        b"LEEF:",
        b"firewall,",
        b"system,",
        b"id=",
        b"{\"",
        COOKIE,
    ];
    !header.program.is_empty() || known.iter().any(|begin| text.starts_with(begin))
}

/// The program before the message, and its process (RFC 3164, section 4.1.3).
fn tag<'a>(text: &'a [u8], header: &mut Header<'a>) {
    header.message = text;
    let head = text.get(..text.len().min(80)).unwrap_or_default();
    let length =
        head.iter().position(|byte| matches!(byte, b':' | b'[' | b' ' | b'=' | b'\t' | b'"' | b'%')).unwrap_or(0);
    let Some(program) = text.get(..length).filter(|name| !name.is_empty()) else { return };
    if is_number(program) || is_address(program) || text.starts_with(COOKIE) {
        return;
    }
    match text.get(length..) {
        Some([b':', rest @ ..]) if rest.is_empty() || rest.starts_with(b" ") => {
            header.program = program;
            header.message = skip_spaces(rest);
        }
        Some([b'[', rest @ ..]) => {
            let Some((inside, after)) = split(rest.get(..rest.len().min(64)).unwrap_or_default(), b']') else { return };
            let after = rest.get(rest.len().min(64) - after.len()..).unwrap_or_default();
            let message = match after {
                [b':', message @ ..] => message,
                [] | [b' ', ..] => after,
                _ => return,
            };
            header.program = program;
            header.pid = number(trim(inside, b" ")).and_then(|pid| u32::try_from(pid).ok());
            header.message = skip_spaces(message);
        }
        Some([b' ', rest @ ..]) if program.first().is_some_and(u8::is_ascii_alphabetic) => {
            // `sshd 12 - - …`: no; `CRON (root) CMD`: neither. Only a process in brackets counts.
            let _ = rest;
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{bsd, header, skip_spaces, straight, tag, Clock, Header};

    const NOW: i64 = 1_772_600_000_000_000;

    fn clock() -> Clock {
        Clock::new(NOW, 3600)
    }

    /// What the long way says of a line.
    fn long_way(line: &[u8]) -> Header<'_> {
        let mut header = Header::default();
        let rest = bsd(skip_spaces(line), &mut clock(), &mut header, true);
        header.whole = rest;
        tag(rest, &mut header);
        header
    }

    #[test]
    fn the_straight_way_says_what_the_long_way_says() {
        let line = b"Mar  3 10:11:12 fw-1 %ASA-4-419002: Received duplicate TCP SYN";
        let mut clock = clock();
        header(line, &mut clock);
        assert!(straight(line, &mut clock).is_some());
        let (mut taken, others) = (0, b" 019:.-*%<>AZaz[]/+");
        for at in 0..line.len().min(32) {
            for other in 0..=others.len() {
                let mut changed = line.to_vec();
                match others.get(other) {
                    Some(byte) => changed[at] = *byte,
                    None => drop(changed.remove(at)),
                }
                let Some((moment, host, whole)) = straight(&changed, &mut clock) else { continue };
                let long = long_way(&changed);
                let text = String::from_utf8_lossy(&changed);
                assert_eq!((Some(moment), host, whole), (long.time, long.host, long.whole), "{text}");
                assert_eq!((&[][..], whole), (long.program, long.message), "{text}");
                taken += 1;
            }
        }
        assert!(taken > 100, "{taken}");
    }
}
