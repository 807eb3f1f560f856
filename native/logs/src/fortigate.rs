//! FortiGate: keys and values, `date=… devname=… logid=…` (FortiOS Log Message Reference).

use crate::address::port;
use crate::asa::protocol;
use crate::header::{severity, Header};
use crate::keys::pairs;
use crate::row::Row;
use crate::text::number;
use crate::time::Clock;

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, _message: &'a [u8], row: &mut Row<'a>) -> bool {
    let text = header.whole;
    let head = text.get(..text.len().min(320)).unwrap_or_default();
    let begins = [&b"date="[..], b"logver=", b"timestamp=", b"devname=", b"time="];
    if !begins.iter().any(|begin| head.starts_with(begin)) || memchr::memmem::find(head, b"logid=").is_none() {
        return false;
    }
    row.vendor = "fortigate";
    row.program = b"";
    row.pid = None;
    let (mut date, mut time, mut zone, mut moment) = (&b""[..], &b""[..], &b""[..], None);
    let (mut sent, mut received) = (None, None);
    let mut status = &b""[..];
    let mut kinds = [&b""[..]; 2];
    for (key, value) in pairs(text) {
        match key {
            b"date" => date = value,
            b"time" => time = value,
            b"tz" => zone = value,
            b"eventtime" => moment = number(value).map(|number| (number, value.len())),
            b"devname" if row.host.is_empty() => row.host = value,
            b"logid" => row.code = value,
            b"level" if row.severity.is_none() => row.severity = severity(value),
            b"type" => kinds[0] = value,
            b"subtype" => kinds[1] = value,
            b"srcip" => row.source.address = value,
            b"dstip" => row.destination.address = value,
            b"srcport" => row.source.port = port(value),
            b"dstport" => row.destination.port = port(value),
            b"srcintf" => row.source.interface = value,
            b"dstintf" => row.destination.interface = value,
            b"transip" if value != b"0.0.0.0" => row.source.nat = value,
            b"tranip" if value != b"0.0.0.0" => row.destination.nat = value,
            b"proto" => row.transport = protocol(value),
            b"action" => row.action = verdict(value),
            b"status" => status = value,
            b"policyname" => row.rule = value,
            b"policyid" if row.rule.is_empty() => row.rule = value,
            b"user" => row.user = value,
            b"sentbyte" => sent = number(value),
            b"rcvdbyte" => received = number(value),
            b"duration" => row.duration = number(value).and_then(|value| u32::try_from(value).ok()),
            b"msg" | b"logdesc" if row.reason.is_empty() => row.reason = value,
            b"count" => row.weight = number(value).and_then(|value| u32::try_from(value).ok()).unwrap_or(1).max(1),
            _ => {}
        }
    }
    if row.action == b"login" && matches!(status, b"failed" | b"failure") {
        row.action = b"login-failed";
    }
    if sent.is_some() || received.is_some() {
        row.bytes = Some(sent.unwrap_or(0u64).saturating_add(received.unwrap_or(0)));
    }
    if !row.source.address.is_empty() && kinds[0] == b"traffic" {
        row.initiator = "source";
    }
    row.time = match moment {
        Some((number, 16)) => i64::try_from(number).ok(),
        Some((number, 19)) => i64::try_from(number / 1000).ok(),
        Some((number, 10)) => i64::try_from(number * 1_000_000).ok(),
        _ => stamp(date, time, zone).or(row.time),
    };
    true
}

fn stamp(date: &[u8], time: &[u8], zone: &[u8]) -> Option<i64> {
    // Without a zone it is of that of the header, or of the clock that read it there.
    if zone.is_empty() {
        return None;
    }
    let text = [date, b"T", time, zone].concat();
    let (moment, rest) = Clock::default().moment(&text)?;
    rest.is_empty().then_some(moment)
}

fn verdict(value: &[u8]) -> &[u8] {
    match value {
        b"accept" | b"close" | b"client-rst" | b"server-rst" | b"timeout" | b"pass" | b"passthrough" | b"start" => {
            b"allow"
        }
        b"deny" | b"blocked" | b"block" | b"dropped" | b"ip-conn" => b"deny",
        _ => value,
    }
}
