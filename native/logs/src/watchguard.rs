//! Firebox of WatchGuard: `Allow 1-Trusted 0-External 52 tcp 20 127 10.0.1.2 203.0.113.9 50123 443 …` (Fireware "Log
//! Catalog", packet filter messages: policy's verdict, interfaces, length, protocol, header's length, TTL, ends, ports).

use crate::address::{is_address, port};
use crate::asa::protocol;
use crate::row::Row;
use crate::text::{after, number, skip_spaces, split, word};

/// Fill in what the message tells, if it is one.
pub fn read<'a>(message: &'a [u8], row: &mut Row<'a>) -> bool {
    // Some have the time of Greenwich and the process before it: `(2026-03-03T09:11:12) firewall: `.
    let text = match message {
        [b'(', rest @ ..] => split(rest, b')').map_or(message, |(_, rest)| skip_spaces(rest)),
        _ => message,
    };
    let text = text.strip_prefix(b"firewall: ").unwrap_or(text);
    let (code, text) = match text.strip_prefix(b"msg_id=\"") {
        Some(rest) => split(rest, b'"').unwrap_or_default(),
        None => (&b""[..], text),
    };
    let (verdict, rest) = word(text);
    let action: &[u8] = match verdict {
        b"Allow" => b"allow",
        b"Deny" => b"deny",
        _ => return false,
    };
    let mut words = [&b""[..]; 10];
    let mut rest = rest;
    for one in &mut words {
        (*one, rest) = word(rest);
    }
    let [from, to, length, kind, header, ttl, source, destination, source_port, destination_port] = words;
    let has_numbers = [length, header, ttl].iter().all(|text| number(text).is_some());
    if !has_numbers || !is_address(source) || !is_address(destination) {
        return false;
    }
    row.vendor = "watchguard";
    row.code = if code.is_empty() { b"firewall" } else { code };
    row.program = b"firewall";
    row.action = action;
    row.source.interface = from;
    row.destination.interface = to;
    row.bytes = number(length);
    row.transport = protocol(kind);
    row.source.address = source;
    row.destination.address = destination;
    if matches!(row.transport, b"tcp" | b"udp") {
        row.source.port = port(source_port);
        row.destination.port = port(destination_port);
    }
    let name = after(rest, b"(").and_then(|rest| split(rest, b')')).map_or(&b""[..], |(name, _)| name);
    row.rule = name;
    row.initiator = "source";
    true
}
