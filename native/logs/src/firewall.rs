//! Packets that netfilter logs (net/netfilter/nf_log_syslog.c), and those that tcpdump prints of pf's log.

use crate::address::{is_address, port};
use crate::asa::protocol;
use crate::header::{is_host, Header};
use crate::row::{End, Row};
use crate::text::{after, split, split_last, trim, word};

/// The longest prefix that the kernel logs (NF_LOG_PREFIXLEN).
const PREFIX: usize = 128;

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    if message.starts_with(b"rule ") {
        return tcpdump(message, row);
    }
    let head = message.get(..message.len().min(PREFIX + 40)).unwrap_or_default();
    let ends = |at: &usize| head.get(..*at).is_some_and(|before| before.ends_with(b"IN"));
    let Some(begin) = memchr::memchr_iter(b'=', head).find(ends).map(|at| at - 2) else { return false };
    let packet = message.get(begin..).unwrap_or_default();
    if after(packet, b" OUT=").is_none() && after(packet, b" SRC=").is_none() {
        return false;
    }
    row.vendor = "netfilter";
    let mut said = message.get(..begin).unwrap_or_default();
    // Gateways of UniFi leave out the program: `UDMPro [WAN_IN-2001-A] DESCR="allow" IN=…`.
    let (first, rest) = word(said);
    if header.host.is_empty() && header.program.is_empty() && is_host(first) && rest.starts_with(b"[") {
        row.host = first;
        said = rest;
    }
    if let Some((before, description)) = split_at(said, b" DESCR=\"") {
        said = before;
        row.rule = split(description, b'"').map_or(description, |(inside, _)| inside);
    }
    row.code = prefix(said);
    if row.code.is_empty() {
        row.code = b"packet";
    }
    row.action = verdict(row.code);
    let mut rest = packet;
    while !rest.is_empty() {
        let (one, next) = word(rest);
        rest = next;
        // Of an ICMP error, the packet inside is in brackets.
        if one.starts_with(b"[") {
            break;
        }
        let Some((key, value)) = split(one, b'=') else { continue };
        match key {
            b"IN" => row.source.interface = value,
            b"OUT" => row.destination.interface = value,
            b"SRC" => row.source.address = value,
            b"DST" => row.destination.address = value,
            b"SPT" => row.source.port = port(value),
            b"DPT" => row.destination.port = port(value),
            b"PROTO" => row.transport = protocol(value),
            b"LEN" if row.bytes.is_none() => row.bytes = crate::text::number(value),
            _ => {}
        }
    }
    row.direction = match (row.source.interface.is_empty(), row.destination.interface.is_empty()) {
        (false, true) => "inbound",
        (true, false) => "outbound",
        _ => "",
    };
    true
}

/// The words before the packet, without the kernel's clock and what ends them.
fn prefix(text: &[u8]) -> &[u8] {
    let text = trim(text, b" ");
    let text = match text.strip_prefix(b"[").and_then(|rest| split(rest, b']')) {
        Some((inside, rest)) if inside.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b' ')) => rest,
        _ => text,
    };
    trim(text, b" []:-,")
}

/// What is before and after a text.
fn split_at<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let rest = after(text, at)?;
    Some((text.get(..text.len() - rest.len() - at.len())?, rest))
}

fn verdict(prefix: &[u8]) -> &'static [u8] {
    // Of Vyatta and its heirs, the verdict is the letter behind the number of the rule: `[WAN_LOCAL-default-D]`.
    match prefix {
        [b'A'..=b'Z', .., b'-', b'D' | b'R'] => return b"deny",
        [b'A'..=b'Z', .., b'-', b'A'] => return b"allow",
        _ => {}
    }
    let has = |word: &[u8]| prefix.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    if [&b"BLOCK"[..], b"DROP", b"REJECT", b"DENY", b"DENIED", b"INVALID"].into_iter().any(has) {
        b"deny"
    } else if [&b"ALLOW"[..], b"ACCEPT"].into_iter().any(has) {
        b"allow"
    } else {
        b""
    }
}

/// `rule 5/0(match): block in on em0: 192.0.2.1.1024 > 198.51.100.1.80: Flags [S]…`
fn tcpdump<'a>(message: &'a [u8], row: &mut Row<'a>) -> bool {
    let (name, rest) = word(message.get(5..).unwrap_or_default());
    let (verdict, rest) = word(rest);
    let (direction, rest) = word(rest);
    let (on, rest) = word(rest);
    if !name.ends_with(b":") || on != b"on" || !matches!(direction, b"in" | b"out") {
        return false;
    }
    row.vendor = "pf";
    row.code = b"rule";
    row.rule = split(name, b'/').map_or(name, |(number, _)| number);
    row.action = if verdict == b"pass" { b"allow" } else { b"deny" };
    row.direction = if direction == b"in" { "inbound" } else { "outbound" };
    let (interface, rest) = word(rest);
    let (source, rest) = word(rest);
    let (arrow, rest) = word(rest);
    if arrow == b">" {
        row.source = dotted(source);
        row.destination = dotted(trim(word(rest).0, b":"));
        row.initiator = "source";
    }
    row.source.interface = trim(interface, b":");
    true
}

/// `192.0.2.1.80`: the port behind the last dot.
fn dotted(text: &[u8]) -> End<'_> {
    if is_address(text) {
        return End { address: text, ..End::default() };
    }
    match split_last(text, b'.') {
        Some((address, number)) if is_address(address) => End { address, port: port(number), ..End::default() },
        _ => End::default(),
    }
}
