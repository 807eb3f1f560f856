//! access.log of Squid in its native format: time, milliseconds, client, result and status, bytes, method, URL, user,
//! how it went on and to whom, type (Squid wiki, "Squid Log Files").

use crate::address::{is_address, port};
use crate::row::Row;
use crate::stamps::epoch;
use crate::text::{number, split, split_last, word};

/// Fill in what the message tells, if it is one. Its wording is that of any line: it has no ids.
pub fn read<'a>(message: &'a [u8], row: &mut Row<'a>) -> bool {
    let Some((_, rest @ [b' ', ..])) = epoch(message) else { return false };
    let mut words = [&b""[..]; 8];
    let mut rest = rest;
    for one in &mut words {
        (*one, rest) = word(rest);
    }
    let [span, client, result, bytes, method, url, user, onward] = words;
    let (Some(span), Some((result, _)), Some((how, peer))) = (number(span), split(result, b'/'), split(onward, b'/'))
    else {
        return false;
    };
    if !is_address(client) || how.is_empty() || !how.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_') {
        return false;
    }
    row.source.address = client;
    row.initiator = "source";
    row.transport = b"tcp";
    row.bytes = number(bytes);
    row.duration = u32::try_from(span / 1000).ok();
    row.reason = result;
    if result.starts_with(b"TCP_DENIED") {
        row.action = b"deny";
    }
    if user != b"-" {
        row.user = user;
    }
    if is_address(peer) {
        row.destination.address = peer;
        if method == b"CONNECT" && how == b"HIER_DIRECT" {
            row.destination.port = split_last(url, b':').and_then(|(_, number)| port(number));
        }
    }
    true
}
