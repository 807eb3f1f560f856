//! Check Point: what Log Exporter sends as "syslog", `action:"Drop"; src:"10.1.1.1"; …`, or as "generic", with `=`
//! ("Log Exporter - Check Point Log Export", sk122323).

use crate::address::port;
use crate::asa::protocol;
use crate::cef::verdict;
use crate::header::Header;
use crate::row::Row;
use crate::services::port_of;
use crate::stamps::seconds;
use crate::text::{number, trim};

/// Fields of a line that are looked at.
const MOST: usize = 256;

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    let is_named = header.program == b"CheckPoint";
    let text = match header.data {
        [b'[', inside @ ..] if is_named || has_colon(inside) => inside,
        [] if is_named && (has_colon(message) || message.starts_with(b"[")) => message,
        _ => return false,
    };
    row.vendor = "check_point";
    let (mut inbound, mut interface, mut service) = (true, &b""[..], &b""[..]);
    for (key, value) in fields(text).take(MOST) {
        match key {
            b"src" => row.source.address = value,
            b"dst" => row.destination.address = value,
            b"s_port" => row.source.port = port(value),
            b"service" => service = value,
            b"xlatesrc" if !is_nobody(value) => row.source.nat = value,
            b"xlatedst" if !is_nobody(value) => row.destination.nat = value,
            b"proto" => row.transport = protocol(value),
            b"action" | b"Action" => row.action = action(value),
            b"ifdir" => inbound = value != b"outbound",
            b"ifname" => interface = value,
            b"rule_name" => row.rule = value,
            b"rule" if row.rule.is_empty() => row.rule = value,
            b"user" | b"src_user_name" => row.user = value,
            b"product" => row.code = value,
            b"bytes" => row.bytes = number(value),
            b"reason" | b"message_info" => row.reason = value,
            b"time" if row.time.is_none() => row.time = seconds(value),
            _ => {}
        }
    }
    if row.code.is_empty() {
        row.code = b"log";
    }
    if !matches!(row.transport, b"icmp" | b"ipv6-icmp") {
        row.destination.port = port(service).or_else(|| port_of(service));
    }
    let side = if inbound { &mut row.source } else { &mut row.destination };
    side.interface = interface;
    if !row.source.address.is_empty() {
        row.initiator = "source";
    }
    true
}

fn is_nobody(address: &[u8]) -> bool {
    matches!(address, b"0.0.0.0" | b"::" | b"")
}

/// Does it begin with a name, a colon and a quote? Structured data of RFC 5424 does not.
fn has_colon(text: &[u8]) -> bool {
    let name = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    name > 0 && text.get(name..).is_some_and(|rest| rest.starts_with(b":\""))
}

fn action(value: &[u8]) -> &[u8] {
    match value {
        b"Prevent" => b"deny",
        b"Detect" | b"Encrypt" | b"Decrypt" => b"allow",
        b"Log In" => b"login",
        b"Failed Log In" => b"login-failed",
        b"Log Out" => b"logout",
        _ => verdict(value),
    }
}

/// Each name and its value, whose quotes a backslash may stand before.
fn fields(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let quote = memchr::memchr(b'"', rest)?;
        let name = trim(rest.get(..quote)?.get(..quote.checked_sub(1)?)?, b" ;[");
        let name = name.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
        let inside = rest.get(quote + 1..)?;
        let mut escaped = false;
        let end = inside.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(inside.len());
        rest = inside.get(end + 1..).unwrap_or_default();
        Some((name, inside.get(..end)?))
    })
}
