//! Events of Windows, as the agents Snare, NXLog and Winlogbeat send them.

use crate::address::{end, is_address, port};
use crate::header::{parameter, Header};
use crate::row::Row;
use crate::text::{after, number, split, trim};
use crate::time::month;

/// Fill in what the message tells, if it is one.
pub fn read<'a>(header: &Header<'a>, message: &'a [u8], row: &mut Row<'a>) -> bool {
    let text = header.whole;
    if text.starts_with(b"MSWinEventLog") {
        snare(text, row);
    } else if header.data.starts_with(b"[NXLOG@14506") {
        row.vendor = "windows";
        row.code = parameter(header.data, b"EventID");
        let address = parameter(header.data, b"IpAddress");
        if is_address(address) {
            row.source.address = address;
            row.source.port = port(parameter(header.data, b"IpPort"));
        }
        row.user = parameter(header.data, b"TargetUserName");
    } else if !header.event.is_empty() {
        row.vendor = "windows";
        row.code = header.event;
    } else if header.program.starts_with(b"Microsoft-Windows-") {
        row.vendor = "windows";
    } else {
        return false;
    }
    if row.source.address.is_empty() {
        details(message, row);
    }
    row.action = action(row.code);
    true
}

/// What an event of an id tells.
fn action(code: &[u8]) -> &'static [u8] {
    match code {
        b"4624" | b"4648" => b"login",
        b"4625" | b"4771" | b"4776" => b"login-failed",
        b"4634" | b"4647" => b"logout",
        b"5152" | b"5157" => b"deny",
        b"5156" => b"allow",
        b"6005" | b"6008" | b"1074" => b"restart",
        _ => b"",
    }
}

/// Values between tabs: criticality, log, counter, time, id, source, user, kind, result, host, category, …
fn snare<'a>(text: &'a [u8], row: &mut Row<'a>) {
    row.vendor = "windows";
    let mut values = [&b""[..]; 12];
    let mut parts = text.split(|byte| *byte == b'\t');
    for value in &mut values {
        *value = parts.next().unwrap_or_default();
    }
    let [_, _, _, _, _, id, source, user, _, _, host, _] = values;
    row.code = id;
    row.program = source;
    if !matches!(user, b"" | b"N/A" | b"-") {
        row.user = user;
    }
    if row.host.is_empty() && crate::header::is_host(host) {
        row.host = host;
    }
    let _ = month;
}

/// `Source Network Address: 192.0.2.1` and the like, with tabs or spaces between.
fn details<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let value = |name: &[u8]| {
        let rest = after(message, name)?;
        let begin = rest.iter().position(|byte| !matches!(byte, b'\t' | b' '))?;
        let rest = rest.get(begin..)?;
        let end = rest.iter().position(|byte| matches!(byte, b'\t' | b' ' | b'\r' | b'\n')).unwrap_or(rest.len());
        rest.get(..end)
    };
    let address = |name: &[u8]| value(name).and_then(|text| end(text, false)).unwrap_or_default();
    row.source = address(b"Source Network Address:");
    if row.source.address.is_empty() {
        row.source = address(b"Source Address:");
    }
    if row.source.address.is_empty() {
        row.source = address(b"Client Address:");
    }
    row.destination = address(b"Destination Address:");
    if row.source.port.is_none() {
        row.source.port = value(b"Source Port:").and_then(port);
    }
    row.destination.port = value(b"Destination Port:").and_then(port);
    if let Some(kind) = value(b"Protocol:").filter(|_| !row.destination.address.is_empty()) {
        row.transport = crate::asa::protocol(kind);
    }
    if row.user.is_empty() {
        // The second account is who logs in; the first is who let it happen.
        let rest = after(message, b"New Logon:").or_else(|| after(message, b"Account For Which Logon Failed:"));
        let name = rest.unwrap_or(message);
        if let Some(rest) = after(name, b"Account Name:") {
            let rest = trim(rest, b"\t ");
            row.user = split(rest, b'\t').or_else(|| split(rest, b' ')).map_or(rest, |(name, _)| trim(name, b" "));
        }
    }
    let _ = number;
}
