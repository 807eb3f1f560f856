//! Values between commas: Palo Alto Networks (PAN-OS "Syslog Field Descriptions") and filterlog of pfSense and
//! OPNsense (pfSense "Raw Filter Log Format").

use crate::address::port;
use crate::asa::protocol;
use crate::header::{severity, Header};
use crate::row::Row;
use crate::text::{number, split};

const MOST: usize = 80;

/// The values of a line; those in quotes may have commas.
struct Values<'a> {
    values: [&'a [u8]; MOST],
}

impl<'a> Values<'a> {
    fn of(text: &'a [u8]) -> Values<'a> {
        let mut values = [&[][..]; MOST];
        let mut rest = text;
        for value in &mut values {
            if let Some(inside) = rest.strip_prefix(b"\"") {
                if let Some((quoted, after)) = split(inside, b'"') {
                    *value = quoted;
                    rest = after.strip_prefix(b",").unwrap_or(after);
                    continue;
                }
            }
            match split(rest, b',') {
                Some((one, after)) => (*value, rest) = (one, after),
                None => {
                    *value = rest;
                    break;
                }
            }
        }
        Values { values }
    }

    fn at(&self, place: usize) -> &'a [u8] {
        self.values.get(place).copied().unwrap_or_default()
    }
}

/// Fill in what the message tells, if it is one of the two.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    if header.program == b"filterlog" {
        return filterlog(message, row);
    }
    match header.whole {
        [b'0' | b'1', b',', b'2', b'0', ..] => palo_alto(header.whole, row),
        _ => false,
    }
}

fn palo_alto<'a>(message: &'a [u8], row: &mut Row<'a>) -> bool {
    let values = Values::of(message);
    let kind = values.at(3);
    if kind.is_empty() || !kind.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')) {
        return false;
    }
    row.vendor = "palo_alto";
    row.program = b"";
    row.code = kind;
    if kind != b"TRAFFIC" && kind != b"THREAT" {
        if kind == b"SYSTEM" {
            row.action = values.at(8);
            row.reason = values.at(14);
            row.severity = row.severity.or(severity(values.at(13)));
        } else if kind == b"CONFIG" {
            row.action = b"configuration";
            row.source.address = values.at(7);
            row.user = values.at(10);
            row.reason = values.at(9);
        }
        return true;
    }
    let translated = |address: &'a [u8], real: &[u8]| match address {
        b"0.0.0.0" | b"::" => &[][..],
        address if address == real => &[],
        address => address,
    };
    row.source.address = values.at(7);
    row.destination.address = values.at(8);
    row.source.nat = translated(values.at(9), row.source.address);
    row.destination.nat = translated(values.at(10), row.destination.address);
    row.rule = values.at(11);
    row.user = values.at(12);
    row.source.interface = if values.at(18).is_empty() { values.at(16) } else { values.at(18) };
    row.destination.interface = if values.at(19).is_empty() { values.at(17) } else { values.at(19) };
    row.weight = number(values.at(23)).and_then(|count| u32::try_from(count).ok()).unwrap_or(1).max(1);
    row.source.port = port(values.at(24));
    row.destination.port = port(values.at(25));
    row.transport = protocol(values.at(29));
    row.action = match values.at(30) {
        b"allow" | b"alert" => b"allow",
        b"deny" | b"drop" | b"drop-icmp" | b"reset-both" | b"reset-client" | b"reset-server" | b"block-url" => b"deny",
        other => other,
    };
    row.initiator = "source";
    if kind == b"TRAFFIC" {
        row.bytes = number(values.at(31));
        row.duration = number(values.at(36)).and_then(|span| u32::try_from(span).ok());
        row.reason = values.at(46);
    } else {
        row.reason = values.at(32);
    }
    true
}

fn filterlog<'a>(message: &'a [u8], row: &mut Row<'a>) -> bool {
    let values = Values::of(message);
    let (kind, at) = match values.at(8) {
        b"4" => (values.at(16), 18),
        b"6" => (values.at(12), 15),
        _ => return false,
    };
    row.vendor = "pf";
    row.code = b"filterlog";
    row.rule = if values.at(3).is_empty() { values.at(0) } else { values.at(3) };
    row.source.interface = values.at(4);
    row.reason = values.at(5);
    row.action = match values.at(6) {
        b"pass" => b"allow",
        b"block" | b"reject" => b"deny",
        other => other,
    };
    row.direction = match values.at(7) {
        b"in" => "inbound",
        b"out" => "outbound",
        _ => "",
    };
    row.transport = protocol(kind);
    row.source.address = values.at(at);
    row.destination.address = values.at(at + 1);
    if matches!(row.transport, b"tcp" | b"udp") {
        row.source.port = port(values.at(at + 2));
        row.destination.port = port(values.at(at + 3));
    }
    row.initiator = "source";
    true
}
