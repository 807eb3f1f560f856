//! RouterOS: topics between commas, then the message (MikroTik "Log" manual).

use crate::address::end;
use crate::asa::protocol;
use crate::header::Header;
use crate::row::Row;
use crate::scan::ends;
use crate::text::{after, number, split, trim, word};

const TOPICS: [&[u8]; 20] = [
    b"firewall",
    b"system",
    b"dhcp",
    b"wireless",
    b"interface",
    b"account",
    b"info",
    b"pppoe",
    b"l2tp",
    b"ipsec",
    b"ovpn",
    b"script",
    b"dns",
    b"bgp",
    b"ospf",
    b"caps",
    b"hotspot",
    b"radius",
    b"error",
    b"critical",
];

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, _message: &'a [u8], row: &mut Row<'a>) -> bool {
    let (topics, message) = word(header.whole);
    let Some((first, _)) = split(topics, b',') else { return false };
    let plain =
        topics.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b',' | b'-'));
    if !plain || !TOPICS.contains(&first) {
        return false;
    }
    row.vendor = "mikrotik";
    row.program = b"";
    row.pid = None;
    row.code = topics;
    row.severity =
        row.severity.or(crate::header::severity(topics.rsplit(|byte| *byte == b',').next().unwrap_or_default()));
    if first == b"firewall" {
        packet(message, row);
    } else {
        let found = ends(message);
        row.source = found.source.unwrap_or_default();
        row.destination = found.destination.unwrap_or_default();
        if first == b"system" {
            if let Some(rest) = message.strip_prefix(b"user ") {
                row.user = word(rest).0;
            } else if let Some(rest) = after(message, b"for user ") {
                row.user = word(rest).0;
            } else if let Some(rest) = after(message, b" by ") {
                row.user = trim(word(rest).0, b",.");
            }
            row.action = if after(message, b"login failure").is_some() {
                b"login-failed"
            } else if after(message, b" logged in").is_some() {
                b"login"
            } else if after(message, b" logged out").is_some() {
                b"logout"
            } else if after(message, b" changed by ").is_some() {
                b"configuration"
            } else {
                b""
            };
        }
    }
    true
}

/// `forward: in:ether1 out:ether2, proto TCP (SYN), 10.0.0.1:1024->192.0.2.1:80, len 60`
fn packet<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let mut rest = message;
    for _ in 0..24 {
        let (one, next) = word(rest);
        rest = next;
        let one = trim(one, b",");
        if let Some(name) = one.strip_prefix(b"in:") {
            row.source.interface = trim(split(name, b'(').map_or(name, |(name, _)| name), b"<>");
        } else if let Some(name) = one.strip_prefix(b"out:") {
            let name = split(name, b'(').map_or(name, |(name, _)| name);
            row.destination.interface = if name == b"" { b"" } else { name };
        } else if one == b"proto" {
            row.transport = protocol(trim(word(next).0, b","));
        } else if one == b"len" {
            row.bytes = number(trim(word(next).0, b","));
        } else if let Some(at) = memchr::memmem::find(one, b"->").filter(|_| row.source.address.is_empty()) {
            let source = one.get(..at).and_then(|text| end(text, false)).unwrap_or_default();
            let destination = one.get(at + 2..).and_then(|text| end(text, false)).unwrap_or_default();
            (row.source.address, row.source.port) = (source.address, source.port);
            (row.destination.address, row.destination.port) = (destination.address, destination.port);
        }
    }
    let (chain, _) = split(message, b':').unwrap_or_default();
    let (last, _) = split(chain, b' ').map_or((chain, chain), |_| {
        let at = memchr::memrchr(b' ', chain).map_or(0, |at| at + 1);
        (chain.get(at..).unwrap_or_default(), chain)
    });
    row.rule = last;
    row.direction = match last {
        b"input" => "inbound",
        b"output" => "outbound",
        _ => "",
    };
    row.initiator = if row.source.address.is_empty() { "" } else { "source" };
}
