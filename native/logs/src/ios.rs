//! Messages of IOS, IOS-XR and NX-OS: who was denied, how often, and who configured.

use crate::address::{end, port};
use crate::asa::protocol;
use crate::row::Row;
use crate::scan::ends;
use crate::text::{after, between, leading_number, trim, word};

/// Fill in what the message tells.
pub fn read<'a>(message: &'a [u8], row: &mut Row<'a>) {
    // `list 101 denied tcp 192.0.2.1(1024) -> 198.51.100.1(80), 3 packets`
    if let Some(rest) = after(message, b"list ") {
        let (name, rest) = word(rest);
        let (verdict, rest) = word(rest);
        if matches!(verdict, b"denied" | b"permitted") {
            row.rule = name;
            row.action = if verdict == b"denied" { b"deny" } else { b"allow" };
            row.transport = protocol(word(rest).0);
            let count = memchr::memrchr(b',', rest).and_then(|at| leading_number(rest.get(at + 2..)?));
            if let Some((count, _)) = count.filter(|(_, more)| more.starts_with(b" packet")) {
                row.weight = u32::try_from(count).unwrap_or(u32::MAX).max(1);
            }
        }
    }
    let found = ends(message);
    row.source = found.source.unwrap_or_default();
    row.destination = found.destination.unwrap_or_default();
    if row.code.ends_with(b"UPDOWN") {
        // `Interface GigabitEthernet0/1, changed state to down`
        row.source.interface = after(message, b"nterface ").map_or(b"", |rest| trim(word(rest).0, b",.:"));
    } else if row.code.ends_with(b"-MACFLAP_NOTIF") {
        // `Host 0050.56aa.bbcc in vlan 10 is flapping between port Gi1/0/1 and port Gi1/0/2`
        let port = |before: &[u8]| after(message, before).map_or(&b""[..], |rest| trim(word(rest).0, b",."));
        row.source.interface = port(b"between port ");
        row.destination.interface = port(b"and port ");
    } else if row.code.ends_with(b"-LOGIN_FAILED") || row.code.ends_with(b"-LOGIN_SUCCESS") {
        let failed = row.code.ends_with(b"FAILED");
        row.action = if failed { b"login-failed" } else { b"login" };
        row.user = between(message, b"[user: ", b"]").unwrap_or_default();
    } else if row.code.ends_with(b"-CONFIG_I") || row.code.ends_with(b"-CFGLOG_LOGGEDCMD") {
        row.action = b"configuration";
        if let Some(rest) = after(message, b" by ").or_else(|| after(message, b"User:")) {
            let (name, rest) = word(rest);
            row.user = trim(name, b",.");
            // `by alice on vty0 (10.1.2.3)`
            let place = memchr::memrchr(b'(', rest).and_then(|at| rest.get(at..));
            if let Some(place) = place.filter(|_| row.source.address.is_empty()) {
                row.source = end(trim(place, b"()"), false).unwrap_or_default();
            }
        }
    } else if row.code.starts_with(b"ACLLOG-") {
        flow(message, row);
    } else if row.code.ends_with(b"-RESTART") || row.code.ends_with(b"-RELOAD") {
        row.action = b"restart";
    }
}

/// `Src IP: 10.1.1.5, Dst IP: 10.2.2.6, Src Port: 51234, Dst Port: 443, Src Intf: Ethernet1/3, Protocol: "TCP"(6),
/// Hit-count = 17` of NX-OS.
fn flow<'a>(message: &'a [u8], row: &mut Row<'a>) {
    let value = |key: &[u8]| after(message, key).map_or(&b""[..], |rest| trim(word(rest).0, b",\""));
    row.source.port = port(value(b"Src Port:"));
    row.destination.port = port(value(b"Dst Port:"));
    row.source.interface = value(b"Src Intf:");
    row.rule = value(b"ACL Name:");
    let (name, _) = crate::text::split(value(b"Protocol:"), b'(').unwrap_or_default();
    row.transport = protocol(trim(name, b"\""));
    let hits = after(message, b"Hit-count =").and_then(|rest| crate::text::number(trim(word(rest).0, b",.")));
    row.weight = hits.and_then(|hits| u32::try_from(hits).ok()).unwrap_or(1).max(1);
    row.action = match value(b"ACL Action:") {
        b"Permit" => b"allow",
        b"Deny" => b"deny",
        _ => b"",
    };
}
