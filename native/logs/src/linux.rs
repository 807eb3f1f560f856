//! Programs of Linux whose messages say who logged in, or what was changed.

use crate::row::Row;
use crate::text::{after, number, trim, word};

/// Fill in what the message tells; its two ends are known already.
pub fn read<'a>(message: &'a [u8], row: &mut Row<'a>) {
    match row.program {
        b"sshd" | b"sshd-session" | b"dropbear" | b"login" => session(message, row),
        b"su" | b"sudo" => {
            let (name, rest) = word(message);
            if word(rest).0 == b":" {
                row.user = name;
                row.action = b"command";
                row.reason = after(message, b"COMMAND=").unwrap_or_default();
            }
        }
        b"CRON" | b"crond" | b"cron" => {
            if let Some(rest) = message.strip_prefix(b"(") {
                row.user = crate::text::split(rest, b')').map_or(b"", |(name, _)| name);
                row.action = b"command";
            }
        }
        // Behind a query, the name server's own address stands in brackets.
        b"named" => {
            let own = std::mem::take(&mut row.source.nat);
            if row.destination.address.is_empty() {
                row.destination.address = own;
            }
        }
        // Of a request, the server that it is meant for stands in brackets.
        b"dhcpd" => row.destination.address = std::mem::take(&mut row.source.nat),
        // An address that a name has is no end of anything.
        b"dnsmasq" if is_answer(message) => {
            (row.source, row.destination) = Default::default();
        }
        b"vmkernel" | b"vmkwarning" | b"Hostd" | b"hostd" | b"vpxa" | b"Vpxa" | b"vobd" | b"Rhttpproxy" => {
            row.vendor = "esxi";
        }
        _ => {}
    }
}

fn is_answer(message: &[u8]) -> bool {
    let (verb, rest) = word(message);
    let is_of_file = verb.starts_with(b"/") && after(rest, b" is ").is_some();
    is_of_file || matches!(verb, b"reply" | b"cached" | b"config")
}

fn session<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let (verb, rest) = word(message);
    row.action = match verb {
        b"Accepted" => b"login",
        b"Failed" => b"login-failed",
        b"Invalid" | b"Bad" => b"login-failed",
        b"Disconnected" | b"Received" | b"Connection" => b"disconnected",
        _ => b"",
    };
    let name = after(rest, b"invalid user ")
        .or_else(|| after(rest, b" for "))
        .or_else(|| after(message, b" user "))
        .or_else(|| message.strip_prefix(b"Invalid user "));
    if let Some(rest) = name {
        let (name, _) = word(rest);
        if name != b"from" && number(name).is_none() && !crate::address::is_address(name) {
            row.user = trim(name, b",.:'");
        }
    }
    if row.action == b"login" || row.action == b"login-failed" {
        row.transport = b"tcp";
        row.initiator = "source";
    }
}
